// refused.h: calls that take memory in ways that cannot be charged yet.
#ifndef SLUICE_REFUSED_H
#define SLUICE_REFUSED_H

// Whether a call is to be answered with CUDA_ERROR_NOT_SUPPORTED: under a quota, where it is counted and told. `function` is one
// of SLUICE_FN_*.
int sluice_refuses(unsigned function);

#endif
