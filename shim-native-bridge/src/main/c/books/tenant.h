// tenant.h: the tenant that this process belongs to, and its account there.
#ifndef SLUICE_TENANT_H
#define SLUICE_TENANT_H

#include "account.h"
#include "ledger.h"

enum sluice_governance {
    SLUICE_UNDECIDED,  // no CUDA call yet
    SLUICE_GOVERNED,   // joined: quotas hold
    SLUICE_FORWARDING, // no account, and on_failure says forward: every call passes and is counted
    SLUICE_REFUSING,   // no account, and on_failure says deny: cuInit answers 800
};

// What was decided, or not yet. For sluice_tenant_governance alone.
extern enum sluice_governance sluice_governance;
enum sluice_governance sluice_tenant_decide(void);

// Joins the tenant's ledger at the first call; later calls cost one load. A line on stderr says why joining failed.
static inline enum sluice_governance sluice_tenant_governance(void) {
    enum sluice_governance governance = __atomic_load_n(&sluice_governance, __ATOMIC_ACQUIRE);
    return governance == SLUICE_UNDECIDED ? sluice_tenant_decide() : governance;
}

// Of the process' tenant, once it is governed. The ledger stays mapped until the process ends.
const char *sluice_tenant_name(void);
extern struct sluice_ledger sluice_tenant_books; // for sluice_tenant_ledger alone
static inline struct sluice_ledger *sluice_tenant_ledger(void) {
    return &sluice_tenant_books;
}

enum sluice_charged {
    SLUICE_CHARGE_GRANTED,
    SLUICE_CHARGE_GRANTED_LATE, // a dead process' bytes were taken back for it: its memory may come late
    SLUICE_CHARGE_OVER_LIMIT,
    SLUICE_CHARGE_LOST,
};

// What the account held when a charge was denied: for the line that explains it.
struct sluice_standing {
    uint64_t used_bytes;
    uint64_t limit_bytes;
};

// Charges, releases: bytes > 0. Any thread. Over the limit, dead processes of the tenant are swept before it is said. *standing is
// set where the charge is denied.
enum sluice_charged sluice_tenant_charge(unsigned row, uint64_t bytes, enum sluice_kind kind, struct sluice_standing *standing);
// For memory that the driver has taken already and that cannot be given back: may go beyond the limit.
void sluice_tenant_charge_taken(unsigned row, uint64_t bytes, enum sluice_kind kind);
void sluice_tenant_release(unsigned row, uint64_t bytes, enum sluice_kind kind);

// What happens to a request for more than fits: enum sluice_on_excess; and for how long at most it waits where it does.
uint64_t sluice_tenant_on_excess(unsigned row, uint64_t *wait_max_ns);
// Whether nobody may be charged there now but who waits, in the order in which they came.
static inline int sluice_tenant_queued(unsigned row) {
    return __atomic_load_n(&sluice_tenant_ledger()->rows[row].memory_waiting, __ATOMIC_RELAXED) != 0;
}
// As sluice_tenant_charge, for as long as that may take.
enum sluice_charged sluice_tenant_wait(unsigned row, uint64_t bytes, enum sluice_kind kind, uint64_t wait_max_ns, struct sluice_standing *standing);

// The slot of this process in it.
unsigned sluice_tenant_slot(void);

// Counters of (this process, row) or of this process: any thread, rare events only.
enum sluice_event {
    SLUICE_EVENT_DENIED_LIMIT,
    SLUICE_EVENT_DENIED_DEVICE_FULL,
    SLUICE_EVENT_DENIED_FAILURE,
    SLUICE_EVENT_REFUSED_CALL,
};
void sluice_tenant_count(unsigned row, enum sluice_event event);
void sluice_tenant_count_unlisted(void);

// The account of (this process, row), for its lanes.
struct sluice_account *sluice_tenant_account(unsigned row);

#endif
