// charge.h: what the hooks of all allocating families share: who asks → charge → call → settle.
#ifndef SLUICE_CHARGE_H
#define SLUICE_CHARGE_H

#include "cuda_result.h"
#include "driver.h"
#include "pointer_map.h"
#include "tenant.h"

// An allocation on its way. Filled by sluice_charge_begin, used up by sluice_charge_settle.
struct sluice_asking {
    const char *function;
    enum sluice_kind kind;
    int governed; // 0: nothing was charged and nothing is to be settled
    unsigned row;
    uint64_t context;
    uint64_t bytes; // charged
    int retries;    // left, where the driver's memory may come late
};

// How often the driver is asked again where memory may come late.
enum { SLUICE_LATE_RETRIES = 100 };

// cuMemAlloc hands out multiples of this many bytes (measured by others on current drivers; docs/hardware-checklist.md).
enum { SLUICE_LINEAR_GRANULARITY = 512 };

// `bytes` of linear memory as the driver rounds them up. UINT64_MAX where that overflows.
static inline uint64_t sluice_charge_rounded(uint64_t bytes) {
    uint64_t rounded = (bytes + SLUICE_LINEAR_GRANULARITY - 1) & ~(uint64_t)(SLUICE_LINEAR_GRANULARITY - 1);
    return rounded < bytes ? UINT64_MAX : rounded;
}

// Charges `bytes`. CUDA_SUCCESS: call the driver, then settle. Anything else is the answer to the application.
CUresult sluice_charge_begin(struct sluice_asking *asking, const char *function, uint64_t bytes, enum sluice_kind kind);

// What sluice_charge_begin answers for linear memory that does not fit where the tenant's file says `on_excess: spill`: no answer to
// the application, but for who knows how to spill. Nothing was charged, and nothing was said.
enum { SLUICE_SPILLS = -1 };

// Denies it after all.
CUresult sluice_charge_deny(const struct sluice_asking *asking);

// The same for memory on a device that the call names, whatever context is current.
CUresult sluice_charge_begin_on(struct sluice_asking *asking, const char *function, int device, uint64_t bytes, enum sluice_kind kind);

// And for memory on the GPU of a row, in a process that is governed.
CUresult sluice_charge_begin_row(struct sluice_asking *asking, const char *function, unsigned row, uint64_t bytes, enum sluice_kind kind);

// 1 if the driver should be asked once more: it had no memory, but a dead process' memory was just taken back and may still
// be on its way. Sleeps 10 ms before it says so.
void sluice_charge_pause(struct sluice_asking *asking);
static inline int sluice_charge_again(struct sluice_asking *asking, CUresult result) {
    return __builtin_expect(result == CUDA_ERROR_OUT_OF_MEMORY && asking->retries, 0) && (sluice_charge_pause(asking), 1);
}

// After the driver's answer: keeps the charge under `pointer`, or releases it. Returns what the application is to be told.
CUresult sluice_charge_settle(const struct sluice_asking *asking, CUresult result, uint64_t pointer);

// The part of it for memory that somebody else remembers.
CUresult sluice_charge_result(const struct sluice_asking *asking, CUresult result);

// For a charge that is not of this allocation alone, and stays: tells the driver's own lack of memory.
CUresult sluice_charge_driver_full(const struct sluice_asking *asking, CUresult result);

// After a free: releases what was taken out of the pointer map before the driver was called, or puts it back where the driver
// did not free it. An entry with pointer 0 is none.
CUresult sluice_charge_freed(const struct sluice_allocation *freed, CUresult result);

#endif
