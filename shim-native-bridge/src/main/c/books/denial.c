#include "denial.h"

#include "denial_post.h"
#include "say.h"
#include "spin_lock.h"
#include "tenant.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

// One entry per (function, reason, GPU) that was ever denied. All three are compared by address: string constants, and the
// UUID in the ledger's row, or a small number for a GPU that has no row.
struct throttle {
    const char *function; // NULL: free
    const char *reason;
    const void *gpu;
    uint64_t next_ns;
    uint64_t suppressed;
};

static struct throttle throttles[64];
static struct sluice_spin_lock throttles_lock; // held for the search alone

static int may_speak(const char *function, const char *reason, const void *gpu, uint64_t *suppressed);
static struct throttle *throttle_of(const char *function, const char *reason, const void *gpu);
static void format_uuid(const uint8_t uuid[16], char text[48]);
static void speak(const char *format, ...) __attribute__((format(printf, 1, 2)));

void sluice_denial_explain(const struct sluice_denial *denial) {
    uint64_t suppressed;
    char uuid[48];
    if (!may_speak(denial->function, denial->reason, denial->gpu_uuid, &suppressed)) {
        return;
    }
    if (denial->gpu_uuid) {
        format_uuid(denial->gpu_uuid, uuid);
    }
    speak("denied tenant=%s %s%s function=%s asked=%llu used=%llu limit=%llu reason=%s suppressed=%llu", sluice_tenant_name(),
        denial->gpu_uuid ? "gpu=" : "resource=", denial->gpu_uuid ? uuid : "pinned", denial->function, (unsigned long long)denial->asked_bytes, (unsigned long long)denial->used_bytes,
        (unsigned long long)denial->limit_bytes, denial->reason, (unsigned long long)suppressed);
}

void sluice_denial_warn(const uint8_t *gpu_uuid, uint64_t used_bytes, uint64_t warn_bytes, uint64_t limit_bytes) {
    uint64_t suppressed;
    char uuid[48];
    if (may_speak("", "warn", gpu_uuid, &suppressed)) {
        format_uuid(gpu_uuid, uuid);
        sluice_say("warning tenant=%s gpu=%s used=%llu warn=%llu limit=%llu suppressed=%llu", sluice_tenant_name(), uuid, (unsigned long long)used_bytes,
            (unsigned long long)warn_bytes, (unsigned long long)limit_bytes, (unsigned long long)suppressed);
    }
}

// The throttle of (any function, "spill", GPU) says whether it was the first: who finds it unused speaks.
void sluice_denial_spilled(const char *function, const uint8_t *gpu_uuid, uint64_t bytes) {
    char uuid[48];
    struct throttle *throttle = throttle_of("", "spill", gpu_uuid);
    if (throttle && __atomic_exchange_n(&throttle->next_ns, 1, __ATOMIC_RELAXED) == 0) {
        format_uuid(gpu_uuid, uuid);
        sluice_say("spill tenant=%s gpu=%s function=%s asked=%llu: over the limit, so it is managed memory of the host, as is all that follows (said once)",
            sluice_tenant_name(), uuid, function, (unsigned long long)bytes);
    }
}

void sluice_denial_unlisted(const char *function, int device) {
    uint64_t suppressed;
    if (may_speak(function, "unlisted_gpu", (const void *)(intptr_t)(device + 1), &suppressed)) {
        speak("denied tenant=%s device=%d function=%s reason=unlisted_gpu suppressed=%llu: the tenant's file lists no such GPU",
            sluice_tenant_name(), device, function, (unsigned long long)suppressed);
    }
}

void sluice_denial_refused(const char *function) {
    uint64_t suppressed;
    if (may_speak(function, "refused", NULL, &suppressed)) {
        speak("refused tenant=%s function=%s: memory taken this way cannot be charged yet, so it answers CUDA_ERROR_NOT_SUPPORTED (801) suppressed=%llu",
            sluice_tenant_name(), function, (unsigned long long)suppressed);
    }
}

// To the listener, who adds the stack of this thread; where there is none, to stderr.
static void speak(const char *format, ...) {
    char text[sizeof((struct sluice_denial_note *)0)->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (sluice_denial_post(text)) {
        sluice_say("%s", text);
    }
}

static int may_speak(const char *function, const char *reason, const void *gpu, uint64_t *suppressed) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec + 1;
    struct throttle *throttle = throttle_of(function, reason, gpu);
    if (!throttle) {
        return 0; // more kinds of denial than entries: silent, but counted in the ledger
    }
    uint64_t next = __atomic_load_n(&throttle->next_ns, __ATOMIC_RELAXED);
    if (now < next || !__atomic_compare_exchange_n(&throttle->next_ns, &next, now + 1000000000u, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        __atomic_add_fetch(&throttle->suppressed, 1, __ATOMIC_RELAXED);
        return 0;
    }
    *suppressed = __atomic_exchange_n(&throttle->suppressed, 0, __ATOMIC_RELAXED);
    return 1;
}

static struct throttle *throttle_of(const char *function, const char *reason, const void *gpu) {
    struct throttle *found = NULL;
    sluice_spin_lock(&throttles_lock);
    for (size_t i = 0; i < sizeof throttles / sizeof *throttles && !found; i++) {
        struct throttle *throttle = &throttles[i];
        if (!throttle->function) {
            throttle->gpu = gpu;
            throttle->reason = reason;
            throttle->function = function;
        }
        if (throttle->function == function && throttle->reason == reason && throttle->gpu == gpu) {
            found = throttle;
        }
    }
    sluice_spin_unlock(&throttles_lock);
    return found;
}

static void format_uuid(const uint8_t uuid[16], char text[48]) {
    char *at = text + sprintf(text, "GPU-");
    for (int i = 0; i < 16; i++) {
        at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
    }
}
