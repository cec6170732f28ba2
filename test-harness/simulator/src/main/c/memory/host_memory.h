// host_memory.h: page-locked host memory, which kernels may use by its own address.
#ifndef SLUICE_SIM_HOST_MEMORY_H
#define SLUICE_SIM_HOST_MEMORY_H

#include <stdint.h>

struct context;

struct host_range {
    uint64_t base, bytes;
    unsigned flags;
    int registered; // by cuMemHostRegister: the memory is the application's
    struct context *owner;
};

enum host_result { HOST_DONE, HOST_NO_MEMORY, HOST_OVERLAP, HOST_UNKNOWN };

enum host_result host_memory_allocate(void **address, uint64_t bytes, unsigned flags, struct context *owner);
enum host_result host_memory_register(void *address, uint64_t bytes, unsigned flags, struct context *owner);
enum host_result host_memory_free(void *address);
enum host_result host_memory_unregister(void *address);
// Whether [address, address + bytes) lies in one range, which is then copied to *range (may be NULL).
int host_memory_find(uint64_t address, uint64_t bytes, struct host_range *range);
void host_memory_release_owner(struct context *owner);

#endif
