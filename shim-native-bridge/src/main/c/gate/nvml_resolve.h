// nvml_resolve.h: the real NVML's functions, all looked up when the application first asks for NVML.
#ifndef SLUICE_NVML_RESOLVE_H
#define SLUICE_NVML_RESOLVE_H

// Does so unless it is done. Returns 0, or -1 where there is no NVML: then every call answers NVML_ERROR_LIBRARY_NOT_FOUND.
int sluice_nvml_resolve_all(void);

// The library that stands for NVML: an alias beside this one, with NVML's SONAME, which needs this one.
const char *sluice_nvml_alias_path(void);

#endif
