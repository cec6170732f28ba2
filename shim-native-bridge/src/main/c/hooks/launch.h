// launch.h: launches of a tenant that has a share of the GPU's time.
#ifndef SLUICE_LAUNCH_H
#define SLUICE_LAUNCH_H

// The hook of a function that launches.
void *sluice_launch_hook(unsigned function);

#endif
