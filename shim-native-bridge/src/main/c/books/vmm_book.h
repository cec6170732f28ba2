// vmm_book.h: what this process holds of physical memory that it has created (CUDA driver API, "Virtual Memory Management"). A piece
// is held as long as it has a handle or is mapped anywhere; then its charge is to be released.
//
// Whoever calls holds the lock, over the driver's call and what is noted of it here: an address or a handle may mean something else
// as soon as the driver has taken it back.
#ifndef SLUICE_VMM_BOOK_H
#define SLUICE_VMM_BOOK_H

#include <stdint.h>

struct sluice_vmm_piece {
    unsigned row;
    uint64_t bytes;      // as charged
    int export_number;   // less 1, in exports.h; 0: not exported
    int imported;        // from nobody of this tenant: charged as it is mapped
    uint64_t import_key; // of an import that another process is charged for; 0: none
};

void sluice_vmm_lock(void);
void sluice_vmm_unlock(void);

// A new piece, and its first handle. 0, or -1 without memory.
int sluice_vmm_created(uint64_t handle, struct sluice_vmm_piece piece);
// The piece of a handle, to be changed; NULL where it is not known.
struct sluice_vmm_piece *sluice_vmm_find(uint64_t handle);
// One more reference to the piece that is mapped at an address, under this handle.
void sluice_vmm_retained(uint64_t handle, uint64_t address);
// Returns the piece where that was the last of it, else all zeros.
struct sluice_vmm_piece sluice_vmm_handle_released(uint64_t handle);
// 0, or -1 without memory. A handle that is not known, because it was not charged, is not noted.
int sluice_vmm_mapped(uint64_t address, uint64_t bytes, uint64_t handle);
// Forgets one of the mappings in the range: call it until *found is 0. Returns as above.
struct sluice_vmm_piece sluice_vmm_unmapped(uint64_t address, uint64_t bytes, int *found);
// Forgets everything, in a forked child.
void sluice_vmm_reset_after_fork(void);

#endif
