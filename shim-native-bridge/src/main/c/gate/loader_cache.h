// loader_cache.h: reads /etc/ld.so.cache, since asking dlopen for libcuda.so.1 by name would answer with ourselves.
#ifndef SLUICE_LOADER_CACHE_H
#define SLUICE_LOADER_CACHE_H

// Calls `visit` with the path of each library of that name for this processor, in the cache's order, until it returns
// non-zero, which is returned. 0 also where there is no cache that can be read.
int sluice_loader_cache_each(const char *name, int (*visit)(const char *path, void *context), void *context);

#endif
