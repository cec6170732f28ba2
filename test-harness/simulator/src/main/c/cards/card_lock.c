// card_lock.c: record locks of the open file. They end with the process, however it ends.
#define _GNU_SOURCE
#include "cards/card_lock.h"

#include <errno.h>
#include <fcntl.h>

static struct flock byte_lock(short type, int byte) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

void card_lock(struct card *card) {
    pthread_mutex_lock(&card->lock);
    struct flock lock = byte_lock(F_WRLCK, 0);
    while (fcntl(card->lock_fd, F_OFD_SETLKW, &lock) != 0 && errno == EINTR) {
    }
}

void card_unlock(struct card *card) {
    struct flock lock = byte_lock(F_UNLCK, 0);
    fcntl(card->lock_fd, F_OFD_SETLK, &lock);
    pthread_mutex_unlock(&card->lock);
}

int card_lock_slot(struct card *card, int slot) {
    struct flock lock = byte_lock(F_WRLCK, 1 + slot);
    return fcntl(card->lock_fd, F_OFD_SETLK, &lock) == 0;
}

int card_slot_lives(struct card *card, int slot) {
    if (slot == card->slot) return 1;
    struct flock lock = byte_lock(F_WRLCK, 1 + slot);
    return fcntl(card->lock_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
