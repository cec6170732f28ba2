// proc_address.h: the table that GenerateDriver writes from proc-address-535.tsv, sorted by base, flags and version.
#ifndef SLUICE_SIM_PROC_ADDRESS_H
#define SLUICE_SIM_PROC_ADDRESS_H

#include <stddef.h>

struct proc_address {
    const char *base;
    int flags, from_version;
    void (*function)(void); // NULL: the driver gives none
    int status;
};

extern const struct proc_address proc_address[];
extern const size_t proc_address_count;

#endif
