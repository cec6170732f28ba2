// timeline.c: device time. Each engine of a card does one thing after another, whichever process asked.
#include "cards/card_state.h"
#include "cards/faults.h"

uint64_t card_free_at(const struct card *card, enum card_engine engine) {
    return atomic_load(&card->state->free_at_ns[engine]);
}

uint64_t card_book(struct card *card, enum card_engine engine, uint64_t ready_ns, uint64_t length_ns, uint64_t no_earlier_ns) {
    _Atomic uint64_t *free_at = &card->state->free_at_ns[engine];
    if (engine != ENGINE_COMPUTE) length_ns *= fault_copy_factor(card->description);
    uint64_t seen = atomic_load(free_at), start, end;
    do {
        start = seen > ready_ns ? seen : ready_ns;
        end = start + length_ns;
        if (end < no_earlier_ns) end = no_earlier_ns;
    } while (!atomic_compare_exchange_weak(free_at, &seen, end));
    if (card->slot >= 0) {
        struct card_slot *slot = &card->state->slot[card->slot];
        atomic_fetch_add(&slot->busy_ns[engine], end - start);
        if (engine == ENGINE_COMPUTE) atomic_fetch_add(&slot->launches, 1);
        usage_add(card, engine == ENGINE_COMPUTE ? USAGE_KERNELS : USAGE_COPIES, start, end);
    }
    return end;
}
