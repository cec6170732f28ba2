// keys.c: see keys.h. What holds one number is a row of the table; the few others have a function each.
#include "cards/keys.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cards/models.h"

#define U32(member, least, most) #member, sizeof(uint32_t), offsetof(struct card_description, member), least, most
#define U64(member, least, most) #member, sizeof(uint64_t), offsetof(struct card_description, member), least, most

static const struct number_key {
    const char *name;
    size_t size, offset;
    uint64_t least, most;
} number_keys[] = {
    {U64(memory_bytes, 2 << 20, 1ull << 42)},
    {U64(reserved_bytes, 0, 1ull << 42)},
    {U64(context_bytes, 0, 1ull << 42)},
    {U64(bar1_bytes, 0, 1ull << 42)},
    {U32(sms, 1, UINT32_MAX)},
    {U32(clock_mhz, 1, 1000000)},
    {U32(nvml_index, 0, UINT32_MAX)},
    {U32(memory_clock_mhz, 1, 1000000)},
    {U32(memory_bus_bits, 1, INT32_MAX)},
    {U32(l2_bytes, 0, INT32_MAX)},
    {U32(threads_per_sm, 1024, INT32_MAX)},
    {U32(blocks_per_sm, 1, INT32_MAX)},
    {U32(shared_bytes_per_sm, 49152, INT32_MAX)},
    {U32(shared_bytes_optin, 49152, 232448)},
    {U32(shared_bytes_reserved, 0, 49152)},
    {U32(double_ratio, 1, INT32_MAX)},
    {U32(ecc, 0, 1)},
    {U32(power_limit_w, 1, 4000000)},
    {U32(pcie_generation, 1, 6)},
    {U32(pci_device_id, 0, UINT32_MAX)},
    {U32(pci_subsystem_id, 0, UINT32_MAX)},
    {U32(instructions_per_us, 1, UINT32_MAX)},
    {U32(launch_ns, 0, UINT32_MAX)},
    {U32(noise_percent, 0, 100)},
    {U64(seed, 0, UINT64_MAX)},
    {U32(first_launch_ns, 0, UINT32_MAX)},
    {U32(event_ns, 0, UINT32_MAX)},
    {U32(queue_depth, 1, UINT32_MAX)},
    {U32(copy_start_ns, 0, UINT32_MAX)},
    {U32(copy_gb_s, 1, UINT32_MAX)},
    {U32(device_gb_s, 1, UINT32_MAX)},
};

int key_number(const char *text, uint64_t least, uint64_t most, uint64_t *value) {
    char *end;
    if (!isdigit((unsigned char)*text)) return -1;
    *value = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
    return *end || *value < least || *value > most ? -1 : 0;
}

static int set_number(struct card_description *card, const struct number_key *key, const char *text) {
    uint64_t value;
    if (key_number(text, key->least, key->most, &value) != 0) return -1;
    char *member = (char *)card + key->offset;
    if (key->size == sizeof(uint64_t)) memcpy(member, &value, sizeof value);
    else memcpy(member, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
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

// compute_capability=8.6
static int capability(const char *text, struct card_description *card) {
    if (strlen(text) != 3 || text[0] < '5' || text[0] > '9' || text[1] != '.' || !isdigit((unsigned char)text[2])) return -1;
    card->compute_capability = (uint32_t)((text[0] - '0') * 10 + text[2] - '0');
    return 0;
}

// length_ns.KERNEL=1000 or length_ns.KERNEL=parameter:0
static int rule(const char *kernel, const char *value, struct card_description *card) {
    static const char parameter[] = "parameter:";
    if (card->rule_count == LENGTH_RULES_MAX || !*kernel || strlen(kernel) >= sizeof card->rules[0].kernel) return -1;
    struct length_rule *rule = &card->rules[card->rule_count++];
    snprintf(rule->kernel, sizeof rule->kernel, "%s", kernel);
    rule->from_parameter = -1;
    if (strncmp(value, parameter, sizeof parameter - 1) != 0) return key_number(value, 0, INT64_MAX, &rule->ns);
    uint64_t index;
    if (key_number(value + sizeof parameter - 1, 0, 1000, &index) != 0) return -1;
    rule->from_parameter = (int)index;
    return 0;
}

// late_memory_ms=50-500, or one number for both
static int late_memory(const char *text, struct card_description *card) {
    char copy[32];
    if (strlen(text) >= sizeof copy) return -1;
    snprintf(copy, sizeof copy, "%s", text);
    char *second = strchr(copy, '-');
    if (second) *second++ = 0;
    uint64_t least, most;
    if (key_number(copy, 0, 60000, &least) != 0 || key_number(second ? second : copy, least, 60000, &most) != 0) return -1;
    card->late_memory_least_ms = (uint32_t)least;
    card->late_memory_most_ms = (uint32_t)most;
    return 0;
}

static int microseconds(const char *text, uint64_t least, uint64_t most, uint64_t *ns) {
    if (key_number(text, least, most, ns) != 0) return -1;
    *ns *= 1000;
    return 0;
}

// A model sets all but the order of the cards.
static int model(const char *name, struct card_description *card) {
    const struct card_description *found = card_model(name);
    if (!found) return -1;
    uint32_t nvml_index = card->nvml_index;
    *card = *found;
    card->nvml_index = nvml_index;
    return 0;
}

static int name(const char *text, struct card_description *card) {
    return snprintf(card->name, sizeof card->name, "%s", text) > 0 ? 0 : -1;
}

static int noise(const char *text, struct card_description *card) {
    card->noise = strcmp(text, "on") == 0;
    return card->noise || strcmp(text, "off") == 0 ? 0 : -1;
}

static int slice(const char *text, struct card_description *card) {
    return microseconds(text, 1, 10000000, &card->slice_ns);
}

static int change(const char *text, struct card_description *card) {
    return microseconds(text, 0, 1000000, &card->switch_ns);
}

static const struct text_key {
    const char *name, *takes;
    int (*set)(const char *text, struct card_description *card);
} text_keys[] = {
    {"model", "one of " CARD_MODELS, model},
    {"name", "a text", name},
    {"uuid", "one in small letters as GPU-3c9619a8-4438-478e-9c35-2a3b01f5c6a9", uuid},
    {"compute_capability", "one as 8.6", capability},
    {"slice_us", "a whole number from 1 to 10000000", slice},
    {"switch_us", "a whole number from 0 to 1000000", change},
    {"noise", "on or off", noise},
    {"late_memory_ms", "a whole number up to 60000, or two as 50-500, the lower one first", late_memory},
};

static int refuse(char *wrong, size_t size, const char *takes) {
    snprintf(wrong, size, "does not take this value; give it %s", takes);
    return -1;
}

static int refuse_rule(char *wrong, size_t size) {
    enum { NAME_MAX_BYTES = sizeof ((struct length_rule *)0)->kernel - 1 };
    snprintf(wrong, size, "does not take this value; give it nanoseconds, or parameter:0 for the kernel's first parameter; a card has "
                          "at most %d such rules, for kernels with names of up to %d bytes", LENGTH_RULES_MAX, NAME_MAX_BYTES);
    return -1;
}

int card_key_set(struct card_description *card, const char *key, const char *value, char *wrong, size_t size) {
    for (size_t i = 0; i < sizeof text_keys / sizeof *text_keys; i++) {
        const struct text_key *known = &text_keys[i];
        if (strcmp(key, known->name) == 0) return known->set(value, card) == 0 ? 0 : refuse(wrong, size, known->takes);
    }
    if (strncmp(key, "length_ns.", 10) == 0) return rule(key + 10, value, card) == 0 ? 0 : refuse_rule(wrong, size);
    for (size_t i = 0; i < sizeof number_keys / sizeof *number_keys; i++) {
        const struct number_key *known = &number_keys[i];
        if (strcmp(key, known->name) != 0) continue;
        if (set_number(card, known, value) == 0) return 0;
        char takes[96];
        snprintf(takes, sizeof takes, "a whole number from %llu to %llu", (unsigned long long)known->least, (unsigned long long)known->most);
        return refuse(wrong, size, takes);
    }
    snprintf(wrong, size, "is no key of a card; docs/simulated-gpu.md lists them");
    return -1;
}
