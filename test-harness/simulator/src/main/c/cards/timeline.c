// timeline.c: the time of the copy engines. Each does one thing after another, whichever process asked.
#include "cards/card_state.h"
#include "cards/faults.h"

uint64_t card_book(struct card *card, enum card_engine engine, uint64_t ready_ns, uint64_t length_ns, uint64_t no_earlier_ns) {
    _Atomic uint64_t *free_at = &card->state->free_at_ns[engine];
    length_ns *= fault_copy_factor(card->description);
    uint64_t seen = atomic_load(free_at), start, end;
    do {
        start = seen > ready_ns ? seen : ready_ns;
        end = start + length_ns;
        if (end < no_earlier_ns) end = no_earlier_ns;
    } while (!atomic_compare_exchange_weak(free_at, &seen, end));
    if (card->slot >= 0) {
        atomic_fetch_add(&card->state->slot[card->slot].busy_ns[engine], end - start);
        usage_add(card, USAGE_COPIES, start, end);
    }
    return end;
}
