#define _GNU_SOURCE
#include "real_driver.h"

#include "file_status.h"
#include "loader_cache.h"
#include "settings.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __aarch64__
#define MULTIARCH "/usr/lib/aarch64-linux-gnu"
#else
#define MULTIARCH "/usr/lib/x86_64-linux-gnu"
#endif

// `tegra`, later `nvidia`: where Jetson boards have it.
static const char *const WELL_KNOWN[] = {
    "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib", "/run/opengl-driver/lib", MULTIARCH "/nvidia/current", MULTIARCH,
    MULTIARCH "/tegra", MULTIARCH "/nvidia", "/usr/lib64", "/usr/lib64/nvidia", "/usr/local/cuda/compat",
};

struct search {
    const char *file;
    char *path;
    void *handle;
};

static char own_path[512];

void *(*sluice_libc_dlopen)(const char *name, int flags);
void *(*sluice_libc_dlmopen)(long namespace, const char *name, int flags);

static void find_own_path(void);
static void *open_named(const char *path, struct sluice_message *message);
static int search_everywhere(struct search *search);
static int search_folders(const char *folders, struct search *search);
static int try_folder(const char *folder, size_t length, struct search *search);
static int try_path(const char *path, void *search);

void *sluice_real_driver_open(char path[512], struct sluice_message *message) {
    sluice_find_libc_dlopen();
    const char *named = sluice_setting(SLUICE_SETTING_DRIVER);
    if (named && *named) {
        snprintf(path, 512, "%s", named);
        return open_named(named, message);
    }
    struct search search = {.file = "libcuda.so.1", .path = path};
    if (!search_everywhere(&search)) {
        sluice_message_set(message, "no CUDA driver was found in LD_LIBRARY_PATH, the loader's cache or the usual folders: install NVIDIA's driver, "
            "set SLUICE_DRIVER to its libcuda.so.1, or run with --sim");
    }
    return search.handle;
}

void *sluice_real_nvml_open(void) {
    char path[512];
    struct search search = {.file = "libnvidia-ml.so.1", .path = path};
    sluice_find_libc_dlopen();
    const char *driver = sluice_setting(SLUICE_SETTING_DRIVER);
    int beside = driver && driver[0] == '/' && try_folder(driver, (size_t)(strrchr(driver, '/') - driver), &search);
    return beside || search_everywhere(&search) ? search.handle : NULL;
}

void sluice_find_libc_dlopen(void) {
    if (!__atomic_load_n(&sluice_libc_dlopen, __ATOMIC_ACQUIRE)) {
        sluice_libc_dlmopen = (void *(*)(long, const char *, int))dlsym(RTLD_NEXT, "dlmopen");
        // Last: who finds it finds both.
        __atomic_store_n(&sluice_libc_dlopen, (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen"), __ATOMIC_RELEASE);
    }
}

const char *sluice_own_path(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_own_path);
    return own_path;
}

static void find_own_path(void) {
    Dl_info info;
    if (dladdr((void *)sluice_own_path, &info)) {
        char *real = realpath(info.dli_fname, NULL);
        snprintf(own_path, sizeof own_path, "%s", real ? real : info.dli_fname);
        free(real);
    }
}

static void *open_named(const char *path, struct sluice_message *message) {
    if (path[0] != '/') {
        sluice_message_set(message, "SLUICE_DRIVER is '%.200s': it must be the absolute path of a libcuda.so.1", path);
        return NULL;
    }
    void *handle = sluice_libc_dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) {
        sluice_message_set(message, "SLUICE_DRIVER cannot be loaded: %.400s", dlerror());
    } else if (dlsym(handle, "sluice_version")) {
        sluice_message_set(message, "SLUICE_DRIVER is '%.300s', which is Sluice itself: name the real driver", path);
        return NULL;
    }
    return handle;
}

static int search_everywhere(struct search *search) {
    int found = search_folders(getenv("LD_LIBRARY_PATH"), search) || sluice_loader_cache_each(search->file, try_path, search);
    for (size_t i = 0; i < sizeof WELL_KNOWN / sizeof *WELL_KNOWN && !found; i++) {
        found = try_folder(WELL_KNOWN[i], strlen(WELL_KNOWN[i]), search);
    }
    return found;
}

static int search_folders(const char *folders, struct search *search) {
    while (folders && *folders) {
        size_t length = strcspn(folders, ":;");
        if (length && try_folder(folders, length, search)) {
            return 1;
        }
        folders += length + (folders[length] != 0);
    }
    return 0;
}

static int try_folder(const char *folder, size_t length, struct search *search) {
    char path[512];
    return snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, search->file) < (int)sizeof path && try_path(path, search);
}

static int try_path(const char *path, void *context) {
    struct search *search = context;
    struct stat candidate, own;
    if (sluice_status_at(path, &candidate) || (sluice_status_at(sluice_own_path(), &own) == 0 && own.st_dev == candidate.st_dev && own.st_ino == candidate.st_ino)) {
        return 0;
    }
    void *handle = sluice_libc_dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (!handle || dlsym(handle, "sluice_version")) {
        return 0; // another copy of Sluice, or of another architecture
    }
    snprintf(search->path, 512, "%s", path);
    search->handle = handle;
    return 1;
}
