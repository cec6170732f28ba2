// start.c: what crt1.o calls to start the program, taken from the oldest glibc that has it; the linker hands crt1.o's call to
// __wrap___libc_start_main. crt1.o comes from the build machine, where the name means the version of glibc 2.34. The older
// one takes what a newer crt1.o passes: no `init` and no `fini`, of which this program needs none.
#ifdef __x86_64__
__asm__(".symver sluice_libc_start_main, __libc_start_main@GLIBC_2.2.5");
#else
__asm__(".symver sluice_libc_start_main, __libc_start_main@GLIBC_2.17");
#endif

typedef int program(int count, char **arguments, char **environment);
typedef void step(void);

int sluice_libc_start_main(program *main, int count, char **arguments, step *init, step *fini, step *loader_fini, void *stack_end);
int __wrap___libc_start_main(program *main, int count, char **arguments, step *init, step *fini, step *loader_fini, void *stack_end);

int __wrap___libc_start_main(program *main, int count, char **arguments, step *init, step *fini, step *loader_fini, void *stack_end) {
    return sluice_libc_start_main(main, count, arguments, init, fini, loader_fini, stack_end);
}
