// client.h: what the files of the test client share.
#ifndef SLUICE_TEST_CLIENT_H
#define SLUICE_TEST_CLIENT_H

#include "cuda.h"

// Writes one line at once, past stdio, so that a forked child repeats nothing of its parent.
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

// work.c
void do_kernel(char **arguments);
void do_untouched(char **arguments);

// load.c
void do_churn(char **arguments);
void do_fill(char **arguments);
void do_drop(char **arguments);

#endif
