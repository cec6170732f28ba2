// agent.c: what the javaagent calls in the libwrapper that the application's calls go through.
#define _GNU_SOURCE
#include "control.h"

#include "denial_post.h"
#include "real_driver.h"
#include "say.h"
#include "settings.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int answers_for(const char *name, char *text);
static void hold_nvml(const char *alias);

int sluice_control_configure(const char *tenant, const char *run_dir, const char *driver, const char *on_failure, char *text) {
    const char *const values[SLUICE_SETTING_COUNT] = {
        [SLUICE_SETTING_TENANT] = tenant, [SLUICE_SETTING_RUN_DIR] = run_dir, [SLUICE_SETTING_DRIVER] = driver, [SLUICE_SETTING_ON_FAILURE] = on_failure,
    };
    for (int i = 0; i < SLUICE_SETTING_COUNT; i++) {
        if (sluice_setting_put((enum sluice_setting)i, values[i])) {
            snprintf(text, SLUICE_TEXT_BYTES, "no memory is left to keep the settings");
            return -1;
        }
    }
    return 0;
}

int sluice_control_take_hold(const char *alias, char *text) {
    sluice_find_libc_dlopen();
    // Both handles are kept: what they hold must stay for as long as the process lives.
    if (!sluice_libc_dlopen(sluice_own_path(), RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD) || !sluice_libc_dlopen(alias, RTLD_NOW | RTLD_GLOBAL)) {
        snprintf(text, SLUICE_TEXT_BYTES, "the libwrapper cannot be held in this process: %.400s", dlerror());
        return -1;
    }
    hold_nvml(alias);
    return answers_for("libcuda.so.1", text) && answers_for("libcuda.so", text) ? 0 : -1;
}

void sluice_control_listen(int listening) {
    sluice_denial_listen((enum sluice_listening)listening);
}

int sluice_control_next_denial(void *note, int timeout_ms) {
    return (int)sluice_denial_next(note, timeout_ms);
}

int sluice_control_answer_denial(int ticket) {
    return sluice_denial_answer(ticket);
}

// What tells the truth of the GPU and not the tenant's takes no memory: where this fails, quotas hold all the same.
static void hold_nvml(const char *alias) {
    static const char *const names[] = {"libnvidia-ml.so.1", "libnvidia-ml.so"};
    const char *slash = strrchr(alias, '/');
    for (size_t i = 0; slash && i < sizeof names / sizeof *names; i++) {
        char path[512];
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - alias), alias, names[i]);
        if (!sluice_libc_dlopen(path, RTLD_LAZY | RTLD_LOCAL)) {
            sluice_say("NVML tells this process of the whole GPU: %s", dlerror());
        }
    }
}

// The loader compares a name with the SONAMEs of what is loaded already, in the order in which it was loaded.
static int answers_for(const char *name, char *text) {
    void *handle = sluice_libc_dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    void *found = handle ? dlsym(handle, "cuInit") : NULL;
    Dl_info other, own;
    if (found && dladdr(found, &other) && dladdr((void *)answers_for, &own) && other.dli_fbase == own.dli_fbase) {
        return 1;
    }
    snprintf(text, SLUICE_TEXT_BYTES, "another library answers for %s in this process: %.300s was loaded before the agent", name,
        found && dladdr(found, &other) ? other.dli_fname : name);
    return 0;
}
