// deal.c: the shared table and how views of it are published. How turns are dealt is in dealing.c.
#define _GNU_SOURCE
#include "cards/deal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "cards/card_lock.h"
#include "cards/words.h"

static const uint64_t MAGIC = 0x31304c4145444c53; // "SLDEAL01"
enum { LAYOUT = 1, POLL_NS = 200000, LEAST_NS = 20000, BUFFER_BITS = 16 };
enum { HEAD_WORDS = offsetof(struct deal_view, record) / sizeof(uint64_t), ROW_WORDS = sizeof(struct deal_view_row) / sizeof(uint64_t),
       RECORD_WORDS = sizeof(struct book_record) / sizeof(uint64_t) };

static void *map_file(const struct card *card, const char *folder, const char *ending, off_t size, off_t filled, int *fd) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.%s", folder, card->description->uuid, ending);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) return NULL;
    off_t found = lseek(*fd, 0, SEEK_END);
    void *map = MAP_FAILED;
    if (found == size || (found == 0 && posix_fallocate(*fd, 0, filled) == 0 && ftruncate(*fd, size) == 0))
        map = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    return map == MAP_FAILED ? NULL : map;
}

const char *deal_open(struct card *card, const char *folder) {
    int books_fd;
    card->deal = map_file(card, folder, "engine", sizeof(struct deal), offsetof(struct deal, buffer), &card->deal_fd);
    card->books = map_file(card, folder, "books", sizeof(struct books), sizeof(struct books), &books_fd);
    if (books_fd >= 0) close(books_fd);
    if (!card->deal || !card->books) return "has an engine or books that cannot be used";
    if (atomic_load(&card->books->magic) == 0) books_begin(card->books);
    if (atomic_load(&card->deal->magic) == 0) {
        card->deal->layout = LAYOUT;
        card->deal->size = sizeof(struct deal);
        atomic_store(&card->deal->magic, MAGIC);
    }
    int known = atomic_load(&card->deal->magic) == MAGIC && card->deal->layout == LAYOUT && card->books->layout == BOOKS_LAYOUT;
    return known ? NULL : "has an engine or books of another version";
}

void deal_close(struct card *card) {
    if (card->deal) munmap(card->deal, sizeof(struct deal));
    if (card->books) munmap(card->books, sizeof(struct books));
    if (card->deal_fd >= 0) close(card->deal_fd);
    card->deal = NULL;
    card->books = NULL;
    card->deal_fd = -1;
}

void deal_forget_slot(struct card *card, int slot) {
    for (uint64_t i = 0; i < atomic_load(&card->deal->row_count); i++) {
        uint64_t owner = word_load(&card->deal->row[i].owner);
        if ((int)(owner & 0xffff) - 1 != slot) continue;
        __atomic_compare_exchange_n(&card->deal->row[i].owner, &owner, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
}

// Takes a row that is free or whose owner is dead. What that one had handed in bears his name and counts no more.
static int claim(struct seat *seat, uint64_t owner) {
    struct deal *deal = seat->card->deal;
    for (uint32_t i = 0; i < DEAL_ROWS; i++) {
        struct deal_row *row = &deal->row[i];
        uint64_t before = word_load(&row->owner);
        int slot = (int)(before & 0xffff) - 1;
        if (before && (slot == seat->card->slot || card_slot_lives(seat->card, slot))) continue;
        if (!__atomic_compare_exchange_n(&row->owner, &before, owner, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) continue;
        seat->row = i;
        seat->first = seat->tail = word_load(&row->tail);
        uint64_t count = atomic_load(&deal->row_count);
        while (count < i + 1 && !atomic_compare_exchange_weak(&deal->row_count, &count, i + 1)) {
        }
        return 0;
    }
    return -1;
}

int seat_take(struct seat *seat, struct card *card, uint64_t context) {
    *seat = (struct seat){.card = card};
    uint64_t owner = clock_now_ns() << 16 | (uint64_t)(card->slot + 1);
    if (card->slot < 0 || !(seat->view = calloc(1, sizeof *seat->view))) return -1;
    if (claim(seat, owner) != 0) {
        free(seat->view);
        return -1;
    }
    seat->owner = owner;
    seat->context = context;
    off_t at = (off_t)(offsetof(struct deal, buffer) + 2 * seat->row * sizeof(struct deal_view));
    if (posix_fallocate(card->deal_fd, at, 2 * sizeof(struct deal_view)) == 0) return 0;
    seat_leave(seat);
    return -1;
}

void seat_leave(struct seat *seat) {
    if (!seat->view) return;
    uint64_t owner = seat->owner;
    __atomic_compare_exchange_n(&seat->card->deal->row[seat->row].owner, &owner, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    free(seat->view);
    seat->view = NULL;
}

static struct deal_view_row *own(const struct seat *seat) {
    return &seat->view->row[seat->row];
}

int seat_has_room(const struct seat *seat) {
    uint64_t head = own(seat)->owner == seat->owner && own(seat)->head > seat->first ? own(seat)->head : seat->first;
    return seat->tail - head < DEAL_KERNELS;
}

uint64_t seat_hand_in(struct seat *seat, struct deal_kernel *kernel) {
    struct deal_row *row = &seat->card->deal->row[seat->row];
    kernel->number = seat->tail + 1;
    kernel->owner = seat->owner;
    kernel->pid = (uint64_t)getpid();
    kernel->context = seat->context;
    words_store((uint64_t *)&row->kernel[seat->tail % DEAL_KERNELS], (const uint64_t *)kernel, sizeof *kernel / sizeof(uint64_t));
    seat->tail++;
    word_store(&row->tail, seat->tail);
    return kernel->number;
}

static void copy_view(struct deal_view *to, const struct deal_view *from, void (*words)(uint64_t *, const uint64_t *, size_t)) {
    words((uint64_t *)to, (const uint64_t *)from, HEAD_WORDS);
    uint64_t records = (words == words_load ? to : from)->new_records, rows = (words == words_load ? to : from)->row_count;
    if (records > DEAL_RECORDS || rows > DEAL_ROWS) return; // torn, and found out below
    words((uint64_t *)to->record, (const uint64_t *)from->record, records * RECORD_WORDS);
    words((uint64_t *)to->row, (const uint64_t *)from->row, rows * ROW_WORDS);
}

// A whole copy of the current view, whose records stand in the books; what `current` was.
static uint64_t read_view(struct seat *seat) {
    struct deal *deal = seat->card->deal;
    struct deal_view *view = seat->view;
    uint64_t current, again = atomic_load(&deal->current);
    do {
        current = again;
        if (current == 0) memset(view, 0, HEAD_WORDS * sizeof(uint64_t));
        else copy_view(view, &deal->buffer[current & ((1 << BUFFER_BITS) - 1)], words_load);
        again = atomic_load(&deal->current);
    } while (again != current);
    for (uint64_t i = 0; i < view->new_records; i++) books_write(seat->card->books, &view->record[i]);
    uint64_t rows = atomic_load(&deal->row_count);
    for (; view->row_count < rows; view->row_count++) memset(&view->row[view->row_count], 0, sizeof view->row[0]);
    return current;
}

void seat_look(struct seat *seat, uint64_t now_ns) {
    struct deal *deal = seat->card->deal;
    for (;;) {
        uint64_t current = read_view(seat);
        seat->view->new_records = 0;
        if (!deal_on(seat->card, seat->view, now_ns)) return;
        uint64_t buffer = 2 * seat->row;
        if (current && (current & ((1 << BUFFER_BITS) - 1)) == buffer) buffer++;
        copy_view(&deal->buffer[buffer], seat->view, words_store);
        uint64_t next = ((current >> BUFFER_BITS) + 1) << BUFFER_BITS | buffer;
        atomic_compare_exchange_strong(&deal->current, &current, next);
    }
}

uint64_t seat_end_of(const struct seat *seat, uint64_t number) {
    const struct deal_progress *progress = &own(seat)->progress[(number - 1) % DEAL_KERNELS];
    return own(seat)->owner == seat->owner && progress->number == number ? progress->end_ns : 0;
}

uint64_t seat_left_of(const struct seat *seat, uint64_t number, uint64_t length_ns) {
    const struct deal_progress *progress = &own(seat)->progress[(number - 1) % DEAL_KERNELS];
    return own(seat)->owner == seat->owner && progress->number == number ? progress->left_ns : length_ns;
}

uint64_t seat_next_look(const struct seat *seat, uint64_t now_ns) {
    uint64_t next_ns = now_ns + POLL_NS;
    if (seat->view->turn_owner == seat->owner) {
        uint64_t first_ns = UINT64_MAX;
        for (int i = 0; i < DEAL_KERNELS; i++) {
            const struct deal_progress *progress = &own(seat)->progress[i];
            if (!progress->run_ns) continue;
            uint64_t end_ns = seat->view->time_ns + progress->left_ns;
            if (end_ns < first_ns) first_ns = end_ns;
        }
        if (first_ns != UINT64_MAX) next_ns = first_ns;
    }
    return next_ns < now_ns + LEAST_NS ? now_ns + LEAST_NS : next_ns;
}
