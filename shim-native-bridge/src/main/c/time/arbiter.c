#define _GNU_SOURCE
#include "arbiter.h"

#include "file_status.h"
#include "time_bucket.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// LEAD: so much before its work should be over a holder whose time is used up moves the turn on, so that the next one's launches are
// there when the GPU is free. AHEAD: so much before that its own next turn begins. GRACE: an idle holder may be between two launches.
enum { PLACE_BITS = 16, WEIGHT_OF_ALL = 1000000 };
static const uint64_t LEAD_NS = 300000, AHEAD_NS = 1000000, GRACE_NS = 200000, SILENCE_NS = 10000000, PATIENCE_NS = 10000000, WAIT_NS = 2000000000, NAP_NS = 2000000;
static const uint64_t ABANDONED_NS = 10000000000, SHORTEST_LOOK_NS = 30000, CONTENDED_LOOK_NS = 100000, MOST_NS = 1000000000000;

static unsigned place_of(const struct sluice_turns *turns) {
    return __atomic_load_n(&turns->place, __ATOMIC_RELAXED);
}

static struct sluice_party *party(const struct sluice_turns *turns) {
    return &turns->arbiter->parties[__atomic_load_n(&turns->party, __ATOMIC_RELAXED)];
}

static struct sluice_place *own(const struct sluice_turns *turns) {
    return &turns->arbiter->places[place_of(turns)];
}

static uint64_t load(const uint64_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static int holds(uint64_t turn, unsigned place) {
    return (turn & ((1u << PLACE_BITS) - 1)) == place + 1;
}

static uint64_t virtual_of(uint64_t device_ns, uint32_t weight_ppm) {
    uint64_t taken = device_ns < MOST_NS ? device_ns : MOST_NS;
    return taken * WEIGHT_OF_ALL / (weight_ppm ? weight_ppm : WEIGHT_OF_ALL);
}

int sluice_turns_open(struct sluice_turns *turns, const char *run_dir, const char *tenant, const uint8_t uuid[16]) {
    char path[512];
    int length = snprintf(path, sizeof path, "%s/arbiters/", run_dir);
    for (int i = 0; i < 16 && length > 0 && (size_t)length + 4 < sizeof path; i++) {
        length += snprintf(path + length, sizeof path - (size_t)length, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
    }
    struct stat status;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct sluice_arbiter *arbiter = MAP_FAILED;
    if (fd >= 0 && sluice_status_of(fd, &status) == 0 && (size_t)status.st_size >= sizeof *arbiter) {
        arbiter = mmap(NULL, sizeof *arbiter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (arbiter == MAP_FAILED) {
        return -1;
    }
    if (arbiter->magic != SLUICE_ARBITER_MAGIC || __atomic_load_n(&arbiter->version, __ATOMIC_ACQUIRE) != SLUICE_ARBITER_VERSION) {
        munmap(arbiter, sizeof *arbiter);
        return -1;
    }
    uint64_t key = 14695981039346656037ull; // FNV-1a
    for (const char *c = tenant; *c; c++) {
        key = (key ^ (unsigned char)*c) * 1099511628211ull;
    }
    *turns = (struct sluice_turns){.key = key | 1, .arbiter = arbiter, .seating = PTHREAD_MUTEX_INITIALIZER};
    return 0;
}

void sluice_turns_forget(struct sluice_turns *turns) {
    if (turns->arbiter) {
        munmap(turns->arbiter, sizeof *turns->arbiter);
        *turns = (struct sluice_turns){.arbiter = NULL};
    }
}

// Also not where the file is of an earlier boot, whose clock stood elsewhere.
static int seen_within(const struct sluice_place *place, uint64_t ns, uint64_t now_ns) {
    uint64_t seen_ns = load(&place->seen_ns);
    return seen_ns && seen_ns + ns > now_ns && seen_ns < now_ns + ABANDONED_NS;
}

static unsigned party_of(struct sluice_arbiter *arbiter, uint64_t key) {
    for (unsigned i = 0; i < SLUICE_PARTY_COUNT - 1; i++) {
        uint64_t found = load(&arbiter->parties[i].key);
        if (found == 0 && __atomic_compare_exchange_n(&arbiter->parties[i].key, &found, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            return i;
        }
        if (found == key) {
            return i;
        }
    }
    return SLUICE_PARTY_COUNT - 1; // shared by all that find no other
}

// Whether this process has its place still.
static int is_seated(const struct sluice_turns *turns) {
    uint64_t owner = load(&turns->owner);
    return owner && load(&own(turns)->owner) == owner;
}

// Takes a place, or one that nobody has used for long. Returns whether there was one.
static int take_place(struct sluice_turns *turns, uint64_t now_ns) {
    struct sluice_arbiter *arbiter = turns->arbiter;
    uint64_t owner = 0;
    if (syscall(SYS_getrandom, &owner, sizeof owner, 0) != sizeof owner || owner == 0) {
        owner = turns->key ^ now_ns ^ (uint64_t)getpid() << 32;
    }
    unsigned party = party_of(arbiter, turns->key);
    for (unsigned i = 0; i < SLUICE_PLACE_COUNT; i++) {
        struct sluice_place *place = &arbiter->places[i];
        uint64_t seen_ns = load(&place->seen_ns);
        if (seen_within(place, ABANDONED_NS, now_ns) || !__atomic_compare_exchange_n(&place->seen_ns, &seen_ns, now_ns, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            continue; // whoever writes the time first has it
        }
        store(&place->owner, owner);
        store(&place->busy_until_ns, 0);
        store(&place->idle_ns, now_ns);
        __atomic_store_n(&place->wants, 0, __ATOMIC_RELEASE);
        __atomic_store_n(&place->party, party, __ATOMIC_RELEASE);
        uint32_t used = __atomic_load_n(&arbiter->places_used, __ATOMIC_ACQUIRE);
        while (used <= i && !__atomic_compare_exchange_n(&arbiter->places_used, &used, i + 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        }
        __atomic_store_n(&turns->party, party, __ATOMIC_RELAXED);
        __atomic_store_n(&turns->place, i, __ATOMIC_RELAXED);
        store(&turns->owner, owner);
        return 1;
    }
    return 0;
}

static int sit_down(struct sluice_turns *turns, uint64_t now_ns) {
    pthread_mutex_lock(&turns->seating);
    int seated = is_seated(turns) || take_place(turns, now_ns);
    pthread_mutex_unlock(&turns->seating);
    return seated;
}

static unsigned places_used(const struct sluice_arbiter *arbiter) {
    uint32_t used = __atomic_load_n(&arbiter->places_used, __ATOMIC_ACQUIRE);
    return used < SLUICE_PLACE_COUNT ? used : SLUICE_PLACE_COUNT;
}

static int wants(const struct sluice_place *place, uint64_t now_ns) {
    return __atomic_load_n(&place->wants, __ATOMIC_ACQUIRE) != 0 && load(&place->owner) != 0 && seen_within(place, SILENCE_NS, now_ns);
}

static int others_want(const struct sluice_turns *turns, uint64_t now_ns) {
    unsigned used = places_used(turns->arbiter);
    for (unsigned i = 0; i < used; i++) {
        if (i != place_of(turns) && wants(&turns->arbiter->places[i], now_ns)) {
            return 1;
        }
    }
    return 0;
}

static uint64_t virtual_at(struct sluice_arbiter *arbiter, unsigned place) {
    uint32_t party = __atomic_load_n(&arbiter->places[place].party, __ATOMIC_RELAXED);
    return load(&arbiter->parties[party < SLUICE_PARTY_COUNT ? party : 0].virtual_ns);
}

// Virtual times are compared by their distance: a correction under a smaller share than the charge may take one below 0.
static int is_before(uint64_t one_ns, uint64_t other_ns) {
    return (int64_t)(one_ns - other_ns) < 0;
}

// Of all that want a turn, whose tenant has received least; of its processes the one that has waited longest. -1: nobody.
static int next_place(const struct sluice_turns *turns, uint64_t now_ns) {
    struct sluice_arbiter *arbiter = turns->arbiter;
    unsigned used = places_used(arbiter);
    int best = -1;
    uint64_t best_virtual = 0, best_served = 0;
    for (unsigned i = 0; i < used; i++) {
        if (!wants(&arbiter->places[i], now_ns)) {
            continue;
        }
        uint64_t virtual_ns = virtual_at(arbiter, i), served = load(&arbiter->places[i].served);
        if (best < 0 || is_before(virtual_ns, best_virtual) || (virtual_ns == best_virtual && served < best_served)) {
            best = (int)i;
            best_virtual = virtual_ns;
            best_served = served;
        }
    }
    return best;
}

static void call(struct sluice_place *place) {
    __atomic_add_fetch(&place->call, 1, __ATOMIC_ACQ_REL);
    syscall(SYS_futex, &place->call, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

// Gives the turn to a place, if it is still as it was seen.
static int give(struct sluice_arbiter *arbiter, uint64_t seen, unsigned to) {
    uint64_t serial = (seen >> PLACE_BITS) + 1, virtual_ns = virtual_at(arbiter, to);
    if (!__atomic_compare_exchange_n(&arbiter->turn, &seen, serial << PLACE_BITS | (to + 1), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return 0;
    }
    struct sluice_place *place = &arbiter->places[to];
    store(&place->served, serial);
    store(&arbiter->virtual_ns, virtual_ns);
    call(place);
    return 1;
}

// Whether others may go on without the holder: it is idle, has died or is stopped, or its work takes far too long.
static int is_over(const struct sluice_arbiter *arbiter, uint64_t turn, uint64_t now_ns) {
    unsigned holder = (unsigned)(turn & ((1u << PLACE_BITS) - 1)) - 1;
    if (holder >= SLUICE_PLACE_COUNT) {
        return 1;
    }
    const struct sluice_place *place = &arbiter->places[holder];
    uint64_t busy_until_ns = load(&place->busy_until_ns);
    if (load(&place->owner) == 0) {
        return 1;
    }
    if (busy_until_ns == 0 && __atomic_load_n(&place->wants, __ATOMIC_ACQUIRE) == 0) {
        return load(&place->idle_ns) + GRACE_NS <= now_ns;
    }
    int is_due = busy_until_ns + SILENCE_NS <= now_ns || busy_until_ns > now_ns + MOST_NS;
    return (is_due && !seen_within(place, SILENCE_NS, now_ns)) || (busy_until_ns && busy_until_ns + load(&place->patience_ns) <= now_ns);
}

// A tenant that comes back starts where the others are.
static void catch_up(const struct sluice_turns *turns) {
    uint64_t *virtual_ns = &party(turns)->virtual_ns;
    uint64_t now_virtual = load(&turns->arbiter->virtual_ns), own_virtual = load(virtual_ns);
    while (is_before(own_virtual, now_virtual) && !__atomic_compare_exchange_n(virtual_ns, &own_virtual, now_virtual, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
}

// Two kernels of about a quantum: for one each the changes of turn would take too much of the time.
static int64_t length_of_turn(uint64_t quantum_ns, uint64_t device_ns) {
    return (int64_t)(device_ns < 2 * quantum_ns && device_ns >= quantum_ns ? device_ns + 1 : quantum_ns);
}

// The time that is left of this process' turn.
static int64_t left_of(struct sluice_turns *turns, uint64_t turn, uint64_t quantum_ns, uint64_t device_ns) {
    uint64_t serial = load(&turns->serial), next = turn >> PLACE_BITS;
    if (serial != next && __atomic_compare_exchange_n(&turns->serial, &serial, next, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&turns->left_ns, length_of_turn(quantum_ns, device_ns), __ATOMIC_RELEASE);
    }
    return __atomic_load_n(&turns->left_ns, __ATOMIC_ACQUIRE);
}

// Where the next turn is the holder's again it goes on without draining, a while before its work is over. Returns whether it does, or for
// how long to wait until it may.
static int goes_on(struct sluice_turns *turns, uint64_t quantum_ns, uint64_t device_ns, uint64_t now_ns, uint64_t *wait_ns) {
    uint64_t busy_until_ns = load(&own(turns)->busy_until_ns);
    if (next_place(turns, now_ns) != (int)place_of(turns)) {
        return 0;
    }
    if (busy_until_ns > now_ns + AHEAD_NS) {
        *wait_ns = busy_until_ns - AHEAD_NS - now_ns;
        return 0;
    }
    store(&turns->arbiter->virtual_ns, load(&party(turns)->virtual_ns));
    __atomic_store_n(&turns->left_ns, length_of_turn(quantum_ns, device_ns), __ATOMIC_RELEASE);
    return 1;
}

static void spend(struct sluice_turns *turns, uint64_t device_ns, uint64_t booked_ns, uint32_t weight_ppm, uint64_t now_ns) {
    struct sluice_place *place = own(turns);
    uint64_t busy_ns = load(&place->busy_until_ns), patience_ns = device_ns < MOST_NS ? 4 * device_ns : MOST_NS;
    store(&turns->taken_ns, now_ns);
    __atomic_sub_fetch(&turns->left_ns, (int64_t)device_ns, __ATOMIC_ACQ_REL);
    store(&place->patience_ns, patience_ns > PATIENCE_NS ? patience_ns : PATIENCE_NS);
    while (!__atomic_compare_exchange_n(&place->busy_until_ns, &busy_ns, (busy_ns > now_ns ? busy_ns : now_ns) + device_ns, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
    __atomic_add_fetch(&party(turns)->virtual_ns, virtual_of(device_ns - booked_ns, weight_ppm), __ATOMIC_ACQ_REL);
}

// Its place may be another's by now, who counts from 0.
static void want_no_more(struct sluice_place *place) {
    uint32_t wants = __atomic_load_n(&place->wants, __ATOMIC_ACQUIRE);
    while (wants && !__atomic_compare_exchange_n(&place->wants, &wants, wants - 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
}

static void nap(struct sluice_place *place, uint32_t seen, uint64_t most_ns) {
    struct timespec most = {.tv_nsec = (long)most_ns};
    syscall(SYS_futex, &place->call, FUTEX_WAIT, seen, &most, NULL, 0);
}

uint64_t sluice_turns_take(struct sluice_turns *turns, uint64_t device_ns, uint64_t booked_ns, uint32_t weight_ppm, uint64_t quantum_ns) {
    uint64_t begun_ns = sluice_bucket_clock_ns(), now_ns = begun_ns;
    int waiting = 0;
    if (!is_seated(turns) && !sit_down(turns, now_ns)) {
        return 0; // more processes than places: it goes without
    }
    struct sluice_place *place = own(turns);
    for (;;) {
        uint64_t nap_ns = NAP_NS;
        uint32_t called = __atomic_load_n(&place->call, __ATOMIC_ACQUIRE);
        uint64_t turn = load(&turns->arbiter->turn);
        int is_mine = holds(turn, place_of(turns));
        store(&place->seen_ns, now_ns);
        if (is_mine) {
            if (left_of(turns, turn, quantum_ns, device_ns) > 0) {
                break;
            }
            if (!others_want(turns, now_ns)) {
                __atomic_store_n(&turns->left_ns, (int64_t)quantum_ns, __ATOMIC_RELEASE);
                break;
            }
        }
        if (!waiting) {
            waiting = 1;
            catch_up(turns);
            __atomic_add_fetch(&place->wants, 1, __ATOMIC_ACQ_REL);
        }
        if (is_mine && goes_on(turns, quantum_ns, device_ns, now_ns, &nap_ns)) {
            break;
        }
        if (is_mine ? load(&place->busy_until_ns) == 0 : is_over(turns->arbiter, turn, now_ns)) {
            int next = next_place(turns, now_ns);
            if (next >= 0) {
                give(turns->arbiter, turn, (unsigned)next);
                now_ns = sluice_bucket_clock_ns();
                continue;
            }
        }
        if (now_ns - begun_ns >= WAIT_NS) {
            break;
        }
        nap(place, called, nap_ns < NAP_NS ? nap_ns : NAP_NS);
        now_ns = sluice_bucket_clock_ns();
    }
    if (waiting) {
        want_no_more(place);
    }
    spend(turns, device_ns, booked_ns, weight_ppm, now_ns);
    return now_ns - begun_ns;
}

int sluice_turns_contended(const struct sluice_turns *turns) {
    return turns->arbiter && is_seated(turns) && others_want(turns, sluice_bucket_clock_ns());
}

void sluice_turns_correct(struct sluice_turns *turns, int64_t device_ns, uint32_t weight_ppm) {
    if (!turns->arbiter || !is_seated(turns)) {
        return;
    }
    uint64_t *virtual_ns = &party(turns)->virtual_ns;
    if (device_ns >= 0) {
        __atomic_add_fetch(virtual_ns, virtual_of((uint64_t)device_ns, weight_ppm), __ATOMIC_ACQ_REL);
    } else {
        __atomic_sub_fetch(virtual_ns, virtual_of((uint64_t)-device_ns, weight_ppm), __ATOMIC_ACQ_REL);
    }
}

uint64_t sluice_turns_look(struct sluice_turns *turns, const struct sluice_work *work) {
    if (!turns->arbiter || !is_seated(turns)) {
        return SLUICE_LONGEST_LOOK_NS;
    }
    struct sluice_place *place = own(turns);
    uint64_t turn = load(&turns->arbiter->turn), now_ns = sluice_bucket_clock_ns();
    int sure = work->variance <= LEAD_NS * LEAD_NS / 2;
    store(&place->seen_ns, now_ns);
    if (work->any && sure) {
        store(&place->busy_until_ns, now_ns + work->left_ns);
    }
    int drained = !work->any && load(&turns->taken_ns) + GRACE_NS <= now_ns; // else a launch may be on its way
    if (drained && load(&place->busy_until_ns) != 0) {
        store(&place->idle_ns, now_ns);
        store(&place->busy_until_ns, 0);
    }
    if (!holds(turn, place_of(turns)) || !others_want(turns, now_ns)) {
        return SLUICE_LONGEST_LOOK_NS;
    }
    int used_up = __atomic_load_n(&turns->left_ns, __ATOMIC_ACQUIRE) <= 0 && load(&turns->serial) == turn >> PLACE_BITS;
    int nearly_over = work->any && sure && work->left_ns <= LEAD_NS;
    int idle = drained && __atomic_load_n(&place->wants, __ATOMIC_ACQUIRE) == 0 && load(&place->idle_ns) + GRACE_NS <= now_ns;
    if (idle || (used_up && (drained || nearly_over))) {
        int next = next_place(turns, now_ns);
        if (next == (int)place_of(turns)) {
            call(place); // its launches wait for the end that was expected
        } else if (next >= 0) {
            give(turns->arbiter, turn, (unsigned)next);
        }
        return CONTENDED_LOOK_NS;
    }
    if (!work->any || !sure || !used_up) {
        return CONTENDED_LOOK_NS;
    }
    uint64_t wait_ns = work->left_ns - LEAD_NS;
    return wait_ns < SHORTEST_LOOK_NS ? SHORTEST_LOOK_NS : wait_ns < 2 * CONTENDED_LOOK_NS ? wait_ns : 2 * CONTENDED_LOOK_NS;
}
