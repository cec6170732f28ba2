// load.c: commands that allocate in great numbers, for races and kills.
#include <pthread.h>
#include <stdlib.h>

#include "client.h"

enum { MAX_THREADS = 16, MAX_LIVE = 256, MAX_HELD = 1 << 16, GRANULARITY = 512 };

static uint64_t rounded(uint64_t bytes) {
    return (bytes + GRANULARITY - 1) / GRANULARITY * GRANULARITY;
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct {
    uint64_t address, bytes;
} held[MAX_HELD];
static size_t held_count;

static void hold(uint64_t address, uint64_t bytes) {
    held[held_count].address = address;
    held[held_count++].bytes = bytes;
}

static uint64_t held_bytes(void) {
    uint64_t sum = 0;
    for (size_t i = 0; i < held_count; i++) {
        sum += held[i].bytes;
    }
    return sum;
}

struct churner {
    pthread_t thread;
    void *context;
    uint64_t count, random, most_bytes, granted, denied, other;
    int live;
    struct {
        uint64_t address, bytes;
    } slot[MAX_LIVE];
};

// Each turn takes a random slot and fills it if it is free, empties it if it is full.
static void *churn(void *argument) {
    struct churner *self = argument;
    cuda.cuCtxSetCurrent(self->context);
    for (uint64_t tried = 0; tried < self->count;) {
        size_t i = next_random(&self->random) % (uint64_t)self->live;
        if (self->slot[i].address) {
            self->other += cuda.cuMemFree_v2(self->slot[i].address) != 0;
            self->slot[i].address = 0;
            continue;
        }
        uint64_t bytes = next_random(&self->random) % self->most_bytes + 1, address = 0;
        int result = cuda.cuMemAlloc_v2(&address, bytes);
        tried++;
        if (result == 0) {
            self->granted++;
            self->slot[i].address = address;
            self->slot[i].bytes = rounded(bytes);
        } else {
            self->denied += result == 2;
            self->other += result != 2;
        }
    }
    return NULL;
}

// churn COUNT SEED MOST-BYTES LIVE THREADS: each thread makes COUNT allocations of random size and holds up to LIVE;
// what is left at the end stays held until drop. Answers granted, denied, held bytes.
void do_churn(char **a) {
    int threads = atoi(a[5]), live = atoi(a[4]);
    threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
    struct churner *churners = calloc((size_t)threads, sizeof *churners);
    void *context = NULL;
    cuda.cuCtxGetCurrent(&context);
    for (int i = 0; i < threads; i++) {
        churners[i].context = context;
        churners[i].count = strtoull(a[1], NULL, 10);
        churners[i].random = strtoull(a[2], NULL, 10) * 2654435761u + (uint64_t)i * 977 + 1;
        churners[i].most_bytes = strtoull(a[3], NULL, 10);
        churners[i].live = live < 1 ? 1 : live > MAX_LIVE ? MAX_LIVE : live;
        pthread_create(&churners[i].thread, NULL, churn, &churners[i]);
    }
    uint64_t granted = 0, denied = 0, other = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(churners[i].thread, NULL);
        granted += churners[i].granted;
        denied += churners[i].denied;
        other += churners[i].other;
        for (int slot = 0; slot < churners[i].live; slot++) {
            if (churners[i].slot[slot].address && held_count < MAX_HELD) {
                hold(churners[i].slot[slot].address, churners[i].slot[slot].bytes);
            }
        }
    }
    free(churners);
    answer("%d %llu %llu %llu", other ? 1 : 0, (unsigned long long)granted, (unsigned long long)denied,
           (unsigned long long)held_bytes());
}

// fill SEED MOST-BYTES: allocates random sizes until not even one byte more is granted. Answers allocations and bytes
// held, rounded as the driver rounds them.
void do_fill(char **a) {
    uint64_t random = strtoull(a[1], NULL, 10) * 2654435761u + 1, most = strtoull(a[2], NULL, 10);
    uint64_t granted = 0, address;
    int result = 0;
    while (most > 0 && held_count < MAX_HELD) {
        uint64_t bytes = next_random(&random) % most + 1;
        result = cuda.cuMemAlloc_v2(&address, bytes);
        if (result == 0) {
            hold(address, rounded(bytes));
            granted++;
        } else {
            most = bytes - 1;
        }
    }
    answer("%d %llu %llu", result == 2 ? 0 : result, (unsigned long long)granted, (unsigned long long)held_bytes());
}

// drop: frees what churn and fill hold.
void do_drop(char **a) {
    (void)a;
    int failed = 0;
    for (size_t i = 0; i < held_count; i++) {
        failed += cuda.cuMemFree_v2(held[i].address) != 0;
    }
    held_count = 0;
    answer("%d", failed);
}
