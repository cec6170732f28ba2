// unversioned.c: a caller of dlopen that is bound to no version of glibc, as a plugin linked without the C library is.
void *dlopen(const char *name, int flags);
void *unversioned_dlopen(const char *name, int flags);

void *unversioned_dlopen(const char *name, int flags) {
    void *handle = dlopen(name, flags);
    __asm__ volatile("" : "+r"(handle)); // no tail call: the caller is this library
    return handle;
}
