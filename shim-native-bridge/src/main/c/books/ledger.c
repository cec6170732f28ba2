#define _GNU_SOURCE
#include "ledger.h"

#include "file_status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct sluice_limits_row *find_limit(const struct sluice_ledger *ledger, const uint8_t uuid[16]);
static int parse_boot_id(uint8_t id[16]);
static void *map_file(const char *path, int writable, size_t least, size_t *bytes, struct sluice_message *message);
static int check_ledger(const struct sluice_ledger *ledger, const char *path, const char *tenant, struct sluice_message *message);
static int check_limits(const struct sluice_ledger *ledger, const char *path, const char *tenant, struct sluice_message *message);

int sluice_ledger_open(struct sluice_ledger *ledger, const char *run_dir, const char *tenant, struct sluice_message *message) {
    char path[512], limits_path[512];
    if (sluice_ledger_locate(ledger, path, run_dir, tenant, message)) {
        return -1;
    }
    snprintf(limits_path, sizeof limits_path, "%s/limits/%s", run_dir, tenant);

    size_t least = SLUICE_HEADER_BYTES + (size_t)SLUICE_ROW_COUNT * SLUICE_ROW_BYTES + (size_t)SLUICE_SLOT_COUNT * SLUICE_SLOT_BYTES
        + (size_t)SLUICE_ROW_COUNT * SLUICE_SLOT_COUNT * SLUICE_ACCOUNT_BYTES;
    char *bytes = map_file(path, 1, least, &ledger->mapped_bytes, message);
    if (!bytes) {
        return -1;
    }
    ledger->header = (void *)bytes;
    ledger->rows = (void *)(bytes + SLUICE_HEADER_BYTES);
    ledger->slots = (void *)(ledger->rows + SLUICE_ROW_COUNT);
    ledger->accounts = (void *)(ledger->slots + SLUICE_SLOT_COUNT);
    char *limits = check_ledger(ledger, path, tenant, message)
        ? NULL
        : map_file(limits_path, 0, SLUICE_HEADER_BYTES + (size_t)SLUICE_ROW_COUNT * SLUICE_LIMITS_ROW_BYTES, &ledger->limits_mapped_bytes, message);
    ledger->limits = (void *)limits;
    ledger->limit_rows = limits ? (void *)(limits + SLUICE_HEADER_BYTES) : NULL;
    if (!limits || check_limits(ledger, limits_path, tenant, message)) {
        sluice_ledger_close(ledger);
        return -1;
    }
    return 0;
}

int sluice_ledger_locate(struct sluice_ledger *ledger, char path[512], const char *run_dir, const char *tenant, struct sluice_message *message) {
    memset(ledger, 0, sizeof *ledger);
    ledger->locks_fd = -1;
    if (snprintf(path, 512, "%s/tenants/%s/ledger", run_dir, tenant) >= 512) {
        return sluice_message_set(message, "the run directory's path is longer than 400 characters: choose a shorter SLUICE_RUN_DIR");
    }
    snprintf(ledger->locks_path, sizeof ledger->locks_path, "%s/tenants/%s/locks", run_dir, tenant);
    return 0;
}

void sluice_ledger_close(struct sluice_ledger *ledger) {
    if (ledger->header) {
        munmap(ledger->header, ledger->mapped_bytes);
    }
    if (ledger->limits) {
        munmap((void *)ledger->limits, ledger->limits_mapped_bytes);
    }
    if (ledger->locks_fd >= 0) {
        close(ledger->locks_fd);
    }
    memset(ledger, 0, sizeof *ledger);
    ledger->locks_fd = -1;
}

int sluice_ledger_row(const struct sluice_ledger *ledger, const uint8_t uuid[16]) {
    unsigned used = sluice_ledger_rows_used(ledger);
    for (unsigned row = 0; row < used; row++) {
        if (sluice_same_uuid(ledger->rows[row].uuid, uuid)) {
            return (int)row;
        }
    }
    return -1;
}

const struct sluice_limits_row *sluice_ledger_find_limit(struct sluice_ledger *ledger, unsigned row) {
    const struct sluice_limits_row *limit = row == SLUICE_ROW_PINNED ? &ledger->limit_rows[row] : find_limit(ledger, ledger->rows[row].uuid);
    __atomic_store_n(&ledger->limit_of_row[row], limit, __ATOMIC_RELAXED);
    return limit;
}

static const struct sluice_limits_row *find_limit(const struct sluice_ledger *ledger, const uint8_t uuid[16]) {
    uint32_t used = __atomic_load_n(&ledger->limits->limit_rows_used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < used && i < SLUICE_ROW_PINNED; i++) {
        if (sluice_same_uuid(ledger->limit_rows[i].gpu_uuid, uuid)) {
            return &ledger->limit_rows[i];
        }
    }
    return NULL;
}

static void *map_file(const char *path, int writable, size_t least, size_t *bytes, struct sluice_message *message) {
    int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        int why = errno;
        if (why == ENOENT) {
            sluice_message_set(message, "%s does not exist: start the application through 'sluice run', which makes it", path);
        } else {
            sluice_message_set(message, "%s cannot be opened: %s", path, strerror(why));
        }
        return NULL;
    }
    struct stat status;
    void *mapped = MAP_FAILED;
    if (sluice_status_of(fd, &status) || !S_ISREG(status.st_mode) || (size_t)status.st_size < least) {
        sluice_message_set(message, "%s is not a Sluice file of this version, or is torn: stop the tenant's processes and apply its file again", path);
    } else if ((mapped = mmap(NULL, least, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED) {
        sluice_message_set(message, "%s cannot be mapped: %s", path, strerror(errno));
    }
    close(fd);
    *bytes = least;
    return mapped == MAP_FAILED ? NULL : mapped;
}

static int check_ledger(const struct sluice_ledger *ledger, const char *path, const char *tenant, struct sluice_message *message) {
    const struct sluice_ledger_header *header = ledger->header;
    uint32_t version = __atomic_load_n(&header->layout_version, __ATOMIC_ACQUIRE);
    if (header->magic != SLUICE_LEDGER_MAGIC || version == 0) {
        return sluice_message_set(message, "%s is not a finished Sluice ledger: remove it and apply the tenant's file again", path);
    }
    if (version >> 16 != SLUICE_LAYOUT_MAJOR || header->header_bytes != SLUICE_HEADER_BYTES || header->row_count != SLUICE_ROW_COUNT
        || header->row_bytes != SLUICE_ROW_BYTES || header->slot_count != SLUICE_SLOT_COUNT || header->slot_bytes != SLUICE_SLOT_BYTES
        || header->account_bytes != SLUICE_ACCOUNT_BYTES) {
        return sluice_message_set(message, "%s has layout %u.%u and this libwrapper knows %u.x: use one release of Sluice for all processes of a tenant",
            path, version >> 16, version & 0xffff, SLUICE_LAYOUT_MAJOR);
    }
    uint8_t boot[16];
    if (parse_boot_id(boot) == 0 && memcmp(boot, header->boot_id, 16)) {
        return sluice_message_set(message, "%s is of an earlier boot: start the application through 'sluice run', which replaces it", path);
    }
    if (strncmp(header->tenant, tenant, sizeof header->tenant)) {
        return sluice_message_set(message, "%s belongs to tenant '%.63s', not to '%s'", path, header->tenant, tenant);
    }
    return 0;
}

static int check_limits(const struct sluice_ledger *ledger, const char *path, const char *tenant, struct sluice_message *message) {
    const struct sluice_limits_header *limits = ledger->limits;
    uint32_t version = __atomic_load_n(&limits->layout_version, __ATOMIC_ACQUIRE);
    if (limits->magic != SLUICE_LIMITS_MAGIC || version >> 16 != SLUICE_LAYOUT_MAJOR || limits->header_bytes != SLUICE_HEADER_BYTES
        || limits->row_count != SLUICE_ROW_COUNT || limits->row_bytes != SLUICE_LIMITS_ROW_BYTES) {
        return sluice_message_set(message, "%s is not a finished limits file of this version: apply the tenant's file again", path);
    }
    if (strncmp(limits->limits_tenant, tenant, sizeof limits->limits_tenant)) {
        return sluice_message_set(message, "%s belongs to tenant '%.63s', not to '%s'", path, limits->limits_tenant, tenant);
    }
    return 0;
}

static int parse_boot_id(uint8_t id[16]) {
    char text[64];
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        close(fd);
    }
    int digits = 0;
    for (ssize_t i = 0; i < length && digits < 32; i++) {
        char c = text[i];
        int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value >= 0) {
            id[digits / 2] = (uint8_t)(digits % 2 ? id[digits / 2] | value : value << 4);
            digits++;
        }
    }
    return digits == 32 ? 0 : -1;
}
