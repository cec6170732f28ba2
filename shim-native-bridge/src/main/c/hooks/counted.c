// counted.c: launches and ungoverned calls, off the entries' fast path: the first of a thread in a context, threads beyond
// the number of lanes, processes that have no account, and launches while a function is watched.
#include "admit.h"
#include "answer.h"
#include "current_gpu.h"
#include "driver.h"
#include "lane.h"
#include "local.h"
#include "meter.h"
#include "tenant.h"

// Where the calling thread counts, and where its share stands.
static struct sluice_lane *bind(const uint32_t **share_ppm) {
    static const uint32_t none;
    uint64_t context;
    int shared, row = sluice_current_row(&context);
    const struct sluice_limits_row *limits = row >= 0 ? sluice_ledger_limits(sluice_tenant_ledger(), (unsigned)row) : NULL;
    *share_ppm = limits ? &limits->share_ppm : &none;
    return row >= 0 ? sluice_lane_bind(sluice_tenant_account((unsigned)row), *share_ppm, &shared) : NULL;
}

// The function that a launch is of, as the call's argument says; NULL for graphs, and for launches on several devices.
static const void *launched(unsigned long function, void *const arguments[]) {
    switch (function) {
    case SLUICE_FN_cuLaunchKernelEx:
    case SLUICE_FN_cuLaunchKernelEx_ptsz: return arguments[1];
    case SLUICE_FN_cuGraphLaunch:
    case SLUICE_FN_cuGraphLaunch_ptsz:
    case SLUICE_FN_cuLaunchCooperativeKernelMultiDevice: return NULL;
    default: return arguments[0];
    }
}

void *sluice_launched(unsigned long function, void *const arguments[]) {
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance == SLUICE_REFUSING) {
        return (void *)sluice_answer_not_permitted;
    }
    const uint32_t *share_ppm;
    struct sluice_lane *lane = governance == SLUICE_GOVERNED ? bind(&share_ppm) : NULL;
    sluice_admit_anew();
    if (lane && __atomic_load_n(&sluice_watched, __ATOMIC_ACQUIRE) != 0
        && sluice_local_launch(sluice_functions[function].name, launched(function, arguments)) != CUDA_SUCCESS) {
        return (void *)sluice_answer_out_of_memory;
    }
    int is_held = lane && __atomic_load_n(share_ppm, __ATOMIC_RELAXED) != 0;
    if (lane && (!is_held || !sluice_lane.lane)) { // else the hook counts
        __atomic_add_fetch(&lane->launches, 1, __ATOMIC_RELAXED);
    }
    if (is_held) {
        return sluice_launch_hook((unsigned)function);
    }
    return sluice_real_function((unsigned)function);
}

void *sluice_closing(unsigned long function) {
    sluice_meter_close();
    return sluice_real_function((unsigned)function);
}

void *sluice_counted(unsigned long function) {
    const uint32_t *share_ppm;
    struct sluice_lane *lane = sluice_tenant_governance() == SLUICE_GOVERNED ? bind(&share_ppm) : NULL;
    if (lane) {
        __atomic_add_fetch(&lane->ungoverned_calls, 1, __ATOMIC_RELAXED);
    }
    return sluice_real_function((unsigned)function);
}
