// usage.h: how busy each process kept a card, in periods of 1/6 s: what NVML's utilization is made from.
//
//   <folder>/<uuid>.usage, mapped by everyone; all 0 at first
//     slot 0     +-----------------------------------------------------+
//                | pid                                                 |  of the owner, once the row is his
//                +-----------------------------------------------------+
//                | period p of kernels at p % 128: number, busy ns     |  one word each, by compare-and-swap
//                | the same of copies                                  |
//                +-----------------------------------------------------+
//     slot 1     | …                                                   |
//
// A word whose number is not that of the period asked for is of an older period, and counts as 0. Work is entered when its time
// on the engine is settled, which may lie ahead: up to 10 s of it are kept.
#ifndef SLUICE_SIM_USAGE_H
#define SLUICE_SIM_USAGE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct card;
struct usage_row;

// NVML's sample period "may be between 1 second and 1/6 second, depending on the product" (nvmlUtilization_t).
#define USAGE_PERIOD_NS 166666667ull
enum { USAGE_PERIODS = 128 };
enum usage_kind { USAGE_KERNELS, USAGE_COPIES, USAGE_KINDS };

// NULL where the file cannot be had.
struct usage_row *usage_open(const char *folder, const char *uuid);
// This process kept the card busy from start to end, both on the clock of device time.
void usage_add(struct card *card, enum usage_kind kind, uint64_t start_ns, uint64_t end_ns);
// Busy nanoseconds of the slot in a period, at most USAGE_PERIOD_NS.
uint64_t usage_of(const struct card *card, int slot, enum usage_kind kind, uint64_t period);

#endif
