// ledger.h: the tenant's two shared files, opened and checked.
#ifndef SLUICE_LEDGER_H
#define SLUICE_LEDGER_H

#include "ledger_layout.h"
#include "message.h"

// The files as this process maps them. Everything here is set once, before other threads see it.
struct sluice_ledger {
    struct sluice_ledger_header *header;
    struct sluice_row *rows;
    struct sluice_slot *slots;
    struct sluice_account *accounts;
    size_t mapped_bytes;
    const struct sluice_limits_header *limits;
    const struct sluice_limits_row *limit_rows;
    size_t limits_mapped_bytes;
    const struct sluice_limits_row *limit_of_row[SLUICE_ROW_COUNT]; // once found: neither kind of row ever changes its GPU
    char locks_path[512];
    int locks_fd;                         // -1 until needed; the application may close it under us
    uint64_t locks_device, locks_inode;   // to know our own file again
};

// Opens <run_dir>/tenants/<tenant>/{ledger,locks} and <run_dir>/limits/<tenant>. Neither creates nor repairs anything.
// Returns 0, or -1 with a sentence in `message`.
int sluice_ledger_open(struct sluice_ledger *ledger, const char *run_dir, const char *tenant, struct sluice_message *message);

// Fills in the paths alone: for questions to the locks file where there is no ledger. Returns as above.
int sluice_ledger_locate(struct sluice_ledger *ledger, char path[512], const char *run_dir, const char *tenant, struct sluice_message *message);
void sluice_ledger_close(struct sluice_ledger *ledger);

static inline struct sluice_account *sluice_ledger_account(const struct sluice_ledger *ledger, unsigned row, unsigned slot) {
    return &ledger->accounts[(size_t)row * SLUICE_SLOT_COUNT + slot];
}

static inline int sluice_same_uuid(const uint8_t a[16], const uint8_t b[16]) {
    uint64_t x[2], y[2];
    __builtin_memcpy(x, a, sizeof x);
    __builtin_memcpy(y, b, sizeof y);
    return x[0] == y[0] && x[1] == y[1];
}

// The row of a GPU, or -1 where the ledger has none.
int sluice_ledger_row(const struct sluice_ledger *ledger, const uint8_t uuid[16]);

// The rows below this are GPUs'.
static inline unsigned sluice_ledger_rows_used(const struct sluice_ledger *ledger) {
    uint32_t used = __atomic_load_n(&ledger->header->rows_used, __ATOMIC_ACQUIRE);
    return used < SLUICE_ROW_PINNED ? used : SLUICE_ROW_PINNED;
}

// What the control side says of a row's GPU, or NULL. Found anew at each call.
const struct sluice_limits_row *sluice_ledger_find_limit(struct sluice_ledger *ledger, unsigned row);

// The same, looked up once: NULL only as long as there are none.
static inline const struct sluice_limits_row *sluice_ledger_limits(struct sluice_ledger *ledger, unsigned row) {
    const struct sluice_limits_row *limits = __atomic_load_n(&ledger->limit_of_row[row], __ATOMIC_RELAXED);
    return limits ? limits : sluice_ledger_find_limit(ledger, row);
}

// The tenant's memory limit on the GPU of `row`, in bytes. 0 with *listed = 0 where its file does not list that GPU.
static inline uint64_t sluice_ledger_limit(struct sluice_ledger *ledger, unsigned row, int *listed) {
    const struct sluice_limits_row *limit = sluice_ledger_limits(ledger, row);
    *listed = limit && __atomic_load_n(&limit->listed, __ATOMIC_ACQUIRE);
    return *listed ? __atomic_load_n(&limit->memory_limit_bytes, __ATOMIC_RELAXED) : 0;
}

#endif
