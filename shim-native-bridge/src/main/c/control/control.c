#include "control.h"

#include "account.h"
#include "membership.h"

#include <stdio.h>

static int failed(char *text, const struct sluice_message *message) {
    snprintf(text, sizeof message->text, "%s", message->text);
    return -1;
}

const char *sluice_version(void) {
    return SLUICE_VERSION;
}

int sluice_control_sweep(const char *run_dir, const char *tenant, uint64_t *reclaimed_bytes, char *text) {
    struct sluice_ledger ledger;
    struct sluice_message message;
    if (sluice_ledger_open(&ledger, run_dir, tenant, &message)) {
        return failed(text, &message);
    }
    struct sluice_identity self = sluice_identity_self();
    struct sluice_sweep sweep = sluice_membership_sweep(&ledger, &self);
    sluice_ledger_close(&ledger);
    *reclaimed_bytes = sweep.bytes;
    return (int)sweep.slots;
}

int sluice_control_holder(const char *run_dir, const char *tenant, char *text) {
    char path[512];
    struct sluice_ledger ledger;
    struct sluice_message message;
    int holder = sluice_ledger_locate(&ledger, path, run_dir, tenant, &message);
    if (holder == 0) {
        holder = sluice_liveness_holder(&ledger, &message);
    }
    sluice_ledger_close(&ledger);
    return holder < 0 ? failed(text, &message) : holder;
}

int sluice_control_audit(const char *run_dir, const char *tenant, uint64_t *values, int rows, char *text) {
    struct sluice_ledger ledger;
    struct sluice_message message;
    if (sluice_ledger_open(&ledger, run_dir, tenant, &message)) {
        return failed(text, &message);
    }
    int used = (int)sluice_ledger_rows_used(&ledger);
    for (int row = 0; row < used && row < rows; row++) {
        sluice_account_audit(&ledger, (unsigned)row, &values[2 * row], &values[2 * row + 1]);
    }
    sluice_ledger_close(&ledger);
    return used;
}
