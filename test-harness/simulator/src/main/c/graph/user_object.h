// user_object.h: objects of the application whose destructor runs when the last reference is gone. A graph may own references.
#ifndef SLUICE_SIM_USER_OBJECT_H
#define SLUICE_SIM_USER_OBJECT_H

#include "base/pool.h"
#include "driver/cuda_types.h"

// References that a graph owns.
struct object_reference {
    struct object_reference *next;
    CUuserObject object;
    uint32_t count;
};

void objects_release(struct object_reference **list);
// A copy of a graph holds the same objects, each once.
CUresult objects_share(struct object_reference **to, const struct object_reference *from);

#endif
