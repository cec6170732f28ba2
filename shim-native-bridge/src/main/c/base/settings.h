// settings.h: what whoever started this application has told the libwrapper: through the agent, else by the environment.
#ifndef SLUICE_SETTINGS_H
#define SLUICE_SETTINGS_H

enum sluice_setting {
    SLUICE_SETTING_TENANT,     // SLUICE_TENANT
    SLUICE_SETTING_RUN_DIR,    // SLUICE_RUN_DIR
    SLUICE_SETTING_DRIVER,     // SLUICE_DRIVER
    SLUICE_SETTING_ON_FAILURE, // SLUICE_ON_FAILURE
    SLUICE_SETTING_COUNT,
};

// NULL or "": nobody said. Not for hot paths.
const char *sluice_setting(enum sluice_setting setting);

// Goes before the environment from now on; NULL leaves the environment's word. The value is copied and never freed. An agent
// uses this since the environment of a running application is not ours to change: its children would inherit it.
// Returns 0, or -1 where there is no memory.
int sluice_setting_put(enum sluice_setting setting, const char *value);

#endif
