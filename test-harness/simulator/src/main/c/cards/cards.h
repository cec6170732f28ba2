// cards.h: which simulated GPUs there are. One text file, cards.conf, describes them; all processes with the same
// SLUICE_SIM_DIR read the same one.
#ifndef SLUICE_SIM_CARDS_H
#define SLUICE_SIM_CARDS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum { CARDS_MAX = 16, LENGTH_RULES_MAX = 16 };

// How long a kernel of this name lasts, where the instruction count shall not decide.
struct length_rule {
    char kernel[64];
    int from_parameter; // index of the parameter that holds nanoseconds; -1: `ns` itself
    uint64_t ns;
};

struct card_description {
    char name[96];
    char uuid[48]; // GPU-8-4-4-4-12
    uint8_t uuid_bytes[16];
    uint64_t memory_bytes;        // what programs can use
    uint64_t reserved_bytes;      // what driver and firmware keep of the board's memory; only NVML tells of it
    uint64_t context_bytes;       // what a context takes
    uint64_t bar1_bytes;
    uint32_t sms, clock_mhz, nvml_index;
    uint32_t compute_capability;  // major * 10 + minor
    uint32_t memory_clock_mhz, memory_bus_bits, l2_bytes;
    uint32_t threads_per_sm, blocks_per_sm;
    uint32_t shared_bytes_per_sm, shared_bytes_optin, shared_bytes_reserved; // of an SM; a block at most; each block besides
    uint32_t double_ratio;        // single precision operations in the time of one in double precision
    uint32_t ecc;                 // 0 or 1
    uint32_t power_limit_w, pcie_generation;
    uint32_t pci_device_id, pci_subsystem_id; // as NVML tells them: the vendor in the low half
    uint32_t instructions_per_us; // cost model: thread instructions in a microsecond, all SMs together
    uint32_t launch_ns;           // cost model: what every kernel takes at least
    uint64_t slice_ns, switch_ns; // turns of contexts, and what a change of context costs
    int noise;                    // 0: lengths are exact, first launches and event records cost nothing
    uint32_t noise_percent;       // sigma of the lognormal length noise, in hundredths
    uint64_t seed;
    uint32_t first_launch_ns, event_ns, queue_depth;
    uint32_t copy_start_ns, copy_gb_s, device_gb_s; // copies and fills
    uint32_t late_memory_least_ms, late_memory_most_ms;
    struct length_rule rules[LENGTH_RULES_MAX];
    int rule_count;
};

struct cards {
    char folder[PATH_MAX - 128];
    int count;
    struct card_description card[CARDS_MAX]; // in the order of the file, which is CUDA's order
};

// Reads cards.conf, and writes the default one first where there is none. 0, or -1 with a sentence in `error`.
int cards_read(struct cards *cards, char *error, size_t error_size);

#endif
