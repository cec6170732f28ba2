// newer_libc.c: stands for the C library of the future while newer.c is linked.
extern int sluice_test_of_the_future(void);
int sluice_test_of_the_future(void) {
    return 0;
}
