// card_state.h: what all processes that use one simulated GPU share: who holds how many bytes, and until when it is busy.
//
//   <folder>/<uuid>.state, mapped by everyone
//     0   +--------------------------------------------+
//         | magic, layout, slot count, capacity        |  written once, magic last
//     64  +--------------------------------------------+
//         | free_at_ns of the copy engines, overruns   |  compare-and-swap
//     128 +--------------------------------------------+
//         | slot 0: used bytes, pid, launches, busy ns |  written by its owner; wiped under the lock once he is dead
//         +--------------------------------------------+
//         | slot 1 …                                   |
//
//   <folder>/<uuid>.locks, byte 0: whoever changes the sum of all slots; byte 1 + i: held as long as the owner of slot i lives.
//
// Invariants: the sum of used bytes over live slots never exceeds the capacity. It changes upwards under byte 0 only, each time
// by one store to the own slot, so that a process killed at any instruction leaves a sum that is right: its slot's lock is
// free, and a slot whose lock is free counts as nothing.
// The locks are those of the open file (F_OFD_SETLK), which no other library's close() in the same process can drop.
#ifndef SLUICE_SIM_CARD_STATE_H
#define SLUICE_SIM_CARD_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "cards/cards.h"
#include "cards/usage.h"

enum { CARD_SLOTS = 512 };
enum card_engine { ENGINE_COMPUTE, ENGINE_COPY_IN, ENGINE_COPY_OUT, ENGINE_COUNT, ENGINE_NONE = -1 };

struct card_slot {
    _Atomic uint64_t used_bytes;
    _Atomic uint64_t pid; // in the owner's pid namespace
    _Atomic uint64_t launches;
    _Atomic uint64_t busy_ns[ENGINE_COUNT];
    _Atomic uint64_t seen_ns; // when the owner was last known to live
    _Atomic uint64_t left;    // the owner ends by itself: its memory is not late
};

struct card_state {
    _Atomic uint64_t magic;
    uint32_t layout, slot_count;
    uint64_t capacity_bytes;
    uint64_t unused[5];
    _Atomic uint64_t free_at_ns[ENGINE_COUNT];
    _Atomic uint64_t overruns; // kernels whose interpretation took longer than the cost model says
    uint64_t unused_too[4];
    struct card_slot slot[CARD_SLOTS];
};
_Static_assert(sizeof(struct card_slot) == 64, "a slot is one cache line");
_Static_assert(offsetof(struct card_state, slot) == 128, "as drawn above");

struct shared_table;

// One process' view of one card.
struct card {
    const struct card_description *description;
    const struct cards *cards;
    struct shared_table *_Atomic shared; // see shared.h
    struct card_state *state;
    struct deal *deal;   // who runs when, see deal.h
    struct books *books;
    int lock_fd, deal_fd;
    _Atomic int slot;     // -1 until this process uses memory
    pthread_mutex_t lock; // threads of this process, before byte 0 of the lock file
    struct usage_row *usage; // by slot; NULL where the file could not be had
    _Atomic int usage_is_own; // the row of `slot` was begun
};

// 0, or -1 with a sentence in `error`.
int card_open(struct card *card, const struct cards *cards, int index, char *error, size_t error_size);
void card_close(struct card *card);
// Books `bytes` (a multiple of the 2 MiB block) for this process: 0, or -1 when they do not fit or no slot is left.
int card_take(struct card *card, uint64_t bytes);
void card_give(struct card *card, uint64_t bytes);
uint64_t card_used(struct card *card);
// Whether a process that lives owns this slot.
int card_slot_lives(struct card *card, int slot);

// A copy of `length_ns` on a copy engine: it starts when the engine and `ready_ns` allow and ends, at the earliest, at
// `no_earlier_ns`. Returns the end. What the compute engine does is dealt out by deal.h.
uint64_t card_book(struct card *card, enum card_engine engine, uint64_t ready_ns, uint64_t length_ns, uint64_t no_earlier_ns);
// The process still lives, or is about to end by itself.
void card_be_seen(struct card *card);
void card_leave(struct card *card);

#endif
