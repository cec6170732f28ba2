#define _GNU_SOURCE
#include "settings.h"

#include <stdlib.h>
#include <string.h>

static const char *told[SLUICE_SETTING_COUNT];

const char *sluice_setting(enum sluice_setting setting) {
    static const char *const variables[] = {
        [SLUICE_SETTING_TENANT] = "SLUICE_TENANT",
        [SLUICE_SETTING_RUN_DIR] = "SLUICE_RUN_DIR",
        [SLUICE_SETTING_DRIVER] = "SLUICE_DRIVER",
        [SLUICE_SETTING_ON_FAILURE] = "SLUICE_ON_FAILURE",
    };
    const char *value = __atomic_load_n(&told[setting], __ATOMIC_ACQUIRE);
    return value ? value : getenv(variables[setting]);
}

int sluice_setting_put(enum sluice_setting setting, const char *value) {
    char *copy = value ? strdup(value) : NULL;
    if (value && !copy) {
        return -1;
    }
    if (copy) {
        __atomic_store_n(&told[setting], copy, __ATOMIC_RELEASE);
    }
    return 0;
}
