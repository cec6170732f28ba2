// shared.h: memory of a card that several processes may hold. The card is charged for it once, as long as anybody holds it, by
// an entry of a table of the card, in place of the slot of a process.
//
//   <folder>/<uuid>.shared            the table: for each piece, how much it books
//   <folder>/<uuid>.shared.<entry>    the piece itself: its bytes, then one page that says what it is
//
// Who holds a piece has its file open and a read lock of the open file on byte 0; so does a descriptor that was exported, wherever
// it is on its way. A piece whose file nobody has locked books nothing, and is removed by whoever finds it so.
// Entries change under byte 0 of the card's lock file. An entry counts from `used`, written last; it is made while its creator
// still books the bytes in his slot, so that a process killed at any instruction leaves a sum that is right.
#ifndef SLUICE_SIM_SHARED_H
#define SLUICE_SIM_SHARED_H

#include "cards/card_state.h"

enum { SHARED_ENTRIES = 1024, SHARED_ABOUT_BYTES = 256 };

// The page behind the bytes.
struct shared_page {
    uint64_t magic, generation, file_bytes;
    uint32_t entry, kind;
    char uuid[48]; // of the card
    unsigned char about[SHARED_ABOUT_BYTES]; // what the creator tells those who join
};

// One hold on a piece by this process.
struct shared_memory {
    struct shared_memory *next; // all holds of this process
    struct card *card;
    struct shared_page page;
    int lock_fd;
};

// What all live pieces book. With `wipe`, under the card's lock, dead ones are removed.
uint64_t shared_booked(struct card *card, int wipe);
// A piece of `file_bytes`, which takes over `booked_bytes` of what this process has booked. NULL when there is no room for it.
struct shared_memory *shared_create(struct card *card, uint32_t kind, uint64_t file_bytes, uint64_t booked_bytes,
                                    const void *about, size_t about_bytes);
// Moves bytes that this process has booked to the piece, or (shrink) gives bytes of it back to the card.
void shared_grow(struct shared_memory *memory, uint64_t bytes);
void shared_shrink(struct shared_memory *memory, uint64_t bytes);
// What an exported descriptor names: 0, or -1 if it is no piece of that kind.
int shared_read(int fd, uint32_t kind, struct shared_page *page);
// The page of an entry in its so-many-th life: the same.
int shared_look_up(struct card *card, uint32_t entry, uint64_t generation, uint32_t kind, struct shared_page *page);
// A hold of the piece that this page describes; NULL if it is gone.
struct shared_memory *shared_join(struct card *card, const struct shared_page *page);
// A descriptor for others, which holds the piece too; -1 when none can be had.
int shared_export(const struct shared_memory *memory);
// A descriptor to map its bytes by; -1 when none can be had.
int shared_map_fd(const struct shared_memory *memory);
// Whether the folder, whose files the bytes are written in, has room for so many more.
int shared_has_room(const struct card *card, uint64_t bytes);
// Whether others still hold it.
int shared_leave(struct shared_memory *memory);
// In a forked child, which holds nothing.
void shared_forget_all(void);

#endif
