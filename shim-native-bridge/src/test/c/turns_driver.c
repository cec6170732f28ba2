// turns_driver: places that all want turns all the time, over one arbiter file and a clock of the driver's own. Pair of
// TurnsDifferentialTest.java.
//   turns_driver FOLDER SEED STEPS {WEIGHT_PPM QUANTUM_NS}...
// FOLDER has an arbiter file for the UUID of zeros. Prints the place that took time, a line for each of the steps.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arbiter.h"
#include "time_bucket.h"

enum { MOST_PLACES = 16, LAST_PLACE = SLUICE_PLACE_COUNT - 1, BETWEEN_LOOKS_NS = 250000 };

static uint64_t clock_ns = 1000000000;
static uint64_t seed;
static unsigned steps, taken_count;
static unsigned *taken_by;

static struct taker {
    struct sluice_turns turns;
    unsigned number;
    uint32_t weight_ppm;
    uint64_t quantum_ns;
} takers[MOST_PLACES];

uint64_t sluice_bucket_clock_ns(void) {
    return __atomic_load_n(&clock_ns, __ATOMIC_ACQUIRE);
}

// Even, so that it divides by the weights without a rest; of less than a quantum, or of more than two: see length_of_turn.
static uint64_t length(unsigned place, uint64_t step, uint64_t quantum_ns) {
    uint64_t random = (seed + place * 1000003 + step) * 6364136223846793005ull + 1442695040888963407ull;
    random = (random ^ random >> 33) * 0xff51afd7ed558ccdull;
    uint64_t ns = (random >> 20) % (quantum_ns / 2) * 2;
    return random >> 60 ? ns : ns + 3 * quantum_ns;
}

static void *take_turns(void *argument) {
    struct taker *own = argument;
    for (uint64_t step = 0;; step++) {
        uint64_t ns = length(own->number, step, own->quantum_ns);
        sluice_turns_take(&own->turns, ns, 0, own->weight_ppm, own->quantum_ns);
        unsigned at = __atomic_load_n(&taken_count, __ATOMIC_ACQUIRE);
        if (at == steps) {
            return NULL;
        }
        taken_by[at] = own->number;
        __atomic_store_n(&taken_count, at + 1, __ATOMIC_RELEASE);
    }
}

static void all_want(struct sluice_arbiter *arbiter, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        while (__atomic_load_n(&arbiter->places[i].wants, __ATOMIC_ACQUIRE) == 0 && __atomic_load_n(&taken_count, __ATOMIC_ACQUIRE) < steps) {
            usleep(20);
        }
    }
}

int main(int argc, char **argv) {
    static const uint8_t uuid[16];
    static const struct sluice_work nothing;
    unsigned count = (unsigned)(argc - 4) / 2;
    seed = strtoull(argv[2], NULL, 10);
    steps = (unsigned)atoi(argv[3]);
    taken_by = calloc(steps + 1, sizeof *taken_by);
    for (unsigned i = 0; i < count; i++) {
        char tenant[24];
        snprintf(tenant, sizeof tenant, "tenant-%u", i);
        takers[i].number = i;
        takers[i].weight_ppm = (uint32_t)atoi(argv[4 + 2 * i]);
        takers[i].quantum_ns = strtoull(argv[5 + 2 * i], NULL, 10);
        if (sluice_turns_open(&takers[i].turns, argv[1], tenant, uuid) != 0) {
            fprintf(stderr, "turns_driver: no arbiter in %s\n", argv[1]);
            return 1;
        }
    }
    struct sluice_arbiter *arbiter = takers[0].turns.arbiter;
    // Until all are there the turn is somebody's who is busy.
    arbiter->places[LAST_PLACE] = (struct sluice_place){.owner = 1, .seen_ns = clock_ns, .busy_until_ns = clock_ns + 1000000000};
    arbiter->turn = 1ull << 16 | (LAST_PLACE + 1);
    for (unsigned i = 0; i < count; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, take_turns, &takers[i]);
        all_want(arbiter, i + 1);
    }
    arbiter->places[LAST_PLACE] = (struct sluice_place){.owner = 0};
    for (unsigned seen = 0, looks = 0; (seen = __atomic_load_n(&taken_count, __ATOMIC_ACQUIRE)) < steps;) {
        for (looks = 0; looks < 250 && __atomic_load_n(&taken_count, __ATOMIC_ACQUIRE) == seen; looks++) {
            usleep(20); // the turn may be on its way
        }
        all_want(arbiter, count);
        uint64_t now_ns = __atomic_add_fetch(&clock_ns, BETWEEN_LOOKS_NS, __ATOMIC_ACQ_REL);
        for (unsigned i = 0; i < count; i++) {
            __atomic_store_n(&arbiter->places[i].seen_ns, now_ns, __ATOMIC_RELEASE);
        }
        for (unsigned i = 0; i < count; i++) {
            sluice_turns_look(&takers[i].turns, &nothing);
        }
    }
    for (unsigned i = 0; i < steps; i++) {
        printf("%u\n", taken_by[i]);
    }
    fflush(stdout);
    _exit(0); // with threads that wait
}
