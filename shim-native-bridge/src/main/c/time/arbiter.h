// arbiter.h: one GPU's shared file, through which the processes that want it take turns.
//
// Without MPS a GPU runs one context at a time and slices time between them, so that what one uses cannot be told from what another
// does. So while several processes have launches that their tenants' buckets would admit, one of them has the turn. Turns go to the tenant
// that has received the least so far, by weight: start-time fair queuing (Goyal, Vin, Cheng: "Start-time Fair Queueing", 1996). A
// tenant's virtual time moves on by device time / weight; who has been away starts at the virtual time of whoever has the turn.
//
//   RUN/arbiters/<uuid>, made by the control side, zero but for magic and version
//     +---------------------------------------------------------+
//     | magic, version │ turn {serial:48 | seat + 1:16}, virtual |
//     +---------------------------------------------------------+
//     | parties: one per tenant {key, virtual time}              |
//     +---------------------------------------------------------+
//     | places: one per process {owner, what it wants and has}   |
//     +---------------------------------------------------------+
//
// No lock: `turn` moves by compare-and-swap, each time with the next serial. Who holds it moves it on; anybody does where its holder is
// idle, or has shown no sign of life for some ms after its work should be over. A place that nobody has used for long may be taken.
#ifndef SLUICE_ARBITER_H
#define SLUICE_ARBITER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define SLUICE_ARBITER_MAGIC 0x424152454349554cull
enum { SLUICE_ARBITER_VERSION = 1, SLUICE_PARTY_COUNT = 128, SLUICE_PLACE_COUNT = 256, SLUICE_ARBITER_BYTES = 18560 };

struct sluice_party {
    uint64_t key;        // of the tenant's name; 0: unused
    uint64_t virtual_ns; // device time / weight
};

struct sluice_place {
    _Alignas(64) uint64_t owner; // random; written by who has taken the place, which is to move seen_ns on from long ago
    uint32_t party;
    uint32_t wants;         // threads that wait for a turn
    uint64_t seen_ns;       // when the owner last did something here: CLOCK_MONOTONIC, as all times
    uint64_t busy_until_ns; // when what it has launched should be over; 0: nothing runs
    uint64_t idle_ns;       // since when nothing runs
    uint64_t patience_ns;   // how much longer its work may take until others go on beside it
    uint64_t served;        // the serial of its last turn
    uint32_t call;          // futex: changes when it gets the turn
};

struct sluice_arbiter {
    uint64_t magic;
    uint32_t version; // written last
    uint32_t places_used;
    _Alignas(64) uint64_t turn;
    uint64_t virtual_ns; // of the tenant that has the turn, when it got it
    _Alignas(64) struct sluice_party parties[SLUICE_PARTY_COUNT];
    struct sluice_place places[SLUICE_PLACE_COUNT];
};

// ArbiterFile.java writes and reads these.
_Static_assert(sizeof(struct sluice_arbiter) == SLUICE_ARBITER_BYTES && offsetof(struct sluice_arbiter, version) == 8, "arbiter");
_Static_assert(offsetof(struct sluice_arbiter, turn) == 64 && offsetof(struct sluice_arbiter, parties) == 128, "turn, parties");
_Static_assert(sizeof(struct sluice_party) == 16 && sizeof(struct sluice_place) == 64 && offsetof(struct sluice_place, party) == 8, "places");

// This process at one GPU. Filled in by sluice_turns_open, used by any of its threads.
struct sluice_turns {
    struct sluice_arbiter *arbiter; // NULL: there is none, and no turns are taken
    uint64_t key;     // of the tenant
    pthread_mutex_t seating;
    uint64_t owner;   // of the place; 0: not seated yet
    unsigned place, party;
    uint64_t serial;  // of the turn that left_ns belongs to
    int64_t left_ns;  // of it
    uint64_t taken_ns; // when time was taken last
};

// Maps the file. Returns 0, or -1 where there is none, or none of this version.
int sluice_turns_open(struct sluice_turns *turns, const char *run_dir, const char *tenant, const uint8_t uuid[16]);
void sluice_turns_forget(struct sluice_turns *turns);

// The word that changes with every turn; what was granted in another turn must be asked for again.
static inline const uint64_t *sluice_turns_at(const struct sluice_turns *turns) {
    static const uint64_t none = 0;
    return turns->arbiter ? &turns->arbiter->turn : &none;
}
static inline uint64_t sluice_turns_word(const struct sluice_turns *turns) {
    return __atomic_load_n(sluice_turns_at(turns), __ATOMIC_ACQUIRE);
}

// Waits for a turn and takes device time in it, of which booked_ns moved the tenant's virtual time before. Returns how long it waited, ns;
// at most some 2 s: then it goes without.
uint64_t sluice_turns_take(struct sluice_turns *turns, uint64_t device_ns, uint64_t booked_ns, uint32_t weight_ppm, uint64_t quantum_ns);

// Whether another process waits for a turn.
int sluice_turns_contended(const struct sluice_turns *turns);

// What was taken turned out to be so much too little, or, below 0, too much.
void sluice_turns_correct(struct sluice_turns *turns, int64_t device_ns, uint32_t weight_ppm);

// What the meter knows of this process' work on the GPU.
struct sluice_work {
    uint64_t left_ns;  // of what was launched, as expected; with what runs
    uint64_t variance; // of left_ns, ns²; UINT64_MAX: unknown
    int any;           // something is not over yet
};

// Looks whether the turn should move on. Returns when to look again, in ns from now: SLUICE_LONGEST_LOOK_NS where nobody else waits for
// it.
enum { SLUICE_LONGEST_LOOK_NS = 500000 };
uint64_t sluice_turns_look(struct sluice_turns *turns, const struct sluice_work *work);

#endif
