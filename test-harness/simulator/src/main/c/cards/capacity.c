// capacity.c: the memory that all processes share. Memory of the dead comes back to whoever looks next.
#include <unistd.h>

#include "base/clock.h"
#include "cards/card_lock.h"
#include "cards/cost.h"
#include "cards/deal.h"
#include "cards/shared.h"

// A card that nobody else uses is idle, whatever a killed process had booked, and on whichever day.
static int alone(struct card *card) {
    for (int i = 0; i < CARD_SLOTS; i++)
        if (i != card->slot && atomic_load(&card->state->slot[i].pid) && card_slot_lives(card, i)) return 0;
    return 1;
}

// Memory of a killed process is late, counted from when it was last known to live.
static int memory_is_due(const struct card *card, const struct card_slot *slot) {
    uint64_t seen_ns = atomic_load(&slot->seen_ns);
    if (atomic_load(&slot->left) || atomic_load(&slot->used_bytes) == 0) return 1;
    return clock_now_ns() >= seen_ns + cost_late_memory(card->description, seen_ns);
}

static void settle_in(struct card *card, int at) {
    struct card_slot *slot = &card->state->slot[at];
    deal_forget_slot(card, at);
    atomic_store(&slot->used_bytes, 0);
    atomic_store(&slot->left, 0);
    atomic_store(&slot->launches, 0);
    for (int engine = 0; engine < ENGINE_COUNT; engine++) atomic_store(&slot->busy_ns[engine], 0);
    atomic_store(&slot->pid, (uint64_t)getpid());
    card->slot = at;
    card_be_seen(card);
    if (!alone(card)) return;
    for (int engine = 0; engine < ENGINE_COUNT; engine++) atomic_store(&card->state->free_at_ns[engine], 0);
}

// A slot whose memory is still to come back is the last choice.
static int join(struct card *card) {
    for (int hurry = 0; hurry < 2; hurry++) {
        for (int i = 0; i < CARD_SLOTS; i++) {
            if (!hurry && !memory_is_due(card, &card->state->slot[i])) continue;
            if (!card_lock_slot(card, i)) continue;
            settle_in(card, i);
            return 0;
        }
    }
    return -1;
}

void card_be_seen(struct card *card) {
    if (card->slot >= 0) atomic_store_explicit(&card->state->slot[card->slot].seen_ns, clock_now_ns(), memory_order_relaxed);
}

void card_leave(struct card *card) {
    if (card->slot >= 0) atomic_store(&card->state->slot[card->slot].left, 1);
}

static uint64_t sum(struct card *card, int wipe) {
    uint64_t bytes = shared_booked(card, wipe);
    for (int i = 0; i < CARD_SLOTS; i++) {
        struct card_slot *slot = &card->state->slot[i];
        uint64_t used = atomic_load(&slot->used_bytes);
        if (used == 0) continue;
        if (card_slot_lives(card, i) || !memory_is_due(card, slot)) bytes += used;
        else if (wipe) atomic_store(&slot->used_bytes, 0);
    }
    return bytes;
}

uint64_t card_used(struct card *card) {
    return sum(card, 0);
}

int card_take(struct card *card, uint64_t bytes) {
    int result = -1;
    card_lock(card);
    card_be_seen(card);
    if (card->slot >= 0 || join(card) == 0) {
        uint64_t used = sum(card, 1);
        uint64_t capacity = card->state->capacity_bytes;
        if (used <= capacity && bytes <= capacity - used) {
            atomic_fetch_add(&card->state->slot[card->slot].used_bytes, bytes);
            result = 0;
        }
    }
    card_unlock(card);
    return result;
}

void card_give(struct card *card, uint64_t bytes) {
    if (card->slot >= 0) atomic_fetch_sub(&card->state->slot[card->slot].used_bytes, bytes);
}
