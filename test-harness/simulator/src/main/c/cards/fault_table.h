// fault_table.h: faults.conf as it was read.
#ifndef SLUICE_SIM_FAULT_TABLE_H
#define SLUICE_SIM_FAULT_TABLE_H

#include <stdatomic.h>

#include "cards/faults.h"

enum { FAULTS_MAX = 64 };

struct fault {
    enum fault_kind kind;
    int card;        // place in cards.conf; -1: all
    uint64_t pid;    // 0: all
    char kernel[64]; // "": all
    uint64_t after, times, code, factor;
    _Atomic uint64_t calls; // of this process
};

struct fault_table {
    int count;
    struct fault fault[FAULTS_MAX];
};

// A new table, or NULL with a sentence in `error`.
struct fault_table *fault_table_read(const char *path, const struct cards *cards, char *error, size_t error_size);

#endif
