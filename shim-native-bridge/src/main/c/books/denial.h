// denial.h: the lines that tell a person what was refused and why. On stderr, one write each, or by the agent with the Java
// stack that asked (denial_post.h). Storms are suppressed: who may not speak counts, and neither writes nor waits.
#ifndef SLUICE_DENIAL_H
#define SLUICE_DENIAL_H

#include <stdint.h>

struct sluice_denial {
    const char *function; // as the application called it
    const char *reason;   // limit, device_full, unlisted_gpu, failure
    const uint8_t *gpu_uuid; // in the ledger, so that its address tells GPUs apart; NULL: page-locked host memory
    uint64_t asked_bytes, used_bytes, limit_bytes;
};

// A line for the first denial of this (function, reason, GPU), then at most one a second, which counts the ones in between.
void sluice_denial_explain(const struct sluice_denial *denial);

// A line for use that has reached the tenant's `warn`; the same suppression.
void sluice_denial_warn(const uint8_t *gpu_uuid, uint64_t used_bytes, uint64_t warn_bytes, uint64_t limit_bytes);

// A line for the first request over the limit of a GPU that was given managed memory of the host.
void sluice_denial_spilled(const char *function, const uint8_t *gpu_uuid, uint64_t bytes);

// A line for a context on a GPU that the tenant's file does not list; the same suppression.
void sluice_denial_unlisted(const char *function, int device);

// A line for a call of a family that cannot be charged yet; the same suppression.
void sluice_denial_refused(const char *function);

#endif
