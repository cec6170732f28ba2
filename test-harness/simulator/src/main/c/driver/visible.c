// visible.c: CUDA_VISIBLE_DEVICES: indices, UUIDs and their unique prefixes, up to the first that names no GPU.
#include <ctype.h>
#include <string.h>

#include "driver/device.h"

static int by_index(const struct cards *cards, const char *token, size_t length) {
    int value = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)token[i]) || value > CARDS_MAX) return -1;
        value = value * 10 + (token[i] - '0');
    }
    return length > 0 && value < cards->count ? value : -1;
}

static int by_uuid(const struct cards *cards, const char *token, size_t length) {
    int found = -1;
    for (int i = 0; i < cards->count; i++) {
        if (length > strlen(cards->card[i].uuid) || strncmp(cards->card[i].uuid, token, length) != 0) continue;
        if (found >= 0) return -1;
        found = i;
    }
    return found;
}

static int is_chosen(const int *chosen, int count, int card) {
    for (int i = 0; i < count; i++)
        if (chosen[i] == card) return 1;
    return 0;
}

// The number of GPUs that the variable leaves; all where it is not set. One that is named twice leaves none.
int visible_choose(const struct cards *cards, const char *variable, int chosen[CARDS_MAX]) {
    int count = 0;
    if (!variable) {
        for (; count < cards->count; count++) chosen[count] = count;
        return count;
    }
    for (const char *token = variable; *token;) {
        token += strspn(token, " ");
        size_t length = strcspn(token, ",");
        size_t end = length;
        while (end > 0 && token[end - 1] == ' ') end--;
        int card = end >= 4 && strncmp(token, "GPU-", 4) == 0 ? by_uuid(cards, token, end) : by_index(cards, token, end);
        if (card < 0) break;
        if (is_chosen(chosen, count, card)) return 0;
        chosen[count++] = card;
        token += length;
        if (*token == ',') token++;
    }
    return count;
}
