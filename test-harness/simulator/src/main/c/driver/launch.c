// launch.c: checks a launch as the driver does, packs its parameters, and queues it.
#include "driver/launch.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "driver/api.h"
#include "driver/faults.h"
#include "driver/kernel.h"
#include "driver/printed.h"
#include "graph/capture.h"

struct kernel_work {
    struct ptx_kernel *kernel;
    const struct card_description *card;
    const struct length_rule *rule;
    const char *name;
    struct ptx_launch launch;
    uint64_t timer_first, timer_last; // of %globaltimer, as the kernel read it; 0: it did not
    _Alignas(16) char parameters[];
};

static _Atomic uint64_t next_grid = 1;

static uint64_t globaltimer(void *context) {
    struct kernel_work *work = context;
    work->timer_last = clock_now_ns();
    if (!work->timer_first) work->timer_first = work->timer_last;
    return work->timer_last;
}

static int result_of(enum ptx_status status) {
    switch (status) {
    case PTX_OK: return CUDA_SUCCESS;
    case PTX_ILLEGAL_ADDRESS: return CUDA_ERROR_ILLEGAL_ADDRESS;
    case PTX_MISALIGNED: return CUDA_ERROR_MISALIGNED_ADDRESS;
    case PTX_ASSERTED: return CUDA_ERROR_ASSERT;
    case PTX_STACK_OVERFLOW: return CUDA_ERROR_HARDWARE_STACK_ERROR;
    case PTX_ILLEGAL_INSTRUCTION: return CUDA_ERROR_ILLEGAL_INSTRUCTION;
    case PTX_INVALID_LAUNCH:
    case PTX_OUT_OF_MEMORY: return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    default: return CUDA_ERROR_LAUNCH_FAILED;
    }
}

// The cost model: a fixed time for the launch, and the thread instructions executed at the card's rate, but no less than what the
// kernel itself saw pass, of which few instructions tell where the CPU was busy; or what cards.conf says of this kernel.
static uint64_t length_of(const struct kernel_work *work) {
    const struct length_rule *rule = work->rule;
    if (!rule) {
        uint64_t modelled = work->launch.instructions * 1000 / work->card->instructions_per_us, seen = work->timer_last - work->timer_first;
        return work->card->launch_ns + (modelled > seen ? modelled : seen);
    }
    if (rule->from_parameter < 0) return rule->ns;
    if ((uint32_t)rule->from_parameter >= ptx_parameter_count(work->kernel)) return 0;
    const struct ptx_parameter *parameter = &ptx_parameters(work->kernel)[rule->from_parameter];
    uint64_t ns = 0;
    memcpy(&ns, work->parameters + parameter->offset, parameter->size < sizeof ns ? parameter->size : sizeof ns);
    return ns;
}

static int run_kernel(struct operation *operation) {
    struct kernel_work *work = (struct kernel_work *)operation->payload;
    int fault = kernel_fault(work->card, work->name, work->launch.cancel);
    if (fault) return fault;
    enum ptx_status status = ptx_run(work->kernel, &work->launch);
    operation->length_ns = length_of(work);
    if (status != PTX_OK && driver_explains()) fprintf(stderr, "simulated GPU: %s\n", work->launch.error);
    return result_of(status);
}

// The blocks of a cooperative grid must fit the GPU at once.
static CUresult check_fit(const struct function *function, const struct launch_shape *shape, uint64_t threads) {
    int per_sm = 0;
    CUresult result = cuOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, (CUfunction)(uintptr_t)function, (int)threads, shape->shared_bytes);
    if (result != CUDA_SUCCESS) return result;
    uint64_t most = (uint64_t)per_sm * function->module->context->device->card.description->sms;
    unsigned __int128 blocks = (unsigned __int128)shape->grid[0] * shape->grid[1] * shape->grid[2];
    return blocks > most ? CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE : CUDA_SUCCESS;
}

static CUresult check_shape(const struct function *function, const struct launch_shape *shape) {
    static const unsigned grid_most[3] = {2147483647, 65535, 65535}, block_most[3] = {1024, 1024, 64};
    uint64_t threads = 1;
    for (int i = 0; i < 3; i++) {
        if (shape->grid[i] == 0 || shape->grid[i] > grid_most[i]) return CUDA_ERROR_INVALID_VALUE;
        if (shape->block[i] == 0 || shape->block[i] > block_most[i]) return CUDA_ERROR_INVALID_VALUE;
        threads *= shape->block[i];
    }
    if (threads > 1024) return CUDA_ERROR_INVALID_VALUE;
    if (function->attributes.max_threads && threads > function->attributes.max_threads) return CUDA_ERROR_INVALID_VALUE;
    if (shape->shared_bytes > (unsigned)function->dynamic_shared_max) return CUDA_ERROR_INVALID_VALUE;
    return shape->cooperative ? check_fit(function, shape, threads) : CUDA_SUCCESS;
}

CUresult kernel_check(const struct kernel_call *call) {
    CUresult result = check_shape(call->function, &call->shape);
    if (result != CUDA_SUCCESS) return result;
    return call->parameter_bytes < ptx_parameter_bytes(call->function->kernel) ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

struct operation *kernel_operation(const struct kernel_call *call) {
    CUfunction function = call->function;
    CUcontext context = function->module->context;
    size_t wanted = ptx_parameter_bytes(function->kernel);
    struct operation *operation = operation_new(run_kernel, ENGINE_COMPUTE, sizeof(struct kernel_work) + wanted);
    if (!operation) return NULL;
    struct kernel_work *work = (struct kernel_work *)operation->payload;
    *work = (struct kernel_work){
        .name = function->name,
        .kernel = function->kernel, .card = context->device->card.description, .rule = function->rule,
        .launch = {.dynamic_shared_bytes = call->shape.shared_bytes, .parameters = work->parameters,
                   .clock_ns = globaltimer, .clock_context = work,
                   .cooperative = call->shape.cooperative, .sms = (uint32_t)context->device->card.description->sms,
                   .grid_id = atomic_fetch_add(&next_grid, 1), .print = printed_add, .print_context = context,
                   .cancel = (const volatile int *)&context->queue.cancel},
    };
    snprintf(operation->name, sizeof operation->name, "%s", function->name);
    const struct launch_shape *shape = &call->shape;
    operation->sms = function_sms(function, (uint64_t)shape->grid[0] * shape->grid[1] * shape->grid[2],
                                  shape->block[0] * shape->block[1] * shape->block[2], shape->shared_bytes);
    operation->first_launch = !atomic_exchange(&function->launched, 1);
    memcpy(work->launch.grid, call->shape.grid, sizeof call->shape.grid);
    memcpy(work->launch.block, call->shape.block, sizeof call->shape.block);
    if (wanted) memcpy(work->parameters, call->parameters, wanted);
    return operation;
}

static CUresult launch_call(CUcontext context, const struct kernel_call *call, CUstream handle) {
    struct stream *stream;
    CUresult result = stream_find(context, handle, &stream);
    if (result == CUDA_SUCCESS) result = kernel_check(call);
    if (result == CUDA_SUCCESS) result = context_take_local(context, call->function->attributes.local_bytes);
    if (result != CUDA_SUCCESS) return result;
    if (stream->queue != &call->function->module->context->queue) return CUDA_ERROR_INVALID_HANDLE;
    printed_flush(context);
    return capture_or_submit(stream, &(struct work){.type = WORK_KERNEL, .kernel = *call});
}

CUresult launch_packed(CUcontext context, CUfunction function, const struct launch_shape *shape, CUstream handle,
                       const void *parameters, size_t parameter_bytes) {
    struct kernel_call call = {function, *shape, parameters, parameter_bytes, 0};
    return launch_call(context, &call, handle);
}

enum { EXTRA_END = 0, EXTRA_BUFFER = 1, EXTRA_BYTES = 2 };

static CUresult from_extra(void **extra, const void **buffer, size_t *bytes) {
    *buffer = NULL;
    *bytes = 0;
    for (; (uintptr_t)*extra != EXTRA_END; extra += 2) {
        if ((uintptr_t)*extra == EXTRA_BUFFER) *buffer = extra[1];
        else if ((uintptr_t)*extra == EXTRA_BYTES) *bytes = extra[1] ? *(size_t *)extra[1] : 0;
        else return CUDA_ERROR_INVALID_VALUE;
    }
    return *buffer || *bytes == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult kernel_pack(CUfunction function, void **parameters, void **extra, void *packed) {
    uint32_t count = ptx_parameter_count(function->kernel);
    const struct ptx_parameter *declared = ptx_parameters(function->kernel);
    size_t wanted = ptx_parameter_bytes(function->kernel), bytes;
    if (extra) {
        const void *buffer;
        CUresult result = parameters ? CUDA_ERROR_INVALID_VALUE : from_extra(extra, &buffer, &bytes);
        if (result == CUDA_SUCCESS && bytes < wanted) result = CUDA_ERROR_INVALID_VALUE;
        if (result == CUDA_SUCCESS && wanted) memcpy(packed, buffer, wanted);
        return result;
    }
    if (count && !parameters) return CUDA_ERROR_INVALID_VALUE;
    memset(packed, 0, wanted);
    for (uint32_t i = 0; i < count; i++) {
        if (!parameters[i]) return CUDA_ERROR_INVALID_VALUE;
        memcpy((char *)packed + declared[i].offset, parameters[i], declared[i].size);
    }
    return CUDA_SUCCESS;
}

static CUresult launch(struct kernel_call *call, CUstream stream, void **parameters, void **extra) {
    CUcontext context;
    CUresult result = context_current(&context);
    if (result != CUDA_SUCCESS) return result;
    if (kernel_is(call->function)) result = kernel_function((CUkernel)call->function, &call->function); // a CUkernel will do
    if (result != CUDA_SUCCESS) return result;
    if (!function_is(call->function)) return CUDA_ERROR_INVALID_HANDLE;
    size_t bytes = ptx_parameter_bytes(call->function->kernel);
    _Alignas(16) char packed[bytes + 1];
    result = kernel_pack(call->function, parameters, extra, packed);
    if (result != CUDA_SUCCESS) return result;
    call->parameters = packed;
    call->parameter_bytes = bytes;
    return launch_call(context, call, stream);
}

CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                        unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes,
                        CUstream hStream, void **kernelParams, void **extra) {
    struct launch_shape shape = {{gridDimX, gridDimY, gridDimZ}, {blockDimX, blockDimY, blockDimZ}, sharedMemBytes, 0};
    return launch(&(struct kernel_call){.function = f, .shape = shape}, hStream, kernelParams, extra);
}

CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **kernelParams, void **extra) {
    if (!config || (config->numAttrs && !config->attrs)) return CUDA_ERROR_INVALID_VALUE;
    struct launch_shape shape = {.grid = {config->gridDimX, config->gridDimY, config->gridDimZ},
                                 .block = {config->blockDimX, config->blockDimY, config->blockDimZ},
                                 .shared_bytes = config->sharedMemBytes};
    struct kernel_call call = {.function = f, .shape = shape};
    for (unsigned i = 0; i < config->numAttrs; i++) {
        CUresult result = kernel_attribute_set(&call, config->attrs[i].id, &config->attrs[i].value);
        if (result != CUDA_SUCCESS) return result;
    }
    return launch(&call, config->hStream, kernelParams, extra);
}

CUresult cuLaunchCooperativeKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                                   unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                                   unsigned int sharedMemBytes, CUstream hStream, void **kernelParams) {
    struct launch_shape shape = {{gridDimX, gridDimY, gridDimZ}, {blockDimX, blockDimY, blockDimZ}, sharedMemBytes, 1};
    return launch(&(struct kernel_call){.function = f, .shape = shape}, hStream, kernelParams, NULL);
}

// One launch for each device. All are checked by the first that fails; those before it have begun.
CUresult cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS *launchParamsList, unsigned int numDevices, unsigned int flags) {
    enum { FLAGS_KNOWN = 3 }; // no waiting for all devices before or after
    if (!launchParamsList || !numDevices || flags & ~(unsigned)FLAGS_KNOWN) return CUDA_ERROR_INVALID_VALUE;
    if (numDevices > (unsigned)device_count()) return CUDA_ERROR_INVALID_VALUE;
    for (unsigned i = 0; i < numDevices; i++) {
        const CUDA_LAUNCH_PARAMS *one = &launchParamsList[i];
        if (!stream_is(one->hStream)) return CUDA_ERROR_INVALID_VALUE; // not a default stream
        CUresult result = cuLaunchCooperativeKernel(one->function, one->gridDimX, one->gridDimY, one->gridDimZ, one->blockDimX,
                                                    one->blockDimY, one->blockDimZ, one->sharedMemBytes, one->hStream,
                                                    one->kernelParams);
        if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
}
