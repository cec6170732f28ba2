// resolve.h: the real driver's functions, all looked up at the first call of any.
#ifndef SLUICE_RESOLVE_H
#define SLUICE_RESOLVE_H

// Does so unless it is done. Returns 0, or -1 where there is no driver: then every call answers CUDA_ERROR_NO_DEVICE.
int sluice_resolve_all(void);

// The function whose real one is at `real`; -1 where none is, or several are. After sluice_resolve_all().
int sluice_function_at(const void *real);

// Where the real driver was found; "" where there is none. After sluice_resolve_all().
const char *sluice_real_driver_path(void);

#endif
