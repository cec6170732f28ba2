// busy.c: see busy.h. The only place that knows where utilization comes from.
#include "nvml/busy.h"

#include "base/clock.h"

uint64_t busy_last_period(void) {
    return clock_now_ns() / USAGE_PERIOD_NS - 1;
}

uint64_t busy_stamp_us(uint64_t period) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t realtime_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    return (realtime_ns - clock_now_ns() + (period + 1) * USAGE_PERIOD_NS) / 1000;
}

unsigned busy_percent(nvmlDevice_t device, int slot, enum usage_kind kind, uint64_t period) {
    uint64_t busy_ns = 0;
    int first = slot < 0 ? 0 : slot, end = slot < 0 ? CARD_SLOTS : slot + 1;
    for (int i = first; i < end; i++) busy_ns += usage_of(device, i, kind, period);
    if (busy_ns > USAGE_PERIOD_NS) busy_ns = USAGE_PERIOD_NS;
    return (unsigned)((busy_ns * 100 + USAGE_PERIOD_NS / 2) / USAGE_PERIOD_NS);
}
