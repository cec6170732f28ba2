#include "nvml_gpu.h"

#include "nvml.h"
#include "nvml_result.h"
#include "pools.h"
#include "reader.h"

#include <string.h>

enum { UUID_TEXT_BYTES = 96 };

static int parse_uuid(const char *text, uint8_t uuid[16]);
static int digit(char c);

// By the UUID: NVML numbers GPUs by their place on the bus, and CUDA often does not.
enum sluice_nvml_view sluice_nvml_look_at(void *device, struct sluice_nvml_gpu *gpu) {
    char text[UUID_TEXT_BYTES] = "";
    uint8_t uuid[16];
    enum sluice_governance governance = sluice_reader_look(&gpu->ledger);
    if (governance != SLUICE_GOVERNED) {
        return governance == SLUICE_FORWARDING ? SLUICE_NVML_GPU : SLUICE_NVML_NOTHING;
    }
    if (sluice_nvml_real_nvmlDeviceGetUUID(device, text, sizeof text) != NVML_SUCCESS || parse_uuid(text, uuid)) {
        return SLUICE_NVML_GPU; // which will say what is wrong
    }
    sluice_pools_settle(); // so that the same is told as by cuMemGetInfo
    gpu->row = sluice_ledger_row(gpu->ledger, uuid);
    return SLUICE_NVML_TENANT;
}

// GPU-8932f937-d72c-4106-c12f-20bd9faed9f6, or MIG- and the same for a slice.
static int parse_uuid(const char *text, uint8_t uuid[16]) {
    const char *next = strchr(text, '-');
    int digits = 0;
    memset(uuid, 0, 16);
    for (; next && *next && digits < 32; next++) {
        int value = digit(*next);
        if (value < 0 && *next != '-') {
            return -1;
        }
        if (value >= 0) {
            uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | value);
            digits++;
        }
    }
    return digits == 32 ? 0 : -1;
}

static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
