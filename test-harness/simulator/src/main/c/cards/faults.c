// faults.c: see faults.h. A table once read is never changed but for its counters, and is kept, since others may still read it.
#define _GNU_SOURCE
#include "cards/faults.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cards/fault_table.h"
#include "base/file_status.h"

enum { LOOK_EACH_MS = 10 };

static const struct cards *watched;
static void (*on_change)(void);
static _Atomic(struct fault_table *) table; // NULL: no faults
static _Atomic uint64_t look_again_ms;
static pthread_mutex_t look_lock = PTHREAD_MUTEX_INITIALIZER; // guards `last`
static struct stat last;

static uint64_t coarse_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec
           && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// 1 if the table changed.
static int look(void) {
    char path[PATH_MAX], error[PATH_MAX + 256] = "";
    struct stat now = {0};
    snprintf(path, sizeof path, "%s/faults.conf", watched->folder);
    int there = file_status_at(path, &now) == 0;
    if (!there && errno != ENOENT) snprintf(error, sizeof error, "cannot read %s: %s", path, strerror(errno));
    if (!there) now.st_size = errno == ENOENT ? 0 : -1; // one line for a reason that stays
    if (same_file(&now, &last)) return 0;
    last = now;
    struct fault_table *read = there ? fault_table_read(path, watched, error, sizeof error) : NULL;
    if (*error) fprintf(stderr, "simulated GPU: %s; no faults are injected\n", error);
    if (!read && !atomic_load(&table)) return 0;
    atomic_store(&table, read);
    return 1;
}

void faults_look(void) {
    uint64_t now_ms = coarse_ms();
    if (now_ms < atomic_load_explicit(&look_again_ms, memory_order_relaxed) || !watched) return;
    if (pthread_mutex_trylock(&look_lock) != 0) return;
    atomic_store(&look_again_ms, now_ms + LOOK_EACH_MS);
    int changed = look();
    pthread_mutex_unlock(&look_lock);
    if (changed && on_change) on_change();
}

void faults_watch(const struct cards *cards, void (*changed)(void)) {
    watched = cards;
    on_change = changed;
    faults_look();
}

static int concerns(const struct fault *fault, enum fault_kind kind, const struct card_description *card) {
    return fault->kind == kind && (fault->card < 0 || &watched->card[fault->card] == card)
           && (fault->pid == 0 || fault->pid == (uint64_t)getpid());
}

int fault_is(enum fault_kind kind, const struct card_description *card) {
    faults_look();
    struct fault_table *faults = atomic_load_explicit(&table, memory_order_acquire);
    for (int i = 0; faults && i < faults->count; i++)
        if (concerns(&faults->fault[i], kind, card)) return 1;
    return 0;
}

int fault_strikes(enum fault_kind kind, const struct card_description *card, const char *kernel) {
    faults_look();
    struct fault_table *faults = atomic_load_explicit(&table, memory_order_acquire);
    for (int i = 0; faults && i < faults->count; i++) {
        struct fault *fault = &faults->fault[i];
        if (!concerns(fault, kind, card) || (*fault->kernel && (!kernel || strcmp(fault->kernel, kernel) != 0))) continue;
        uint64_t call = atomic_fetch_add(&fault->calls, 1);
        if (call >= fault->after && call - fault->after < fault->times) return i + 1;
    }
    return 0;
}

int fault_code(int line) {
    struct fault_table *faults = atomic_load_explicit(&table, memory_order_acquire);
    return faults && line <= faults->count ? (int)faults->fault[line - 1].code : 0;
}

uint64_t fault_copy_factor(const struct card_description *card) {
    faults_look();
    struct fault_table *faults = atomic_load_explicit(&table, memory_order_acquire);
    for (int i = 0; faults && i < faults->count; i++)
        if (concerns(&faults->fault[i], FAULT_SLOW_COPIES, card)) return faults->fault[i].factor;
    return 1;
}
