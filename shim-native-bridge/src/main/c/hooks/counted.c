// counted.c: launches and ungoverned calls, off the entries' fast path: the first of a thread in a context, threads beyond
// the number of lanes, and processes that have no account.
#include "answer.h"
#include "current_gpu.h"
#include "driver.h"
#include "lane.h"
#include "tenant.h"

static struct sluice_lane *bind(void) {
    uint64_t context;
    int shared, row = sluice_current_row(&context);
    return row >= 0 ? sluice_lane_bind(sluice_tenant_account((unsigned)row), &shared) : NULL;
}

void *sluice_launched(unsigned long function) {
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance == SLUICE_REFUSING) {
        return (void *)sluice_answer_not_permitted;
    }
    struct sluice_lane *lane = governance == SLUICE_GOVERNED ? bind() : NULL;
    if (lane) {
        __atomic_add_fetch(&lane->launches, 1, __ATOMIC_RELAXED);
    }
    return sluice_real_function((unsigned)function);
}

void *sluice_counted(unsigned long function) {
    struct sluice_lane *lane = sluice_tenant_governance() == SLUICE_GOVERNED ? bind() : NULL;
    if (lane) {
        __atomic_add_fetch(&lane->ungoverned_calls, 1, __ATOMIC_RELAXED);
    }
    return sluice_real_function((unsigned)function);
}
