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

static int on_off(const char *text, int *on) {
    *on = strcmp(text, "on") == 0;
    return *on || strcmp(text, "off") == 0 ? 0 : -1;
}

static int microseconds(const char *text, uint64_t least, uint64_t most, uint64_t *ns) {
    if (key_number(text, least, most, ns) != 0) return -1;
    *ns *= 1000;
    return 0;
}

static const char *model(const char *name, struct card_description *card) {
    const struct card_description *found = card_model(name);
    if (!found) return "names no known model; they are " CARD_MODELS;
    uint32_t nvml_index = card->nvml_index;
    *card = *found;
    card->nvml_index = nvml_index;
    return NULL;
}

const char *card_key_set(struct card_description *card, const char *key, const char *value) {
    static const char *const wrong = "does not take this value; docs/simulated-gpu.md says which";
    if (strcmp(key, "model") == 0) return model(value, card);
    if (strcmp(key, "name") == 0) return snprintf(card->name, sizeof card->name, "%s", value) > 0 ? NULL : wrong;
    if (strcmp(key, "uuid") == 0) return uuid(value, card) == 0 ? NULL : wrong;
    if (strcmp(key, "compute_capability") == 0) return capability(value, card) == 0 ? NULL : wrong;
    if (strcmp(key, "slice_us") == 0) return microseconds(value, 1, 10000000, &card->slice_ns) == 0 ? NULL : wrong;
    if (strcmp(key, "switch_us") == 0) return microseconds(value, 0, 1000000, &card->switch_ns) == 0 ? NULL : wrong;
    if (strcmp(key, "noise") == 0) return on_off(value, &card->noise) == 0 ? NULL : wrong;
    if (strcmp(key, "late_memory_ms") == 0) return late_memory(value, card) == 0 ? NULL : wrong;
    if (strncmp(key, "length_ns.", 10) == 0) return rule(key + 10, value, card) == 0 ? NULL : wrong;
    for (size_t i = 0; i < sizeof number_keys / sizeof *number_keys; i++)
        if (strcmp(key, number_keys[i].name) == 0) return set_number(card, &number_keys[i], value) == 0 ? NULL : wrong;
    return "is no key of a card";
}
