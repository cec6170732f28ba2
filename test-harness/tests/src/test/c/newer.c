// newer.c: a library that asks for a symbol of a C library that does not exist yet. Pair of newer_libc.c.
extern int sluice_test_of_the_future(void);
extern int sluice_test_caller(void);
int sluice_test_caller(void) {
    return sluice_test_of_the_future();
}
