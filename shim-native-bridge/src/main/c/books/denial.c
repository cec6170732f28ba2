#include "denial.h"

#include "say.h"
#include "tenant.h"

#include <stdio.h>
#include <time.h>

// One entry per (function, reason) that was ever denied. Function and reason are string constants, compared by address.
struct throttle {
    const char *function; // NULL: free; set once
    const char *reason;
    uint64_t next_ns;
    uint64_t suppressed;
};

static struct throttle throttles[64];

static int may_speak(const char *function, const char *reason, uint64_t *suppressed);
static void format_uuid(const uint8_t uuid[16], char text[48]);

void sluice_denial_explain(const struct sluice_denial *denial) {
    uint64_t suppressed;
    char uuid[48];
    if (!may_speak(denial->function, denial->reason, &suppressed)) {
        return;
    }
    format_uuid(denial->gpu_uuid, uuid);
    sluice_say("denied tenant=%s gpu=%s call=%s asked=%llu used=%llu limit=%llu reason=%s suppressed=%llu", sluice_tenant_name(), uuid,
        denial->function, (unsigned long long)denial->asked_bytes, (unsigned long long)denial->used_bytes,
        (unsigned long long)denial->limit_bytes, denial->reason, (unsigned long long)suppressed);
}

void sluice_denial_refused(const char *function) {
    uint64_t suppressed;
    if (may_speak(function, "refused", &suppressed)) {
        sluice_say("refused tenant=%s call=%s: memory taken this way cannot be charged yet, so it answers CUDA_ERROR_NOT_SUPPORTED (801) suppressed=%llu",
            sluice_tenant_name(), function, (unsigned long long)suppressed);
    }
}

static int may_speak(const char *function, const char *reason, uint64_t *suppressed) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec + 1;
    for (size_t i = 0; i < sizeof throttles / sizeof *throttles; i++) {
        struct throttle *throttle = &throttles[i];
        const char *found = __atomic_load_n(&throttle->function, __ATOMIC_ACQUIRE);
        if (!found && __atomic_compare_exchange_n(&throttle->function, &found, function, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE)) {
            __atomic_store_n(&throttle->reason, reason, __ATOMIC_RELEASE);
            found = function;
        }
        const char *why = __atomic_load_n(&throttle->reason, __ATOMIC_ACQUIRE);
        if (found != function || (why && why != reason)) {
            continue;
        }
        uint64_t next = __atomic_load_n(&throttle->next_ns, __ATOMIC_RELAXED);
        if (now < next || !__atomic_compare_exchange_n(&throttle->next_ns, &next, now + 1000000000u, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            __atomic_add_fetch(&throttle->suppressed, 1, __ATOMIC_RELAXED);
            return 0;
        }
        *suppressed = __atomic_exchange_n(&throttle->suppressed, 0, __ATOMIC_RELAXED);
        return 1;
    }
    return 0; // more kinds of denial than entries: silent, but counted in the ledger
}

static void format_uuid(const uint8_t uuid[16], char text[48]) {
    char *at = text + sprintf(text, "GPU-");
    for (int i = 0; i < 16; i++) {
        at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
    }
}
