// modules.c: modules and libraries, of PTX files. Numbered in the order of their creation.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

enum { MOST = 64 };

static void *loaded[MOST];
static int count;

static char *text_of(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (!file || !text || !fread(text, 1, (1 << 20) - 1, file)) {
        return NULL;
    }
    fclose(file);
    return text;
}

// module WAY FILE: by data, options, fatbin (all three from memory), file, library or library-file
void do_module(char **a) {
    int (*from_file)(void **, const char *) = (int (*)(void **, const char *))cuda_symbol("cuModuleLoad", "cuModuleLoad", 2000);
    int (*data)(void **, const void *) = (int (*)(void **, const void *))cuda_symbol("cuModuleLoadData", "cuModuleLoadData", 2000);
    int (*fatbin)(void **, const void *) = (int (*)(void **, const void *))cuda_symbol("cuModuleLoadFatBinary", "cuModuleLoadFatBinary", 2000);
    int (*options)(void **, const void *, unsigned, int *, void **) =
        (int (*)(void **, const void *, unsigned, int *, void **))cuda_symbol("cuModuleLoadDataEx", "cuModuleLoadDataEx", 2010);
    int library = strncmp(a[1], "library", 7) == 0;
    int (*load)(void **, const void *, int *, void **, unsigned, int *, void **, unsigned) =
        (int (*)(void **, const void *, int *, void **, unsigned, int *, void **, unsigned))(strcmp(a[1], "library") == 0
            ? cuda_symbol("cuLibraryLoadData", "cuLibraryLoadData", 12000) : cuda_symbol("cuLibraryLoadFromFile", "cuLibraryLoadFromFile", 12000));
    void *module = NULL;
    char *text = text_of(a[2]);
    int result = library ? load(&module, strcmp(a[1], "library") == 0 ? text : a[2], NULL, NULL, 0, NULL, NULL, 0)
        : strcmp(a[1], "file") == 0    ? from_file(&module, a[2])
        : strcmp(a[1], "fatbin") == 0  ? fatbin(&module, text)
        : strcmp(a[1], "options") == 0 ? options(&module, text, 0, NULL, NULL)
                                       : data(&module, text);
    free(text);
    if (result == 0) {
        loaded[count++ % MOST] = module;
    }
    answer("%d %d", result, count - 1);
}

// module-unload MODULE [library]
void do_module_unload(char **a) {
    int (*unload)(void *) = (int (*)(void *))(a[2] ? cuda_symbol("cuLibraryUnload", "cuLibraryUnload", 12000) : cuda_symbol("cuModuleUnload", "cuModuleUnload", 2000));
    answer("%d", unload(loaded[strtoull(a[1], NULL, 10) % MOST]));
}
