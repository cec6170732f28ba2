// conf.c: see conf.h. An unknown key or a bad value is an error with its line: a typo must not change what a test measures.
#define _GNU_SOURCE
#include "cards/conf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *strip(char *text) {
    while (isspace((unsigned char)*text)) text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) *--end = 0;
    return text;
}

static int number(const char *text, uint64_t least, uint64_t most, uint64_t *value) {
    char *end;
    if (!isdigit((unsigned char)*text)) return -1;
    *value = strtoull(text, &end, 10);
    return *end || *value < least || *value > most ? -1 : 0;
}

static int small_number(const char *text, uint32_t least, uint32_t *value) {
    uint64_t wide;
    if (number(text, least, UINT32_MAX, &wide) != 0) return -1;
    *value = (uint32_t)wide;
    return 0;
}

static int uuid(const char *text, struct card_description *card) {
    if (strncmp(text, "GPU-", 4) != 0 || strlen(text) != 40) return -1;
    int digits = 0;
    for (const char *c = text + 4; *c; c++) {
        int at = (int)(c - text) - 4;
        if (at == 8 || at == 13 || at == 18 || at == 23) {
            if (*c != '-') return -1;
            continue;
        }
        if (!isxdigit((unsigned char)*c) || isupper((unsigned char)*c)) return -1;
        int value = isdigit((unsigned char)*c) ? *c - '0' : *c - 'a' + 10;
        card->uuid_bytes[digits / 2] = (uint8_t)(digits % 2 ? card->uuid_bytes[digits / 2] | value : value << 4);
        digits++;
    }
    snprintf(card->uuid, sizeof card->uuid, "%s", text);
    return digits == 32 ? 0 : -1;
}

// length_ns.KERNEL=1000 or length_ns.KERNEL=parameter:0
static int rule(const char *kernel, const char *value, struct card_description *card) {
    static const char parameter[] = "parameter:";
    if (card->rule_count == LENGTH_RULES_MAX || !*kernel || strlen(kernel) >= sizeof card->rules[0].kernel) return -1;
    struct length_rule *rule = &card->rules[card->rule_count++];
    snprintf(rule->kernel, sizeof rule->kernel, "%s", kernel);
    rule->from_parameter = -1;
    if (strncmp(value, parameter, sizeof parameter - 1) != 0) return number(value, 0, INT64_MAX, &rule->ns);
    uint64_t index;
    if (number(value + sizeof parameter - 1, 0, 1000, &index) != 0) return -1;
    rule->from_parameter = (int)index;
    return 0;
}

static int set(struct card_description *card, const char *key, const char *value) {
    if (strcmp(key, "name") == 0) return snprintf(card->name, sizeof card->name, "%s", value) > 0 ? 0 : -1;
    if (strcmp(key, "uuid") == 0) return uuid(value, card);
    if (strcmp(key, "memory_bytes") == 0) return number(value, 2 << 20, 1ull << 42, &card->memory_bytes);
    if (strcmp(key, "context_bytes") == 0) return number(value, 0, 1ull << 42, &card->context_bytes);
    if (strcmp(key, "sms") == 0) return small_number(value, 1, &card->sms);
    if (strcmp(key, "clock_mhz") == 0) return small_number(value, 1, &card->clock_mhz);
    if (strcmp(key, "nvml_index") == 0) return small_number(value, 0, &card->nvml_index);
    if (strcmp(key, "instructions_per_us") == 0) return small_number(value, 1, &card->instructions_per_us);
    if (strcmp(key, "launch_ns") == 0) return small_number(value, 0, &card->launch_ns);
    if (strncmp(key, "length_ns.", 10) == 0) return rule(key + 10, value, card);
    return -1;
}

static struct card_description *begin(struct cards *cards) {
    if (cards->count == CARDS_MAX) return NULL;
    struct card_description *card = &cards->card[cards->count];
    snprintf(card->name, sizeof card->name, "Sluice Simulated GPU");
    card->memory_bytes = 8ull << 30;
    card->context_bytes = 64u << 20;
    card->sms = 16;
    card->clock_mhz = 1000;
    card->nvml_index = (uint32_t)cards->count++;
    card->instructions_per_us = 100;
    card->launch_ns = 2000;
    return card;
}

static int check(const struct cards *cards, const char *path, char *error, size_t error_size) {
    if (cards->count == 0) {
        snprintf(error, error_size, "%s: no [card]; describe at least one", path);
        return -1;
    }
    for (int i = 0; i < cards->count; i++) {
        const struct card_description *card = &cards->card[i];
        const char *wrong = card->uuid[0] ? NULL : "has no uuid";
        if (card->nvml_index >= (uint32_t)cards->count) wrong = "has an nvml_index that is not below the number of cards";
        for (int other = 0; other < i; other++) {
            if (strcmp(card->uuid, cards->card[other].uuid) == 0) wrong = "has the uuid of another card";
            if (card->nvml_index == cards->card[other].nvml_index) wrong = "has the nvml_index of another card";
        }
        if (wrong) {
            snprintf(error, error_size, "%s: card %d %s", path, i, wrong);
            return -1;
        }
    }
    return 0;
}

int conf_parse(char *text, const char *path, struct cards *cards, char *error, size_t error_size) {
    struct card_description *card = NULL;
    int number_of_line = 0;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        number_of_line++;
        line = strip(line);
        if (!*line || *line == '#') continue;
        if (strcmp(line, "[card]") == 0) {
            if (!(card = begin(cards))) {
                snprintf(error, error_size, "%s:%d: more than %d cards", path, number_of_line, CARDS_MAX);
                return -1;
            }
            continue;
        }
        char *value = strchr(line, '=');
        if (value) *value++ = 0;
        if (!card || !value || set(card, strip(line), strip(value)) != 0) {
            snprintf(error, error_size, "%s:%d: '%s' is no key of a card, or its value is not one that it takes", path,
                     number_of_line, line);
            return -1;
        }
    }
    return check(cards, path, error, error_size);
}
