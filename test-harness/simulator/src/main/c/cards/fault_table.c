// fault_table.c: the grammar of faults.conf; faults.h has it in words.
#define _GNU_SOURCE
#include "cards/fault_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cards/keys.h"

enum { FOR_CALLS = 1, FOR_KERNEL = 2, FOR_CODE = 4, FOR_FACTOR = 8 };

static const struct {
    const char *name;
    int takes, needs; // besides card and pid
} kinds[FAULT_KINDS] = {
    [FAULT_ALLOCATION] = {"allocation", FOR_CALLS, 0},
    [FAULT_HANG] = {"hang", FOR_CALLS | FOR_KERNEL, FOR_KERNEL},
    [FAULT_ERROR] = {"error", FOR_CALLS | FOR_KERNEL | FOR_CODE, FOR_CODE},
    [FAULT_ECC] = {"ecc", 0, 0},
    [FAULT_LOST] = {"lost", 0, 0},
    [FAULT_SLOW_COPIES] = {"slow_copies", FOR_FACTOR, FOR_FACTOR},
};

static int card_of(const char *text, const struct cards *cards) {
    uint64_t index;
    for (int i = 0; i < cards->count; i++)
        if (strcmp(text, cards->card[i].uuid) == 0) return i;
    return key_number(text, 0, (uint64_t)cards->count - 1, &index) == 0 ? (int)index : -1;
}

// 0, or -1 for a key that this kind does not take, or a bad value.
static int set(struct fault *fault, const char *key, const char *value, const struct cards *cards) {
    int takes = kinds[fault->kind].takes;
    if (strcmp(key, "pid") == 0) return key_number(value, 1, INT32_MAX, &fault->pid);
    if (strcmp(key, "card") == 0) return (fault->card = card_of(value, cards)) >= 0 ? 0 : -1;
    if (strcmp(key, "after") == 0 && takes & FOR_CALLS) return key_number(value, 0, INT64_MAX, &fault->after);
    if (strcmp(key, "times") == 0 && takes & FOR_CALLS) return key_number(value, 1, INT64_MAX, &fault->times);
    if (strcmp(key, "code") == 0 && takes & FOR_CODE) return key_number(value, 1, 999, &fault->code);
    if (strcmp(key, "factor") == 0 && takes & FOR_FACTOR) return key_number(value, 1, 1000000, &fault->factor);
    if (strcmp(key, "kernel") != 0 || !(takes & FOR_KERNEL) || strlen(value) >= sizeof fault->kernel) return -1;
    snprintf(fault->kernel, sizeof fault->kernel, "%s", value);
    return *value ? 0 : -1;
}

static int is_whole(const struct fault *fault) {
    int needs = kinds[fault->kind].needs;
    return (!(needs & FOR_KERNEL) || *fault->kernel) && (!(needs & FOR_CODE) || fault->code) && (!(needs & FOR_FACTOR) || fault->factor);
}

// NULL, or the word that is wrong.
static const char *read_line(struct fault *fault, char *line, const struct cards *cards) {
    char *rest = NULL, *word = strtok_r(line, " \t\r", &rest);
    const char *kind = word;
    *fault = (struct fault){.kind = FAULT_KINDS, .card = -1, .times = UINT64_MAX};
    for (int i = 0; i < FAULT_KINDS; i++)
        if (strcmp(word, kinds[i].name) == 0) fault->kind = (enum fault_kind)i;
    if (fault->kind == FAULT_KINDS) return word;
    while ((word = strtok_r(NULL, " \t\r", &rest))) {
        char *value = strchr(word, '=');
        if (!value) return word;
        *value = 0;
        if (set(fault, word, value + 1, cards) == 0) continue;
        *value = '=';
        return word;
    }
    return is_whole(fault) ? NULL : kind;
}

static int read_all(FILE *file, const char *path, struct fault_table *table, const struct cards *cards, char *error,
                    size_t error_size) {
    char line[512];
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        line[strcspn(line, "\n")] = 0;
        size_t blank = strspn(line, " \t\r");
        if (!line[blank] || line[blank] == '#') continue;
        const char *wrong = table->count < FAULTS_MAX ? read_line(&table->fault[table->count], line, cards) : "more than 64 faults";
        if (wrong) {
            snprintf(error, error_size, "%s:%d: '%s' is no fault, no key of this one, or lacks one; docs/simulated-gpu.md has them",
                     path, number, wrong);
            return -1;
        }
        table->count++;
    }
    return 0;
}

struct fault_table *fault_table_read(const char *path, const struct cards *cards, char *error, size_t error_size) {
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(error, error_size, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    struct fault_table *table = calloc(1, sizeof *table);
    int failed = !table || read_all(file, path, table, cards, error, error_size) != 0;
    if (!failed && ferror(file)) {
        snprintf(error, error_size, "cannot read %s: %s", path, strerror(errno));
        failed = 1;
    }
    fclose(file);
    if (!failed) return table;
    free(table);
    return NULL;
}
