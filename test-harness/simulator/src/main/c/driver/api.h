// api.h: the prototypes of every driver function that is written here, generated from the API description, so that the
// compiler holds each one to its described signature; they alone are exported.
#ifndef SLUICE_SIM_API_H
#define SLUICE_SIM_API_H

#include "driver/cuda_types.h"
#include "driver_prototypes.h"

#endif
