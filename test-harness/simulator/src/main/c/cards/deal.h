// deal.h: how the contexts of a card, in whatever processes, share its compute engine.
//
//   <folder>/<uuid>.engine, mapped by everyone
//     +----------------------------------------------------------------------+
//     | magic, layout, current view {sequence, buffer}, rows ever used       |
//     +----------------------------------------------------------------------+
//     | row 0: owner, tail │ kernels handed in, a ring of 64                |  written by its owner alone
//     | row 1 …                                                              |
//     +----------------------------------------------------------------------+
//     | buffers 0 and 1 of row 0 │ buffers 2 and 3 of row 1 │ …              |  a buffer holds one view
//     +----------------------------------------------------------------------+
//
// A context has a row. Launching writes a kernel behind the others and then moves the tail: no lock, nothing to wait for.
// A *view* says how far device time was dealt: until when, whose turn it is, what is left of each kernel, and the last records
// for the books. It is never changed: whoever wants to know more copies the current one, deals on in private memory up to the
// present, writes the result into that of its own two buffers which is not current, and swaps `current`, which is the only
// step that others see. Who loses the swap begins again from the winner's view.
//
//            ┌────────────── lost: somebody else dealt ───────────────┐
//            ▼                                                        │
//     copy the view ─▶ write its records into the books ─▶ deal up to now ─▶ store ─▶ swap
//
// Death or SIGSTOP at any instruction: before the swap nothing has happened, after it all has. The records of a view are
// written by whoever deals on from it, so none is lost with a winner that dies. What a stopped process has handed in goes on,
// dealt by the others. Who owns a row is looked at each time it gets a slice; what a dead one had handed in is dropped there.
//
// Rules (dealing.c). Contexts that have something to run take turns in order, a slice each; one that runs dry gives the rest of
// its slice away; one that is alone goes on. Another context than before costs switch_ns first. In its turn a context runs as
// many kernels as the SMs hold, one of a stream at a time, by priority and then in order; the first that does not fit holds up
// those behind it.
// Invariants: nothing is dealt before time_ns twice, or beyond the present (but for a switch that has begun); time without
// work is not dealt, so that work which becomes known a little late still begins when it was ready; a kernel that has ended
// keeps its place until its owner has seen the end in a published view.
#ifndef SLUICE_SIM_DEAL_H
#define SLUICE_SIM_DEAL_H

#include <stdint.h>

#include "cards/books.h"
#include "cards/card_state.h"

enum { DEAL_ROWS = 128, DEAL_KERNELS = 64, DEAL_RECORDS = 128 };

struct deal_kernel {
    uint64_t number; // counts the kernels of the row, from 1
    uint64_t owner;
    uint64_t stream, submit_ns, ready_ns, length_ns;
    uint64_t sms;      // it holds; 0: none, and it does not stand in the books
    int64_t priority;  // lower first
    uint64_t name[BOOKS_NAME_WORDS];
    uint64_t pid, context;
    uint64_t unused;
};
_Static_assert(sizeof(struct deal_kernel) == 128, "two cache lines");

struct deal_row {
    uint64_t owner; // 0: free; unique to a context, the lower 16 bits are 1 + its process' slot
    uint64_t tail;  // kernels ever handed in
    uint64_t unused[6];
    struct deal_kernel kernel[DEAL_KERNELS]; // number n at (n - 1) % DEAL_KERNELS
};

// What a view says of one kernel.
struct deal_progress {
    uint64_t number;
    uint64_t left_ns;
    uint64_t run_ns; // since when it runs, 0: it does not
    uint64_t end_ns; // 0: not over
};

struct deal_view_row {
    uint64_t owner;
    uint64_t head;    // kernels up to this number are over
    uint64_t dropped; // 1: the owner is dead
    struct deal_progress progress[DEAL_KERNELS];
};

struct deal_view {
    uint64_t time_ns, slice_end_ns;
    uint64_t turn, turn_owner; // row and owner whose turn it is, or was
    uint64_t record_count;     // records ever
    uint64_t new_records;      // of these stand here
    uint64_t row_count;
    struct book_record record[DEAL_RECORDS];
    struct deal_view_row row[DEAL_ROWS];
};

struct deal {
    _Atomic uint64_t magic;
    uint64_t layout, size;
    _Atomic uint64_t current; // sequence in the upper 48 bits, buffer in the lower 16; sequence 0: nothing was dealt yet
    _Atomic uint64_t row_count;
    uint64_t unused[3];
    struct deal_row row[DEAL_ROWS];
    struct deal_view buffer[2 * DEAL_ROWS];
};

// A context's place at the table. Used by one thread at a time.
struct seat {
    struct card *card;
    uint32_t row;
    uint64_t owner, context;
    uint64_t first, tail; // kernels handed in by owners of the row before, and by now
    struct deal_view *view; // private copy of what was published last
};

// Maps the two files of the card: NULL, or what is wrong. Under card_lock.
const char *deal_open(struct card *card, const char *folder);
void deal_close(struct card *card);
// What the dead process that had this slot left behind is nobody's.
void deal_forget_slot(struct card *card, int slot);

// 0, or -1 where no row or memory is left. The process must have a slot.
int seat_take(struct seat *seat, struct card *card, uint64_t context);
void seat_leave(struct seat *seat);
// Whether a kernel can be handed in; false until ends of earlier ones were seen.
int seat_has_room(const struct seat *seat);
// Hands a kernel in: its number. Fills in number, owner, pid and context.
uint64_t seat_hand_in(struct seat *seat, struct deal_kernel *kernel);
// Deals on to the present, and makes seat->view what was published.
void seat_look(struct seat *seat, uint64_t now_ns);
// When kernel `number` was over, 0 while it is not.
uint64_t seat_end_of(const struct seat *seat, uint64_t number);
// What is left of it; length_ns, its whole length, where nobody has dealt it yet.
uint64_t seat_left_of(const struct seat *seat, uint64_t number, uint64_t length_ns);
// When to look again for the next end.
uint64_t seat_next_look(const struct seat *seat, uint64_t now_ns);

// Deals on in `view`, which is private, up to now_ns or until it has as many records as it can hold. Whether it changed.
int deal_on(struct card *card, struct deal_view *view, uint64_t now_ns);

#endif
