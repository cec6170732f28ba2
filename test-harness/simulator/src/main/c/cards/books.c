// books.c: see books.h.
#include "cards/books.h"

#include <stdatomic.h>

#include "cards/words.h"

static const uint64_t MAGIC = 0x314b4f4f42554c53; // "SLUBOOK1"
enum { RECORD_WORDS = sizeof(struct book_record) / sizeof(uint64_t), CHECK_WORD = 1 };

static uint64_t check_of(const uint64_t *words) {
    uint64_t check = 0x9e3779b97f4a7c15;
    for (int i = 0; i < RECORD_WORDS; i++)
        if (i != CHECK_WORD) check = (check ^ words[i]) * 0x100000001b3;
    return check;
}

void books_begin(struct books *books) {
    books->layout = BOOKS_LAYOUT;
    books->ring = BOOKS_RECORDS;
    atomic_store(&books->magic, MAGIC);
}

void books_write(struct books *books, const struct book_record *record) {
    struct book_record *at = &books->record[(record->number - 1) % BOOKS_RECORDS];
    if (word_load(&at->number) < record->number) {
        struct book_record whole = *record;
        whole.check = check_of((const uint64_t *)record);
        words_store((uint64_t *)at, (const uint64_t *)&whole, RECORD_WORDS);
    }
    uint64_t count = atomic_load(&books->count);
    while (count < record->number && !atomic_compare_exchange_weak(&books->count, &count, record->number)) {
    }
}
