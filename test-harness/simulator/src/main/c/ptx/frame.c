// frame.c: what a thread has of its own: frames of the kernel and of the functions it calls, and local memory below them.
//
// A frame, once taken, serves later threads and calls of about its size, so that a kernel without barriers keeps to one warm one.
#include "run.h"

#include <stdlib.h>

// Registers, parameters and local memory of all functions that a thread is in.
static const uint64_t MOST_STACK = 512 * 1024;

static struct ptx_frame *take(struct ptx_run *run, uint64_t bytes)
{
    uint32_t size_class = 6;
    while (UINT64_C(1) << size_class < bytes) size_class++;
    struct ptx_frame *frame = run->free_frames[size_class];
    if (frame) {
        run->free_frames[size_class] = frame->next;
        return frame;
    }
    frame = calloc(1, sizeof *frame + (UINT64_C(1) << size_class));
    if (!frame) {
        run->status = PTX_OUT_OF_MEMORY;
        run->fault_text = "the host has no memory left for its registers";
        return NULL;
    }
    frame->size_class = size_class;
    frame->every = run->all_frames;
    return run->all_frames = frame;
}

static void give(struct ptx_run *run, struct ptx_frame *frame)
{
    frame->next = run->free_frames[frame->size_class];
    run->free_frames[frame->size_class] = frame;
}

void ptx_free_frames(struct ptx_run *run)
{
    while (run->all_frames) {
        struct ptx_frame *next = run->all_frames->every;
        free(run->all_frames);
        run->all_frames = next;
    }
}

static uint64_t own_bytes(const struct ptx_kernel *code) { return code->slot_count * sizeof(uint64_t) + (code->frame_bytes + 15) / 16 * 16; }

static void fill(struct ptx_run *run, struct ptx_thread *thread, struct ptx_frame *frame, const struct ptx_kernel *code)
{
    frame->code = code;
    memcpy(frame->slots, code->slots, code->slot_count * sizeof(uint64_t));
    ptx_fill_specials(run, (uint32_t)(thread - run->block->threads), code, frame->slots);
    thread->frame = frame;
    thread->slots = frame->slots;
    thread->at = code->code;
}

bool ptx_start_thread(struct ptx_run *run, struct ptx_thread *thread)
{
    const struct ptx_kernel *kernel = run->kernel;
    struct ptx_frame *frame = take(run, own_bytes(kernel) + kernel->local_bytes);
    if (!frame) return false;
    frame->caller = NULL;
    frame->local_base = 0;
    frame->depth_bytes = 0;
    fill(run, thread, frame, kernel);
    thread->local = (uint8_t *)frame->slots + own_bytes(kernel);
    thread->local_bytes = thread->local_room = kernel->local_bytes;
    return true;
}

uint64_t ptx_executed(const struct ptx_thread *thread, const struct ptx_insn *at, int64_t balance)
{
    const struct ptx_kernel *code = thread->frame->code;
    return (uint64_t)(code->before[at - code->code] + balance);
}

void ptx_end_thread(struct ptx_run *run, struct ptx_thread *thread)
{
    run->launch->instructions += ptx_executed(thread, thread->at, thread->balance);
    while (thread->frame) {
        struct ptx_frame *frame = thread->frame;
        thread->frame = frame->caller;
        give(run, frame);
    }
    if (thread->local_block) give(run, thread->local_block);
    thread->local_block = NULL;
    thread->slots = NULL;
}

static bool grow_local(struct ptx_run *run, struct ptx_thread *thread, uint64_t bytes)
{
    if (bytes > thread->local_room) {
        struct ptx_frame *block = take(run, 2 * bytes);
        if (!block) return false;
        memcpy(block->slots, thread->local, thread->local_bytes);
        if (thread->local_block) give(run, thread->local_block);
        thread->local_block = block;
        thread->local = (uint8_t *)block->slots;
        thread->local_room = UINT64_C(1) << block->size_class;
    }
    thread->local_bytes = bytes;
    return true;
}

static bool same_shape(const struct ptx_shape *a, const struct ptx_shape *b)
{
    bool same = a->argument_count == b->argument_count && a->result_count == b->result_count;
    for (size_t i = 0; same && i < a->argument_count; i++) same = a->arguments[i].size == b->arguments[i].size;
    for (size_t i = 0; same && i < a->result_count; i++) same = a->results[i].size == b->results[i].size;
    return same;
}

static const struct ptx_kernel *find_target(struct ptx_run *run, const struct ptx_thread *thread, const struct ptx_call *call)
{
    if (call->target) return call->target;
    const struct ptx_module *module = run->kernel->module;
    uint64_t into = thread->slots[call->slot] - PTX_CODE_WINDOW, index = into / PTX_CODE_STEP;
    if (into % PTX_CODE_STEP == 0 && index < module->function_count) {
        const struct ptx_kernel *target = module->functions[index];
        if (target->count && same_shape(&target->shape, &call->shape)) return target;
    }
    run->status = PTX_ILLEGAL_INSTRUCTION;
    run->fault_text = "a call by address finds no function there that takes and gives what the call says";
    return NULL;
}

static struct ptx_frame *push(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_kernel *target)
{
    uint64_t base = (thread->local_bytes + 15) / 16 * 16, bytes = own_bytes(target) + target->local_bytes;
    if (thread->frame->depth_bytes + bytes > MOST_STACK || base + target->local_bytes > MOST_STACK) {
        run->status = PTX_STACK_OVERFLOW;
        run->fault_text = "calls are nested deeper than a thread's stack allows";
        return NULL;
    }
    struct ptx_frame *frame = take(run, own_bytes(target));
    if (!frame) return NULL;
    frame->depth_bytes = thread->frame->depth_bytes + (uint32_t)bytes;
    frame->local_base = thread->local_bytes;
    if (grow_local(run, thread, base + target->local_bytes)) return frame;
    give(run, frame);
    return NULL;
}

// At the call in `insn`; the thread goes on at the function's first instruction, or behind the call of a builtin.
bool ptx_invoke(struct ptx_run *run, struct ptx_thread *thread, const struct ptx_insn *insn)
{
    const struct ptx_call *call = insn->invoked;
    const struct ptx_kernel *target = find_target(run, thread, call);
    if (!target) return false;
    if (target->builtin) {
        thread->at = insn + 1;
        return target->builtin(run, thread, call);
    }
    struct ptx_frame *caller = thread->frame, *frame = push(run, thread, target);
    if (!frame) return false;
    uint64_t local_base = thread->local_bytes - target->local_bytes;
    int64_t executed = (int64_t)ptx_executed(thread, insn, thread->balance) + 1;
    frame->caller = caller;
    frame->call = call;
    frame->back = insn + 1;
    fill(run, thread, frame, target);
    thread->balance = executed;
    for (size_t i = 0; i < target->local_slot_count; i++) frame->slots[target->local_slots[i]] += local_base;
    for (size_t i = 0; i < call->shape.argument_count; i++)
        memcpy(ptx_frame_parameters(frame) + target->shape.arguments[i].offset, ptx_frame_parameters(caller) + call->shape.arguments[i].offset,
            target->shape.arguments[i].size);
    return true;
}

void ptx_return(struct ptx_run *run, struct ptx_thread *thread)
{
    struct ptx_frame *frame = thread->frame, *caller = frame->caller;
    int64_t executed = (int64_t)ptx_executed(thread, thread->at, thread->balance) + 1;
    const struct ptx_shape *from = &frame->code->shape, *to = &frame->call->shape;
    for (size_t i = 0; i < to->result_count; i++)
        memcpy(ptx_frame_parameters(caller) + to->results[i].offset, ptx_frame_parameters(frame) + from->results[i].offset,
            from->results[i].size);
    thread->local_bytes = frame->local_base;
    thread->frame = caller;
    thread->slots = caller->slots;
    thread->at = frame->back;
    thread->balance = executed - (int64_t)caller->code->before[frame->back - caller->code->code];
    give(run, frame);
}
