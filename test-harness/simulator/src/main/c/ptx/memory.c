// memory.c: from the addresses of the simulated GPU to bytes of the host.
#include "run.h"

uint8_t *ptx_access_fault(struct ptx_run *run, uint64_t address, uint32_t bytes, const char *memory)
{
    run->status = address & (bytes - 1) ? PTX_MISALIGNED : PTX_ILLEGAL_ADDRESS;
    run->fault_address = address;
    run->fault_bytes = bytes;
    run->fault_text = memory;
    return NULL;
}

uint8_t *ptx_find_allocation(struct ptx_run *run, struct ptx_allocation *cached, uint64_t address, uint32_t bytes)
{
    uint64_t base, end;
    void *host;
    if (address & (bytes - 1)) return ptx_access_fault(run, address, bytes, "global");
    if (run->launch->cooperative && address - PTX_GRID_WINDOW < sizeof run->grid_words) {
        *cached = (struct ptx_allocation){PTX_GRID_WINDOW, sizeof run->grid_words, (uint8_t *)run->grid_words};
        return cached->host + (address - PTX_GRID_WINDOW);
    }
    if (!run->memory.range(run->memory.context, address, &base, &end, &host)) return ptx_access_fault(run, address, bytes, "global");
    *cached = (struct ptx_allocation){.base = base, .bytes = end - base, .host = host};
    uint64_t into = address - base;
    if (into >= cached->bytes || cached->bytes - into < bytes) return ptx_access_fault(run, address, bytes, "global");
    return cached->host + into;
}

uint8_t *ptx_generic(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, uint64_t address, uint32_t bytes)
{
    if (address - PTX_SHARED_WINDOW < PTX_WINDOW_BYTES)
        return ptx_shared(run, address - PTX_SHARED_WINDOW, bytes);
    if (address - PTX_LOCAL_WINDOW < PTX_WINDOW_BYTES) return ptx_local(run, thread, address - PTX_LOCAL_WINDOW, bytes);
    return ptx_global(run, insn, address, bytes);
}

uint8_t *ptx_atomic_place(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn, uint64_t address)
{
    uint32_t bytes = (uint32_t)insn->offset & 0xff, space = (uint32_t)insn->offset >> 8;
    uint8_t *place = space == PTX_SHARED   ? ptx_shared(run, address, bytes)
                     : space == PTX_GLOBAL ? ptx_global(run, insn, address, bytes)
                                           : ptx_generic(run, thread, insn, address, bytes);
    if (!place || ((uintptr_t)place & (bytes - 1)) == 0) return place;
    ptx_access_fault(run, address, bytes, "global");
    run->status = PTX_MISALIGNED;
    return NULL;
}

// cp.async: d and a hold the addresses in shared and global memory, c how much there is to copy; the rest of offset's bytes is
// filled with zeros.
bool ptx_copy(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn)
{
    uint32_t bytes = (uint32_t)insn->offset;
    uint64_t wanted = thread->slots[insn->c];
    uint8_t *to = ptx_shared(run, thread->slots[insn->d], bytes);
    if (!to) return false;
    uint32_t copied = wanted < bytes ? (uint32_t)wanted : bytes;
    const uint8_t *from = copied ? ptx_global(run, insn, thread->slots[insn->a], bytes) : to;
    if (!from) return false;
    memmove(to, from, copied);
    memset(to + copied, 0, bytes - copied);
    return true;
}
