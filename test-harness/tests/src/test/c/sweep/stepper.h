// stepper.h: drives a traced child one instruction of the libwrapper at a time. What it calls outside of that, in the C library
// or the driver, runs at full speed.
#ifndef SLUICE_TEST_STEPPER_H
#define SLUICE_TEST_STEPPER_H

#include <stdint.h>
#include <sys/types.h>

// The code of a library that is mapped into this process and, at the same place, into its forked children.
struct code {
    uintptr_t base; // what the addresses in its file count from
    uintptr_t from, to;
};

// The code around `address`. Returns 0, or -1 where nothing is mapped there.
int code_around(void *address, struct code *code);

enum step { STEP_INSIDE, STEP_ENDED };

// Lets the child, which is stopped, run up to the next instruction that lies in the code, without executing that one:
// STEP_INSIDE, and where. STEP_ENDED where it stopped itself before it came to one. Exits where the child died.
enum step step_on(pid_t child, const struct code *code, uintptr_t *at);

// Lets the child run at full speed until it has come to `address` once more than `visit` times. STEP_ENDED as above.
enum step run_to_visit(pid_t child, uintptr_t address, unsigned visit);

// Waits until the child has stopped itself.
void await_own_stop(pid_t child);

#endif
