// glibc_floor.h: included ahead of every file (-include), so that what is loaded into an application needs nothing newer than
// glibc 2.17. ld.so leaves out a preload that it cannot load and starts the application all the same, ungoverned.
//
// glibc keeps the old versions of a function beside the newest. A line here binds a name to the oldest; a name that a file does
// not use costs nothing. The functions of libdl and libpthread moved into libc with glibc 2.34, so the linker is given those
// libraries by name as well. A test lists what is newer than the floor.
#ifndef SLUICE_GLIBC_FLOOR_H
#define SLUICE_GLIBC_FLOOR_H

// aarch64 began with glibc 2.17: there the oldest version of everything.
#ifdef __x86_64__
#define SLUICE_OLDEST(symbol, old, version) __asm__(".symver " #symbol ", " #old "@GLIBC_" version)
#else
#define SLUICE_OLDEST(symbol, old, version) __asm__(".symver " #symbol ", " #old "@GLIBC_2.17")
#endif

// From libdl (glibc 2.34).
SLUICE_OLDEST(dladdr, dladdr, "2.2.5");
SLUICE_OLDEST(dladdr1, dladdr1, "2.3.3");
SLUICE_OLDEST(dlclose, dlclose, "2.2.5");
SLUICE_OLDEST(dlerror, dlerror, "2.2.5");
SLUICE_OLDEST(dlopen, dlopen, "2.2.5"); // the libwrapper's own is in assembly
SLUICE_OLDEST(dlinfo, dlinfo, "2.3.3");
SLUICE_OLDEST(dlsym, dlsym, "2.2.5");
SLUICE_OLDEST(dlvsym, dlvsym, "2.2.5");

// From libpthread (glibc 2.32 to 2.34).
SLUICE_OLDEST(pthread_condattr_setclock, pthread_condattr_setclock, "2.3.3");
SLUICE_OLDEST(pthread_create, pthread_create, "2.2.5");
SLUICE_OLDEST(pthread_detach, pthread_detach, "2.2.5");
SLUICE_OLDEST(pthread_getspecific, pthread_getspecific, "2.2.5");
SLUICE_OLDEST(pthread_join, pthread_join, "2.2.5");
SLUICE_OLDEST(pthread_key_create, pthread_key_create, "2.2.5");
SLUICE_OLDEST(pthread_key_delete, pthread_key_delete, "2.2.5");
SLUICE_OLDEST(pthread_kill, pthread_kill, "2.2.5");
SLUICE_OLDEST(pthread_mutex_timedlock, pthread_mutex_timedlock, "2.2.5");
SLUICE_OLDEST(pthread_mutex_trylock, pthread_mutex_trylock, "2.2.5");
SLUICE_OLDEST(pthread_mutexattr_setrobust, pthread_mutexattr_setrobust, "2.12");
SLUICE_OLDEST(pthread_mutexattr_settype, pthread_mutexattr_settype, "2.2.5");
SLUICE_OLDEST(pthread_once, pthread_once, "2.2.5");
SLUICE_OLDEST(pthread_rwlock_rdlock, pthread_rwlock_rdlock, "2.2.5");
SLUICE_OLDEST(pthread_rwlock_unlock, pthread_rwlock_unlock, "2.2.5");
SLUICE_OLDEST(pthread_rwlock_wrlock, pthread_rwlock_wrlock, "2.2.5");
SLUICE_OLDEST(pthread_setspecific, pthread_setspecific, "2.2.5");
SLUICE_OLDEST(pthread_sigmask, pthread_sigmask, "2.2.5");
SLUICE_OLDEST(pthread_timedjoin_np, pthread_timedjoin_np, "2.3.3");

// From libm: since glibc 2.29 these set errno themselves.
SLUICE_OLDEST(exp, exp, "2.2.5");
SLUICE_OLDEST(exp2, exp2, "2.2.5");
SLUICE_OLDEST(log, log, "2.2.5");
SLUICE_OLDEST(log2, log2, "2.2.5");
SLUICE_OLDEST(pow, pow, "2.2.5");

// What newer headers make of old names: numbers that may be binary (glibc 2.38), descriptors of large files (2.28).
SLUICE_OLDEST(__isoc23_sscanf, __isoc99_sscanf, "2.7");
SLUICE_OLDEST(__isoc23_strtol, strtol, "2.2.5");
SLUICE_OLDEST(__isoc23_strtoll, strtoll, "2.2.5");
SLUICE_OLDEST(__isoc23_strtoul, strtoul, "2.2.5");
SLUICE_OLDEST(__isoc23_strtoull, strtoull, "2.2.5");
SLUICE_OLDEST(fcntl64, fcntl, "2.2.5");

#undef SLUICE_OLDEST

#endif
