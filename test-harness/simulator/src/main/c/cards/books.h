// books.h: the engine's books: who ran when on a card. Whatever shares are promised above it, this file is the judge.
//
//   <folder>/<uuid>.books, mapped by everyone, a ring
//     0    +----------------------------------------------------------+
//          | magic, layout, records in the ring, records ever written |
//     64   +----------------------------------------------------------+
//          | record 1 | record 2 | … number n stands at (n - 1) % ring |
//          +----------------------------------------------------------+
//
// A record is one interval in which one kernel ran without interruption, in nanoseconds of CLOCK_MONOTONIC. Numbers begin at 1
// and have no gaps. Records of one context may overlap, those of two contexts never do.
// Several processes may write a record, all of them the same bytes. A process that was stopped for a whole round of the ring
// may spoil one: `check` tells. The same layout stands in EngineBooks.java.
#ifndef SLUICE_SIM_BOOKS_H
#define SLUICE_SIM_BOOKS_H

#include <stdint.h>

enum { BOOKS_RECORDS = 32768, BOOKS_LAYOUT = 1, BOOKS_NAME_WORDS = 5 };

struct book_record {
    uint64_t number, check; // check: see books.c
    uint64_t pid;           // in the owner's pid namespace
    uint64_t context;       // counts the contexts of the process, from 1
    uint64_t stream;
    uint64_t submit_ns, ready_ns; // when it was launched, and when all it waits for was over
    uint64_t start_ns, end_ns;
    uint64_t sms;           // held by it; upper half: those of the card
    uint64_t ended;         // 1: the kernel was over at end_ns, 0: it was interrupted
    uint64_t name[BOOKS_NAME_WORDS]; // of the kernel, cut, filled up with zeros
};
_Static_assert(sizeof(struct book_record) == 128, "as drawn above");

struct books {
    _Atomic uint64_t magic;
    uint64_t layout, ring;
    _Atomic uint64_t count;
    uint64_t unused[4];
    struct book_record record[BOOKS_RECORDS];
};

void books_begin(struct books *books);
// Writes record->number, unless it or a later one already stands there.
void books_write(struct books *books, const struct book_record *record);

#endif
