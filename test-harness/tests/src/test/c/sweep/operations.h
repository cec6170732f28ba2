// operations.h: what a process is interrupted at, and what it and its neighbours do before.
#ifndef SLUICE_TEST_OPERATIONS_H
#define SLUICE_TEST_OPERATIONS_H

#include <stdint.h>

// Bytes that everybody counts in; the tenant's limit is a little over 16 of them.
extern uint64_t unit;

struct operation {
    const char *name;
    void (*prepare)(void);     // in the process that will be interrupted
    unsigned before_rounds;    // how often a neighbour allocates and frees then; from about ten on it has the row to itself
    int after_a_death;         // that neighbour then took eight units and was killed; else it is the survivor
    int (*run)(void);          // interrupted; its answer is the driver's
    int answer;                // what that must be where it is not killed
    int64_t (*added)(void);    // what it must have added to what the process holds, in bytes; after it has run
};

// NULL where none has this name.
const struct operation *operation_named(const char *name);

// Of this process, for whoever takes part. All exit where CUDA does not work.
void start_cuda(void);
uint64_t allocate(uint64_t bytes);
void allocate_and_free(unsigned rounds);

#endif
