// conf.c: see conf.h. An unknown key or a bad value is an error with its line: a typo must not change what a test measures.
#define _GNU_SOURCE
#include "cards/conf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cards/keys.h"
#include "cards/models.h"

static char *strip(char *text) {
    while (isspace((unsigned char)*text)) text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) *--end = 0;
    return text;
}

static struct card_description *begin(struct cards *cards) {
    if (cards->count == CARDS_MAX) return NULL;
    struct card_description *card = &cards->card[cards->count];
    *card = *card_model(NULL);
    card->nvml_index = (uint32_t)cards->count++;
    return card;
}

static int check(const struct cards *cards, const char *path, char *error, size_t error_size) {
    if (cards->count == 0) {
        snprintf(error, error_size, "%s: no [card]; describe at least one", path);
        return -1;
    }
    for (int i = 0; i < cards->count; i++) {
        const struct card_description *card = &cards->card[i];
        const char *wrong = card->uuid[0] ? NULL : "has no uuid; give it one, as uuid=GPU-3c9619a8-4438-478e-9c35-2a3b01f5c6a9";
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

// 0, or -1 and what is wrong with the line. *fresh: no key of this card has been read.
static int key_line(struct card_description *card, char *line, int *fresh, char *wrong, size_t size) {
    char *value = strchr(line, '=');
    if (value) *value++ = 0;
    const char *complaint = NULL;
    const char *key = strip(line);
    if (!card) complaint = "stands before the first [card]";
    else if (!value) complaint = "is no key with a value, as sms=16";
    else if (strcmp(key, "model") == 0 && !*fresh) complaint = "must be the first key of its card, since the others change what it says";
    if (complaint) {
        snprintf(wrong, size, "%s", complaint);
        return -1;
    }
    *fresh = 0;
    return card_key_set(card, key, strip(value), wrong, size);
}

int conf_parse(char *text, const char *path, struct cards *cards, char *error, size_t error_size) {
    struct card_description *card = NULL;
    int number_of_line = 0, fresh = 1;
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        number_of_line++;
        line = strip(line);
        if (!*line || *line == '#') continue;
        if (strcmp(line, "[card]") == 0) {
            fresh = 1;
            if (!(card = begin(cards))) {
                snprintf(error, error_size, "%s:%d: more than %d cards", path, number_of_line, CARDS_MAX);
                return -1;
            }
            continue;
        }
        char wrong[256];
        if (key_line(card, line, &fresh, wrong, sizeof wrong) != 0) {
            snprintf(error, error_size, "%s:%d: '%s' %s", path, number_of_line, line, wrong);
            return -1;
        }
    }
    return check(cards, path, error, error_size);
}
