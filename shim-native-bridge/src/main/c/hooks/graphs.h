// graphs.h: what graphs hold that allocate memory (CUDA programming guide, "Graph Memory Nodes").
#ifndef SLUICE_GRAPHS_H
#define SLUICE_GRAPHS_H

// Some graph of this process may have an allocation node from now on. Until then graphs cost nothing.
void sluice_graphs_expect_allocations(void);

// Charges what each device keeps for graphs now, as sluice_pools_settle does for pools.
void sluice_graphs_settle(void);

#endif
