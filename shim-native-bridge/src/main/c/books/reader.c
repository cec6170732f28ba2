#include "reader.h"

#include "atomic_pair.h"
#include "say.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LOOKS = 1000 };

static struct sluice_ledger *open_for_good(struct sluice_message *message);
static void look_at_shares(const struct sluice_ledger *ledger, unsigned row, unsigned slots, struct sluice_pair word, uint64_t *shares);

int sluice_reader_open(struct sluice_ledger *ledger, char tenant[SLUICE_TENANT_BYTES], struct sluice_message *message) {
    const char *name = sluice_setting(SLUICE_SETTING_TENANT);
    const char *run_dir = sluice_setting(SLUICE_SETTING_RUN_DIR);
    if (!name || !*name || !run_dir || !*run_dir) {
        return sluice_message_set(message, "%s is not set: start the application through 'sluice run', or with the lines that 'sluice env' prints",
            !name || !*name ? "SLUICE_TENANT" : "SLUICE_RUN_DIR");
    }
    if (strlen(name) >= SLUICE_TENANT_BYTES || strchr(name, '/')) {
        return sluice_message_set(message, "SLUICE_TENANT is not a tenant name: '%.80s'", name);
    }
    strcpy(tenant, name);
    return sluice_ledger_open(ledger, run_dir, name, message);
}

enum sluice_governance sluice_reader_on_failure(void) {
    const char *word = sluice_setting(SLUICE_SETTING_ON_FAILURE);
    return word && !strcmp(word, "forward") ? SLUICE_FORWARDING : SLUICE_REFUSING;
}

enum sluice_governance sluice_reader_look(struct sluice_ledger **ledger) {
    static int said;
    struct sluice_message message;
    enum sluice_governance governance = __atomic_load_n(&sluice_governance, __ATOMIC_ACQUIRE);
    if (governance == SLUICE_GOVERNED) {
        *ledger = sluice_tenant_ledger();
    }
    if (governance != SLUICE_UNDECIDED) {
        return governance;
    }
    *ledger = open_for_good(&message);
    if (*ledger) {
        return SLUICE_GOVERNED;
    }
    governance = sluice_reader_on_failure();
    if (!__atomic_exchange_n(&said, 1, __ATOMIC_RELAXED)) {
        sluice_say("no account: %s. on_failure is '%s': NVML %s", message.text, governance == SLUICE_FORWARDING ? "forward" : "deny",
            governance == SLUICE_FORWARDING ? "tells the memory and processes of the whole GPU"
                                            : "answers NVML_ERROR_NO_PERMISSION (4) for memory and processes");
    }
    return governance;
}

unsigned sluice_reader_shares(const struct sluice_ledger *ledger, unsigned row, uint64_t shares[SLUICE_SLOT_COUNT]) {
    const struct sluice_row *shared = &ledger->rows[row];
    unsigned slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    slots = slots < SLUICE_SLOT_COUNT ? slots : SLUICE_SLOT_COUNT;
    for (int looks = 0; looks < MOST_LOOKS; looks++) {
        struct sluice_pair word = sluice_pair_load(&shared->word);
        look_at_shares(ledger, row, slots, word, shares);
        if (sluice_pair_load(&shared->word).high == word.high) {
            break;
        }
    }
    return slots;
}

// Two threads may both get here: one keeps what it opened.
static struct sluice_ledger *open_for_good(struct sluice_message *message) {
    static struct sluice_ledger *opened;
    struct sluice_ledger *before = __atomic_load_n(&opened, __ATOMIC_ACQUIRE);
    if (before) {
        return before;
    }
    char tenant[SLUICE_TENANT_BYTES];
    struct sluice_ledger *mine = malloc(sizeof *mine);
    if (!mine) {
        sluice_message_set(message, "no host memory is left");
        return NULL;
    }
    if (sluice_reader_open(mine, tenant, message)) {
        free(mine);
        return NULL;
    }
    if (!__atomic_compare_exchange_n(&opened, &before, mine, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        sluice_ledger_close(mine);
        free(mine);
        return before;
    }
    return mine;
}

// All shares are up to date but, at most, that of the slot which the word names; it is what the others leave.
static void look_at_shares(const struct sluice_ledger *ledger, unsigned row, unsigned slots, struct sluice_pair word, uint64_t *shares) {
    unsigned named = (unsigned)((word.high & ~SLUICE_TAG_OPEN) >> SLUICE_TAG_SLOT_SHIFT);
    uint64_t others = 0;
    for (unsigned slot = 0; slot < slots; slot++) {
        shares[slot] = sluice_pair_load(&sluice_ledger_account(ledger, row, slot)->share).low;
        others += slot != named ? shares[slot] : 0;
    }
    if ((word.high & SLUICE_SEQ_MASK) != 0 && named < slots) {
        shares[named] = word.low > others ? word.low - others : 0;
    }
}
