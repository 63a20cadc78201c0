/* Starts up and ends: what every program takes that does not concern the library. */
int main(void)
{
    return 0;
}
