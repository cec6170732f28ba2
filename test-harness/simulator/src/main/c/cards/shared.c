// shared.c: see shared.h.
#define _GNU_SOURCE
#include "cards/shared.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cards/card_lock.h"

static const uint64_t MAGIC = UINT64_C(0x6465726168536d53);
enum { PAGE_BYTES = 4096 };
_Static_assert(sizeof(struct shared_page) <= PAGE_BYTES, "one page");

struct shared_table {
    _Atomic uint32_t end; // entries from here on were never used
    uint32_t unused;
    struct {
        _Atomic uint64_t booked_bytes;
        uint64_t generation;
        _Atomic uint32_t used;
    } entry[SHARED_ENTRIES];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards the list of holds, and who opens a table
static struct shared_memory *holds;

static void path_of(const struct card *card, int entry, char path[PATH_MAX]) {
    int length = snprintf(path, PATH_MAX, "%s/%s.shared", card->cards->folder, card->description->uuid);
    if (entry >= 0) snprintf(path + length, (size_t)(PATH_MAX - length), ".%d", entry);
}

static struct shared_table *map_table(const struct card *card) {
    char path[PATH_MAX];
    path_of(card, -1, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return NULL;
    void *map = MAP_FAILED;
    if (ftruncate(fd, sizeof(struct shared_table)) == 0)
        map = mmap(NULL, sizeof(struct shared_table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return map == MAP_FAILED ? NULL : map;
}

static struct shared_table *table_of(struct card *card) {
    struct shared_table *table = atomic_load_explicit(&card->shared, memory_order_acquire);
    if (table) return table;
    pthread_mutex_lock(&lock);
    table = atomic_load(&card->shared);
    if (!table) atomic_store(&card->shared, table = map_table(card));
    pthread_mutex_unlock(&lock);
    return table;
}

static struct flock first_byte(short type) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
}

static int open_locked(const char *path, int flags) {
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    struct flock hold = first_byte(F_RDLCK);
    if (fd < 0 || fcntl(fd, F_OFD_SETLK, &hold) == 0) return fd;
    close(fd);
    return -1;
}

// By a file of its own, which conflicts with the locks of this process too.
static int is_held(const struct card *card, int entry) {
    char path[PATH_MAX];
    path_of(card, entry, path);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return access(path, F_OK) == 0; // no descriptor left: it may be
    struct flock hold = first_byte(F_WRLCK);
    int held = fcntl(fd, F_OFD_GETLK, &hold) != 0 || hold.l_type != F_UNLCK;
    close(fd);
    return held;
}

static void remove_entry(struct card *card, int entry) {
    char path[PATH_MAX];
    path_of(card, entry, path);
    unlink(path);
    atomic_store(&card->shared->entry[entry].booked_bytes, 0);
    atomic_store(&card->shared->entry[entry].used, 0);
}

uint64_t shared_booked(struct card *card, int wipe) {
    struct shared_table *table = table_of(card);
    uint64_t bytes = 0;
    uint32_t end = table ? atomic_load(&table->end) : 0;
    for (uint32_t i = 0; i < end && i < SHARED_ENTRIES; i++) {
        if (!atomic_load(&table->entry[i].used)) continue;
        if (is_held(card, (int)i)) bytes += atomic_load(&table->entry[i].booked_bytes);
        else if (wipe) remove_entry(card, (int)i);
    }
    return bytes;
}

static int free_entry(struct card *card) {
    for (int i = 0; i < SHARED_ENTRIES; i++) {
        if (atomic_load(&card->shared->entry[i].used)) {
            if (is_held(card, i)) continue;
            remove_entry(card, i);
        }
        return i;
    }
    return -1;
}

static int write_piece(const struct shared_page *page, const char *path) {
    unlink(path); // of somebody killed while writing it
    int fd = open_locked(path, O_CREAT | O_EXCL);
    if (fd < 0) return -1;
    if (ftruncate(fd, (off_t)(page->file_bytes + PAGE_BYTES)) == 0
        && pwrite(fd, page, sizeof *page, (off_t)page->file_bytes) == sizeof *page)
        return fd;
    close(fd);
    unlink(path);
    return -1;
}

// Under the card's lock.
static int create(struct shared_memory *memory, uint64_t booked_bytes) {
    struct card *card = memory->card;
    char path[PATH_MAX];
    int entry = free_entry(card);
    if (entry < 0) return -1;
    path_of(card, entry, path);
    memory->page.entry = (uint32_t)entry;
    memory->page.generation = ++card->shared->entry[entry].generation;
    memory->lock_fd = write_piece(&memory->page, path);
    if (memory->lock_fd < 0) return -1;
    if (atomic_load(&card->shared->end) <= (uint32_t)entry) atomic_store(&card->shared->end, (uint32_t)entry + 1);
    atomic_store(&card->shared->entry[entry].booked_bytes, booked_bytes);
    atomic_store(&card->shared->entry[entry].used, 1);
    card_give(card, booked_bytes);
    return 0;
}

static struct shared_memory *remember(struct shared_memory *memory) {
    pthread_mutex_lock(&lock);
    memory->next = holds;
    holds = memory;
    pthread_mutex_unlock(&lock);
    return memory;
}

struct shared_memory *shared_create(struct card *card, uint32_t kind, uint64_t file_bytes, uint64_t booked_bytes,
                                    const void *about, size_t about_bytes) {
    struct shared_memory *memory = calloc(1, sizeof *memory);
    if (!memory || !table_of(card) || about_bytes > SHARED_ABOUT_BYTES) {
        free(memory);
        return NULL;
    }
    memory->card = card;
    memory->page = (struct shared_page){.magic = MAGIC, .file_bytes = file_bytes, .kind = kind};
    memcpy(memory->page.uuid, card->description->uuid, sizeof memory->page.uuid);
    memcpy(memory->page.about, about, about_bytes);
    card_lock(card);
    int created = create(memory, booked_bytes);
    card_unlock(card);
    if (created == 0) return remember(memory);
    free(memory);
    return NULL;
}

void shared_grow(struct shared_memory *memory, uint64_t bytes) {
    card_lock(memory->card);
    atomic_fetch_add(&memory->card->shared->entry[memory->page.entry].booked_bytes, bytes);
    card_give(memory->card, bytes);
    card_unlock(memory->card);
}

void shared_shrink(struct shared_memory *memory, uint64_t bytes) {
    atomic_fetch_sub(&memory->card->shared->entry[memory->page.entry].booked_bytes, bytes);
}

int shared_read(int fd, uint32_t kind, struct shared_page *page) {
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < PAGE_BYTES || pread(fd, page, sizeof *page, size - PAGE_BYTES) != sizeof *page) return -1;
    if (page->magic != MAGIC || page->kind != kind || page->entry >= SHARED_ENTRIES) return -1;
    return page->file_bytes + PAGE_BYTES == (uint64_t)size && memchr(page->uuid, 0, sizeof page->uuid) ? 0 : -1;
}

int shared_look_up(struct card *card, uint32_t entry, uint64_t generation, uint32_t kind, struct shared_page *page) {
    char path[PATH_MAX];
    if (entry >= SHARED_ENTRIES || !table_of(card)) return -1;
    path_of(card, (int)entry, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int result = fd < 0 ? -1 : shared_read(fd, kind, page);
    if (fd >= 0) close(fd);
    return result == 0 && page->entry == entry && page->generation == generation ? 0 : -1;
}

struct shared_memory *shared_join(struct card *card, const struct shared_page *page) {
    struct shared_memory *memory = calloc(1, sizeof *memory);
    if (!memory || !table_of(card)) {
        free(memory);
        return NULL;
    }
    char path[PATH_MAX];
    *memory = (struct shared_memory){.card = card, .page = *page, .lock_fd = -1};
    path_of(card, (int)page->entry, path);
    card_lock(card);
    int lives = atomic_load(&card->shared->entry[page->entry].used)
                && card->shared->entry[page->entry].generation == page->generation && is_held(card, (int)page->entry);
    if (lives) memory->lock_fd = open_locked(path, 0);
    card_unlock(card);
    if (memory->lock_fd >= 0) return remember(memory);
    free(memory);
    return NULL;
}

int shared_export(const struct shared_memory *memory) {
    char path[PATH_MAX];
    path_of(memory->card, (int)memory->page.entry, path);
    return open_locked(path, 0);
}

int shared_map_fd(const struct shared_memory *memory) {
    char path[PATH_MAX];
    path_of(memory->card, (int)memory->page.entry, path);
    return open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
}

int shared_has_room(const struct card *card, uint64_t bytes) {
    struct statvfs file_system;
    if (statvfs(card->cards->folder, &file_system) != 0) return 1;
    return bytes / file_system.f_frsize <= file_system.f_bavail;
}

static void forget(struct shared_memory *memory) {
    pthread_mutex_lock(&lock);
    struct shared_memory **link = &holds;
    while (*link != memory) link = &(*link)->next;
    *link = memory->next;
    pthread_mutex_unlock(&lock);
}

int shared_leave(struct shared_memory *memory) {
    struct card *card = memory->card;
    forget(memory);
    card_lock(card);
    close(memory->lock_fd);
    int held = is_held(card, (int)memory->page.entry);
    if (!held) remove_entry(card, (int)memory->page.entry);
    card_unlock(card);
    free(memory);
    return held;
}

void shared_forget_all(void) {
    for (struct shared_memory *memory = holds; memory; memory = memory->next) {
        if (memory->lock_fd >= 0) close(memory->lock_fd);
        memory->lock_fd = -1;
    }
}
