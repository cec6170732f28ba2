#define _GNU_SOURCE
#include "exports.h"

#include "liveness.h"
#include "tenant.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

// What an entry's second word holds besides the bytes.
enum { ROW_SHIFT = 48, GIVEN_UP_SHIFT = 62 };
static const uint64_t BYTES_MASK = (1ull << ROW_SHIFT) - 1;

// What this process imports. The kernel keeps one lock for all of them, so they are counted here.
struct import {
    struct import *next;
    uint64_t key;
    unsigned times;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // of the own table and the list
static struct import *imports;
static unsigned char kinds[SLUICE_EXPORT_COUNT]; // of the own entries
uint32_t sluice_exports_live;

static int held(struct sluice_ledger *ledger, uint64_t key);

static inline struct sluice_export *table_of(const struct sluice_ledger *ledger, unsigned slot) {
    return (struct sluice_export *)sluice_ledger_account(ledger, SLUICE_ROW_PINNED, slot)->lanes;
}

static inline uint64_t key_in(const struct sluice_export *entry) {
    return __atomic_load_n(&entry->key, __ATOMIC_SEQ_CST);
}

static inline uint64_t what_in(const struct sluice_export *entry) {
    return __atomic_load_n(&entry->what, __ATOMIC_SEQ_CST);
}

static inline int given_up(uint64_t what) {
    return (int)(what >> GIVEN_UP_SHIFT & 1);
}

static inline struct sluice_export *own_table(void) {
    return table_of(sluice_tenant_ledger(), sluice_tenant_slot());
}

int sluice_exports_add(uint64_t key, unsigned row, uint64_t bytes, enum sluice_kind kind) {
    int number = -1;
    pthread_mutex_lock(&lock);
    struct sluice_export *table = own_table();
    for (int i = SLUICE_EXPORT_COUNT - 1; i >= 0; i--) {
        if (key_in(&table[i]) == key && !given_up(what_in(&table[i]))) {
            number = i;
            break;
        }
        number = key_in(&table[i]) ? number : i;
    }
    if (number >= 0 && key_in(&table[number]) != key) {
        kinds[number] = (unsigned char)kind;
        __atomic_store_n(&table[number].what, (uint64_t)row << ROW_SHIFT | (bytes & BYTES_MASK), __ATOMIC_SEQ_CST);
        __atomic_store_n(&table[number].key, key, __ATOMIC_SEQ_CST); // last: from here on it counts
        __atomic_add_fetch(&sluice_exports_live, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&lock);
    return number;
}

static void remove_entry(struct sluice_export *entry) {
    __atomic_store_n(&entry->key, 0, __ATOMIC_SEQ_CST);
    __atomic_sub_fetch(&sluice_exports_live, 1, __ATOMIC_RELAXED);
}

int sluice_exports_given_up(int number) {
    pthread_mutex_lock(&lock);
    struct sluice_export *entry = &own_table()[number];
    __atomic_or_fetch(&entry->what, 1ull << GIVEN_UP_SHIFT, __ATOMIC_SEQ_CST); // who imports from here on finds it no more
    int stays = held(sluice_tenant_ledger(), key_in(entry));
    if (!stays) {
        remove_entry(entry);
    }
    pthread_mutex_unlock(&lock);
    return stays;
}

// One at a time: nothing else is locked while the books change.
static int take_out_one(unsigned *row, uint64_t *bytes, enum sluice_kind *kind) {
    int found = 0;
    pthread_mutex_lock(&lock);
    struct sluice_export *table = own_table();
    for (int i = 0; i < SLUICE_EXPORT_COUNT && !found; i++) {
        uint64_t key = key_in(&table[i]), what = what_in(&table[i]);
        found = key && given_up(what) && !held(sluice_tenant_ledger(), key);
        if (found) {
            *row = (unsigned)(what >> ROW_SHIFT & 0xff);
            *bytes = what & BYTES_MASK;
            *kind = kinds[i];
            remove_entry(&table[i]);
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

int sluice_exports_settle(void) {
    unsigned row;
    uint64_t bytes;
    enum sluice_kind kind;
    int released = 0;
    while (__atomic_load_n(&sluice_exports_live, __ATOMIC_RELAXED) && take_out_one(&row, &bytes, &kind)) {
        sluice_tenant_release(row, bytes, kind);
        released = 1;
    }
    return released;
}

uint64_t sluice_exports_new_key(void) {
    static uint64_t drawn;
    const struct sluice_slot *slot = &sluice_tenant_ledger()->slots[sluice_tenant_slot()];
    uint64_t words[] = {sluice_tenant_slot(), slot->state, slot->joined_ns, __atomic_add_fetch(&drawn, 1, __ATOMIC_RELAXED)};
    return sluice_exports_key(words, sizeof words);
}

uint64_t sluice_exports_key(const void *bytes, size_t length) {
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a, then mixed, since similar keys would be neighbours in the locks file
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
    }
    hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
    return hash ? hash : 1;
}

// An open file that is handed to another process keeps its owner and its signal, which nothing uses without O_ASYNC: the exporter, and
// the entry's number. NVIDIA's descriptors are all of one device file and tell no more.
void sluice_exports_mark(int fd, int number) {
    struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = getpid()};
    fcntl(fd, F_SETOWN_EX, &owner);
    fcntl(fd, F_SETSIG, number + 1);
}

uint64_t sluice_exports_marked(int fd) {
    struct f_owner_ex owner = {.type = -1};
    int number = fcntl(fd, F_GETSIG) - 1;
    if (number < 0 || number >= SLUICE_EXPORT_COUNT || fcntl(fd, F_GETOWN_EX, &owner) || owner.type != F_OWNER_PID || owner.pid <= 0) {
        return 0;
    }
    struct sluice_ledger *ledger = sluice_tenant_ledger();
    struct sluice_identity self = sluice_identity_self();
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    for (unsigned slot = 0; slot < slots && slot < SLUICE_SLOT_COUNT; slot++) {
        const struct sluice_slot *s = &ledger->slots[slot];
        if (s->pid == (uint32_t)owner.pid && s->pid_namespace == self.pid_namespace && (s->state & 0xff) == SLUICE_SLOT_ACTIVE) {
            return key_in(&table_of(ledger, slot)[number]);
        }
    }
    return 0;
}

static int find_exporter(const struct sluice_ledger *ledger, uint64_t key) {
    uint32_t slots = __atomic_load_n(&ledger->header->slots_used, __ATOMIC_ACQUIRE);
    for (unsigned slot = 0; slot < slots && slot < SLUICE_SLOT_COUNT; slot++) {
        const struct sluice_export *table = table_of(ledger, slot);
        for (int i = 0; i < SLUICE_EXPORT_COUNT; i++) {
            unsigned phase = (unsigned)(__atomic_load_n(&ledger->slots[slot].state, __ATOMIC_SEQ_CST) & 0xff);
            int charged = phase == SLUICE_SLOT_ACTIVE || phase == SLUICE_SLOT_ORPHANED;
            if (charged && key_in(&table[i]) == key && !given_up(what_in(&table[i]))) {
                return 1;
            }
        }
    }
    return 0;
}

int sluice_exports_import(uint64_t key) {
    struct sluice_ledger *ledger = sluice_tenant_ledger();
    if (!key) {
        return 0;
    }
    pthread_mutex_lock(&lock);
    struct import *import = imports;
    while (import && import->key != key) {
        import = import->next;
    }
    if (!import && (import = malloc(sizeof *import))) {
        *import = (struct import){.next = imports, .key = key};
        imports = import;
    }
    int known = import && (import->times || sluice_liveness_share(ledger, key) == 0) && find_exporter(ledger, key);
    if (import) {
        import->times++;
    }
    pthread_mutex_unlock(&lock);
    if (!known) {
        sluice_exports_import_over(key);
    }
    return known;
}

void sluice_exports_import_over(uint64_t key) {
    pthread_mutex_lock(&lock);
    struct import **link = &imports;
    while (*link && (*link)->key != key) {
        link = &(*link)->next;
    }
    struct import *import = *link;
    if (import && --import->times == 0) {
        *link = import->next;
        free(import);
        sluice_liveness_unshare(sluice_tenant_ledger(), key);
    }
    pthread_mutex_unlock(&lock);
}

uint64_t sluice_exports_held(struct sluice_ledger *ledger, unsigned slot, unsigned row) {
    const struct sluice_export *table = table_of(ledger, slot);
    uint64_t bytes = 0;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < SLUICE_EXPORT_COUNT; i++) {
        uint64_t key = key_in(&table[i]), what = what_in(&table[i]);
        if (key && (what >> ROW_SHIFT & 0xff) == row && held(ledger, key)) {
            bytes += what & BYTES_MASK;
        }
    }
    pthread_mutex_unlock(&lock);
    return bytes;
}

// Whoever takes a slot begins with an empty table.
void sluice_exports_forget_slot(struct sluice_ledger *ledger, unsigned slot) {
    struct sluice_export *table = table_of(ledger, slot);
    for (int i = 0; i < SLUICE_EXPORT_COUNT; i++) {
        __atomic_store_n(&table[i].key, 0, __ATOMIC_SEQ_CST);
    }
}

void sluice_exports_reset_after_fork(void) {
    pthread_mutex_init(&lock, NULL);
    imports = NULL;
    sluice_exports_live = 0;
}

// Nobody is told of his own locks, so what this process imports is looked up in its list.
static int held(struct sluice_ledger *ledger, uint64_t key) {
    for (const struct import *import = imports; import; import = import->next) {
        if (import->key == key) {
            return 1;
        }
    }
    return sluice_liveness_shared(ledger, key);
}
