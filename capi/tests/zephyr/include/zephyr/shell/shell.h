/* What firmware-examples/zephyr-shell takes of Zephyr's <zephyr/shell/shell.h>. */
#ifndef STAND_IN_SHELL_H
#define STAND_IN_SHELL_H

#include <zephyr/kernel.h>

struct shell {
    int unused;
};

/* A command; the rest of the line is one argument. */
struct shell_command {
    const char *name;
    int (*handler)(const struct shell *sh, size_t argc, char **argv);
};

#define SHELL_OPT_ARG_RAW 0xFE
#define SHELL_CMD_ARG_REGISTER(name_, subcommands, help, handler_, mandatory, optional) \
    extern const struct shell_command command_##name_; \
    const struct shell_command command_##name_ = {#name_, handler_}

#define shell_print(sh, ...) do { (void)(sh); printk(__VA_ARGS__); print("\n"); } while (0)
#define shell_error shell_print

#endif
