// refused.c: memory taken in ways that cannot be charged yet. Under a quota they are refused with a clear line, never
// silently let by.
#include "answer.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "denial.h"
#include "driver.h"
#include "refused.h"
#include "tenant.h"

int sluice_refuses(unsigned function) {
    enum sluice_governance governance = sluice_tenant_governance();
    if (governance == SLUICE_FORWARDING) {
        return 0;
    }
    uint64_t context;
    int row = governance == SLUICE_GOVERNED ? sluice_current_row(&context) : SLUICE_ROW_NONE;
    if (row >= 0) {
        sluice_tenant_count((unsigned)row, SLUICE_EVENT_REFUSED_CALL);
    }
    sluice_denial_refused(sluice_functions[function].name);
    return 1;
}

void *sluice_refused(unsigned long function) {
    return sluice_refuses((unsigned)function) ? (void *)sluice_answer_not_supported : sluice_real_function((unsigned)function);
}
