// models.c: see models.h. How fast kernels run here (instructions_per_us, launch_ns) is the same for all: it is bound by the CPU.
//
// Sources, all NVIDIA's and public: SMs, clocks, bus, memory and power from the data sheets of T4, A10, A100 and H100 (SXM);
// threads, blocks and shared memory of an SM, and the double precision ratio, from the tables of compute capabilities and of
// arithmetic throughput in the CUDA C++ Programming Guide; L2 from the Turing, Ampere (GA102), A100 and H100 whitepapers; PCI
// ids from the list of supported products in the driver's README. Memory is what nvidia-smi shows as total, split into
// what the driver keeps and what cuDeviceTotalMem gives, which differs by some MiB between driver versions.
#include "cards/models.h"

#include <string.h>

#define MIB(count) ((uint64_t)(count) << 20)
// The costs, as docs/simulated-gpu.md states them.
#define COST_OF_ALL \
    .context_bytes = MIB(64), .instructions_per_us = 100, .launch_ns = 2000, .slice_ns = 2000000, .switch_ns = 50000, .noise = 1, \
    .noise_percent = 30, .seed = 1, .first_launch_ns = 100000, .event_ns = 500, .queue_depth = 1024, .copy_start_ns = 1500, \
    .copy_gb_s = 24, .device_gb_s = 600, .late_memory_least_ms = 50, .late_memory_most_ms = 500

static const struct model {
    const char *name;
    struct card_description card;
} models[] = {
    {"", {
        .name = "Sluice Simulated GPU", .memory_bytes = MIB(8192), .bar1_bytes = MIB(256), .sms = 16, .clock_mhz = 1000,
        .compute_capability = 80, .memory_clock_mhz = 1215, .memory_bus_bits = 256, .l2_bytes = 4 << 20,
        .threads_per_sm = 2048, .blocks_per_sm = 32,
        .shared_bytes_per_sm = 167936, .shared_bytes_optin = 166912, .shared_bytes_reserved = 1024, .double_ratio = 2,
        .power_limit_w = 100, .pcie_generation = 4, COST_OF_ALL,
    }},
    {"T4", {
        .name = "Tesla T4", .memory_bytes = MIB(15102), .reserved_bytes = MIB(258), .bar1_bytes = MIB(256),
        .sms = 40, .clock_mhz = 1590,
        .compute_capability = 75, .memory_clock_mhz = 5001, .memory_bus_bits = 256, .l2_bytes = 4 << 20,
        .threads_per_sm = 1024, .blocks_per_sm = 16,
        .shared_bytes_per_sm = 65536, .shared_bytes_optin = 65536, .shared_bytes_reserved = 0, .double_ratio = 32,
        .ecc = 1, .power_limit_w = 70, .pcie_generation = 3,
        .pci_device_id = 0x1eb810de, .pci_subsystem_id = 0x12a210de, COST_OF_ALL,
    }},
    {"A10", {
        .name = "NVIDIA A10", .memory_bytes = MIB(22731), .reserved_bytes = MIB(297), .bar1_bytes = MIB(32768),
        .sms = 72, .clock_mhz = 1695,
        .compute_capability = 86, .memory_clock_mhz = 6251, .memory_bus_bits = 384, .l2_bytes = 6 << 20,
        .threads_per_sm = 1536, .blocks_per_sm = 16,
        .shared_bytes_per_sm = 102400, .shared_bytes_optin = 101376, .shared_bytes_reserved = 1024, .double_ratio = 64,
        .ecc = 1, .power_limit_w = 150, .pcie_generation = 4,
        .pci_device_id = 0x223610de, .pci_subsystem_id = 0x148210de, COST_OF_ALL,
    }},
    {"A100-80GB", {
        .name = "NVIDIA A100-SXM4-80GB", .memory_bytes = MIB(81050), .reserved_bytes = MIB(870), .bar1_bytes = MIB(131072),
        .sms = 108, .clock_mhz = 1410,
        .compute_capability = 80, .memory_clock_mhz = 1593, .memory_bus_bits = 5120, .l2_bytes = 40 << 20,
        .threads_per_sm = 2048, .blocks_per_sm = 32,
        .shared_bytes_per_sm = 167936, .shared_bytes_optin = 166912, .shared_bytes_reserved = 1024, .double_ratio = 2,
        .ecc = 1, .power_limit_w = 400, .pcie_generation = 4,
        .pci_device_id = 0x20b210de, .pci_subsystem_id = 0x146310de, COST_OF_ALL,
    }},
    {"H100", {
        .name = "NVIDIA H100 80GB HBM3", .memory_bytes = MIB(81008), .reserved_bytes = MIB(551), .bar1_bytes = MIB(131072),
        .sms = 132, .clock_mhz = 1980,
        .compute_capability = 90, .memory_clock_mhz = 2619, .memory_bus_bits = 5120, .l2_bytes = 50 << 20,
        .threads_per_sm = 2048, .blocks_per_sm = 32,
        .shared_bytes_per_sm = 233472, .shared_bytes_optin = 232448, .shared_bytes_reserved = 1024, .double_ratio = 2,
        .ecc = 1, .power_limit_w = 700, .pcie_generation = 5,
        .pci_device_id = 0x233010de, .pci_subsystem_id = 0x16c110de, COST_OF_ALL,
    }},
};

const struct card_description *card_model(const char *name) {
    if (!name) return &models[0].card;
    for (size_t i = 1; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i].name, name) == 0) return &models[i].card;
    return NULL;
}
