// usage.c: see usage.h.
#define _GNU_SOURCE
#include "cards/usage.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cards/card_state.h"

enum { AHEAD_PERIODS = 60 };
static const uint64_t BUSY_MASK = UINT32_MAX; // the low half of a word; above it the low half of the period's number

struct usage_row {
    _Atomic uint64_t pid;
    uint64_t unused[7];
    _Atomic uint64_t word[USAGE_KINDS][USAGE_PERIODS];
};

struct usage_row *usage_open(const char *folder, const char *uuid) {
    const off_t bytes = CARD_SLOTS * sizeof(struct usage_row);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.usage", folder, uuid);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return NULL;
    void *map = MAP_FAILED;
    if (posix_fallocate(fd, 0, bytes) == 0) map = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return map == MAP_FAILED ? NULL : map;
}

// Wipes what an earlier owner of the slot left.
static struct usage_row *own_row(struct card *card) {
    struct usage_row *row = &card->usage[card->slot];
    if (atomic_load_explicit(&card->usage_is_own, memory_order_acquire)) return row;
    pthread_mutex_lock(&card->lock);
    if (!atomic_load(&card->usage_is_own)) {
        for (int kind = 0; kind < USAGE_KINDS; kind++)
            for (int i = 0; i < USAGE_PERIODS; i++) atomic_store(&row->word[kind][i], 0);
        atomic_store(&row->pid, (uint64_t)getpid());
        atomic_store(&card->usage_is_own, 1);
    }
    pthread_mutex_unlock(&card->lock);
    return row;
}

static void add(_Atomic uint64_t *word, uint64_t period, uint64_t ns) {
    uint64_t tag = period << 32, seen = atomic_load(word), busy;
    do {
        busy = (seen & ~BUSY_MASK) == tag ? (seen & BUSY_MASK) + ns : ns;
        if (busy > USAGE_PERIOD_NS) busy = USAGE_PERIOD_NS;
    } while (!atomic_compare_exchange_weak(word, &seen, tag | busy));
}

void usage_add(struct card *card, enum usage_kind kind, uint64_t start_ns, uint64_t end_ns) {
    if (!card->usage || card->slot < 0) return;
    struct usage_row *row = own_row(card);
    uint64_t first = start_ns / USAGE_PERIOD_NS;
    for (uint64_t period = first; period < first + AHEAD_PERIODS && start_ns < end_ns; period++) {
        uint64_t until = (period + 1) * USAGE_PERIOD_NS;
        if (until > end_ns) until = end_ns;
        add(&row->word[kind][period % USAGE_PERIODS], period, until - start_ns);
        start_ns = until;
    }
}

uint64_t usage_of(const struct card *card, int slot, enum usage_kind kind, uint64_t period) {
    if (!card->usage) return 0;
    uint64_t word = atomic_load(&card->usage[slot].word[kind][period % USAGE_PERIODS]);
    return word >> 32 == (period & UINT32_MAX) ? word & BUSY_MASK : 0;
}
