// sluice-probe: does the libwrapper take hold in this environment? ld.so ignores a preload that it cannot load and runs the
// program without it, so `sluice run` starts this first. Exit codes as `sluice run` documents them.
//   sluice-probe          could an application join its tenant and reach a driver?
//   sluice-probe driver   which driver would its calls reach? Prints its path
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_OUR_FAULT = 70 };

int main(int count, char **arguments) {
    char text[512] = "";
    int driver_only = count > 1 && !strcmp(arguments[1], "driver");
    int (*probe)(char *) = (int (*)(char *))dlsym(RTLD_DEFAULT, driver_only ? "sluice_control_driver" : "sluice_control_probe");
    void *first = dlsym(RTLD_DEFAULT, "cuInit");
    Dl_info wrapper, driver;
    if (!probe) {
        fputs("sluice: the libwrapper was not loaded: LD_PRELOAD does not name it, or this system's loader cannot load it "
              "(another architecture, a glibc before 2.17, a folder mounted noexec)\n", stderr);
        return EXIT_OUR_FAULT;
    }
    if (!first || !dladdr((void *)probe, &wrapper) || !dladdr(first, &driver) || wrapper.dli_fbase != driver.dli_fbase) {
        fprintf(stderr, "sluice: another library answers for cuInit before the libwrapper: put the libwrapper first in LD_PRELOAD%s%s\n",
            first ? ", before " : "", first ? driver.dli_fname : "");
        return EXIT_OUR_FAULT;
    }
    int result = probe(text);
    if (result) {
        fprintf(stderr, "sluice: %s\n", text);
    } else if (driver_only) {
        puts(text);
    }
    return result;
}
