// card_state.c: opens, and creates where needed, the two files of a card.
#define _GNU_SOURCE
#include "cards/card_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cards/card_lock.h"
#include "cards/deal.h"

static const uint64_t MAGIC = 0x31304d4953554c53; // "SLUSIM01"
enum { LAYOUT = 2 };

static int explain(char *error, size_t error_size, const char *path, const char *what) {
    snprintf(error, error_size, "%s: %s; remove the folder while no simulated GPU is in use", path, what);
    return -1;
}

// Under byte 0: the first process fills in the header, and magic tells the others that it is whole.
static const char *prepare(struct card *card) {
    struct card_state *state = card->state;
    if (atomic_load(&state->magic) == 0) {
        state->layout = LAYOUT;
        state->slot_count = CARD_SLOTS;
        state->capacity_bytes = card->description->memory_bytes;
        atomic_store(&state->magic, MAGIC);
    }
    if (atomic_load(&state->magic) != MAGIC || state->layout != LAYOUT || state->slot_count != CARD_SLOTS)
        return "is not a state of this version";
    if (state->capacity_bytes != card->description->memory_bytes) {
        for (int i = 0; i < CARD_SLOTS; i++)
            if (card_slot_lives(card, i)) return "is in use with another memory_bytes than cards.conf now says";
        state->capacity_bytes = card->description->memory_bytes;
    }
    return NULL;
}

int card_open(struct card *card, const struct cards *cards, int index, char *error, size_t error_size) {
    char path[PATH_MAX];
    *card = (struct card){.description = &cards->card[index], .cards = cards, .lock_fd = -1, .deal_fd = -1, .slot = -1};
    pthread_mutex_init(&card->lock, NULL);
    snprintf(path, sizeof path, "%s/%s.locks", cards->folder, card->description->uuid);
    card->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (card->lock_fd < 0) return explain(error, error_size, path, strerror(errno));

    snprintf(path, sizeof path, "%s/%s.state", cards->folder, card->description->uuid);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return explain(error, error_size, path, strerror(errno));
    void *map = MAP_FAILED;
    card_lock(card);
    off_t size = lseek(fd, 0, SEEK_END);
    if (size == sizeof(struct card_state) || (size == 0 && posix_fallocate(fd, 0, sizeof(struct card_state)) == 0))
        map = mmap(NULL, sizeof(struct card_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    const char *wrong = "is not a state of this version";
    if (map != MAP_FAILED) {
        card->state = map;
        wrong = prepare(card);
        if (!wrong) wrong = deal_open(card, cards->folder);
    }
    card_unlock(card);
    close(fd);
    if (wrong) return explain(error, error_size, path, wrong);
    card->usage = usage_open(cards->folder, card->description->uuid);
    return 0;
}

void card_close(struct card *card) {
    if (card->lock_fd >= 0) close(card->lock_fd);
    deal_close(card);
    if (card->state) munmap(card->state, sizeof(struct card_state));
    card->lock_fd = -1;
    card->state = NULL;
}
