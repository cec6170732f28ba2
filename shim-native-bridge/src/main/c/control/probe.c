#include "control.h"

#include "ledger.h"
#include "resolve.h"
#include "settings.h"

#include <stdio.h>

// As `sluice run` documents them.
enum { EXIT_NO_DRIVER = 69, EXIT_RUN_DIRECTORY = 77 };

int sluice_control_probe(char *text) {
    struct sluice_ledger ledger;
    struct sluice_message message;
    const char *run_dir = sluice_setting(SLUICE_SETTING_RUN_DIR), *tenant = sluice_setting(SLUICE_SETTING_TENANT);
    if (!run_dir || !tenant) {
        snprintf(text, sizeof message.text, "SLUICE_RUN_DIR and SLUICE_TENANT must be set");
        return EXIT_RUN_DIRECTORY;
    }
    if (sluice_ledger_open(&ledger, run_dir, tenant, &message)) {
        snprintf(text, sizeof message.text, "%s", message.text);
        return EXIT_RUN_DIRECTORY;
    }
    sluice_ledger_close(&ledger);
    return sluice_control_driver(text);
}

int sluice_control_driver(char *text) {
    struct sluice_message message;
    if (sluice_resolve_all()) {
        snprintf(text, sizeof message.text, "no CUDA driver could be loaded");
        return EXIT_NO_DRIVER;
    }
    snprintf(text, sizeof message.text, "%s", sluice_real_driver_path());
    return 0;
}
