// system.c: what NVML tells about the driver.
#include <stdio.h>
#include <string.h>

#include "nvml/nvml.h"

static nvmlReturn_t text(const char *value, char *buffer, unsigned length) {
    nvmlReturn_t ready = nvml_ready();
    return ready != NVML_SUCCESS ? ready : nvml_text(value, buffer, length);
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned length) {
    return text("535.0-simulated", version, length);
}

nvmlReturn_t nvmlSystemGetNVMLVersion(char *version, unsigned length) {
    return text("12.535.0-simulated", version, length);
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion(int *version) {
    if (!version) return NVML_ERROR_INVALID_ARGUMENT;
    *version = 12020;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *version) {
    return nvmlSystemGetCudaDriverVersion(version);
}

// The first word of its command line, cut to the buffer.
nvmlReturn_t nvmlSystemGetProcessName(unsigned pid, char *name, unsigned length) {
    char path[64];
    nvmlReturn_t ready = nvml_ready();
    if (ready != NVML_SUCCESS) return ready;
    if (!name || length == 0) return NVML_ERROR_INVALID_ARGUMENT;
    snprintf(path, sizeof path, "/proc/%u/cmdline", pid);
    FILE *file = fopen(path, "re");
    if (!file) return NVML_ERROR_NOT_FOUND;
    size_t got = fread(name, 1, length - 1, file);
    name[got] = 0;
    fclose(file);
    return got ? NVML_SUCCESS : NVML_ERROR_NOT_FOUND;
}

const char *nvmlErrorString(nvmlReturn_t result) {
    static const char *const texts[] = {
        "Success", "Uninitialized", "Invalid Argument", "Not Supported", "Insufficient Permissions", "Already Initialized",
        "Not Found", "Insufficient Size", "Insufficient External Power", "Driver Not Loaded", "Timeout",
        "Interrupt Request Issue", "NVML Shared Library Not Found", "Function Not Found", "Corrupted infoROM", "GPU is lost",
        "GPU requires restart", "The operating system has blocked the request.", "RM has detected an NVML/RM version mismatch.",
        "In use by another client", "Insufficient Memory", "No data", "The requested vgpu operation is not available",
        "Insufficient resources", "Frequency not supported", "Argument version mismatch", "Deprecated", "Not ready",
        "GPU not found", "Invalid state",
    };
    return (unsigned)result < sizeof texts / sizeof *texts ? texts[result] : "Unknown Error";
}
