/* Starts the sample as Zephyr does, then types lines into its shell. */
#include <string.h>

#include <zephyr/shell/shell.h>

extern const struct shell_command command_complete, command_next;

int sample_main(void);

/* newlib's snprintf wants to know where a heap is; there is none. */
void *_sbrk(int more);
void *_sbrk(int more)
{
    (void)more;
    return (void *)-1;
}

static const char *const LINES[] = {"complete see you at the s", "next i am going to", "complete see you tom", "next"};

static int run(const char *line)
{
    static const struct shell shell;
    const struct shell_command *const commands[] = {&command_complete, &command_next};
    char text[64];
    char *argv[2] = {text, NULL};
    size_t i;

    strcpy(text, line);
    argv[1] = strchr(text, ' ');
    if (argv[1] != NULL) {
        *argv[1]++ = 0;
    }
    for (i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i]->name, argv[0]) == 0) {
            return commands[i]->handler(&shell, argv[1] == NULL ? 1 : 2, argv);
        }
    }
    return -1;
}

int main(void)
{
    size_t i;
    int status = sample_main();

    for (i = 0; status == 0 && i < sizeof LINES / sizeof *LINES; i++) {
        printk("$ %s\n", LINES[i]);
        status = run(LINES[i]);
    }
    return status;
}
