// cudart_client.c: a program as nvcc makes them, by hand: before main an image is registered with its kernels and variables,
// and kernel<<<…>>>(…) is a push of the configuration and a call of a host stub. Linked to libcudart.so.12 alone.
// Usage: cudart_client TEST SEED. Exit code 0 if all is right; else it says what is not. The image is PTX, or the fatbin in the
// file that CUDART_CLIENT_FATBIN names; the test "ptx" prints that PTX, for a fatbin to be made of it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cudart/api.h"

void **__cudaRegisterFatBinary(void *image);
void __cudaRegisterFatBinaryEnd(void **handle);
void __cudaRegisterFunction(void **handle, const char *host, char *device, const char *name, int limit, void *tid, void *bid,
                            void *block, void *grid, int *warp);
void __cudaRegisterVar(void **handle, char *host, char *device, const char *name, int ext, size_t size, int constant,
                       int global);
void __cudaUnregisterFatBinary(void **handle);
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared, cudaStream_t stream);
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream);
cudaError_t cudaGetLastError(void);
cudaError_t cudaPeekAtLastError(void);
cudaError_t cudaMalloc(void **address, size_t bytes);
cudaError_t cudaFree(void *address);
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, int kind);
cudaError_t cudaMemcpy_ptds(void *to, const void *from, size_t bytes, int kind);
cudaError_t cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t offset, int kind);
cudaError_t cudaMemcpyFromSymbol(void *to, const void *symbol, size_t bytes, size_t offset, int kind);
cudaError_t cudaGetSymbolAddress(void **address, const void *symbol);
cudaError_t cudaGetSymbolSize(size_t *bytes, const void *symbol);
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, const void *function);
cudaError_t cudaDeviceReset(void);
cudaError_t cudaStreamCreate(cudaStream_t *stream);
cudaError_t cudaEventCreate(cudaEvent_t *event);
cudaError_t cudaMallocPitch(void **address, size_t *pitch, size_t width, size_t height);
cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height, int kind);
cudaError_t cudaGetDevice(int *device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaDriverGetVersion(int *version);

#define MUST(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s (last error %d)\n", __FILE__, __LINE__, #condition, cudaPeekAtLastError()); \
            exit(1); \
        } \
    } while (0)

// What nvcc would have put into a fatbin: to[i] = from[i] * factor + addend, and a sum of a block in shared memory.
static const char PTX[] =
    ".version 7.0\n.target sm_70\n.address_size 64\n"
    ".visible .const .align 4 .b8 factors[16];\n"
    ".visible .global .align 4 .u32 launches;\n"
    ".extern .shared .align 4 .b8 parts[];\n"
    ".visible .entry _Z5scalePjPKjj(.param .u64 p0, .param .u64 p1, .param .u32 p2)\n{\n"
    " .reg .pred %p; .reg .b32 %r<8>; .reg .b64 %d<4>;\n"
    " ld.param.u64 %d0, [p0]; ld.param.u64 %d1, [p1]; ld.param.u32 %r0, [p2];\n"
    " mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %tid.x; mad.lo.s32 %r1, %r1, %r2, %r3;\n"
    " mov.u64 %d3, launches; setp.ne.u32 %p, %r1, 0; @%p bra WORK; atom.global.add.u32 %r4, [%d3], 1;\n"
    "WORK: setp.ge.u32 %p, %r1, %r0; @%p bra DONE;\n"
    " mul.wide.u32 %d2, %r1, 4; add.s64 %d1, %d1, %d2; add.s64 %d0, %d0, %d2; ld.global.u32 %r4, [%d1];\n"
    " ld.const.u32 %r5, [factors]; ld.const.u32 %r6, [factors+12]; mad.lo.s32 %r4, %r4, %r5, %r6;\n"
    " st.global.u32 [%d0], %r4;\nDONE: ret;\n}\n"
    ".visible .entry _Z3sumPjPKj(.param .u64 p0, .param .u64 p1)\n{\n"
    " .reg .pred %p; .reg .b32 %r<8>; .reg .b64 %d<4>;\n"
    " ld.param.u64 %d0, [p0]; ld.param.u64 %d1, [p1]; mov.u32 %r0, %tid.x; mov.u32 %r1, %ntid.x;\n"
    " mul.wide.u32 %d2, %r0, 4; add.s64 %d1, %d1, %d2; ld.global.u32 %r2, [%d1];\n"
    " shl.b32 %r3, %r0, 2; mov.u32 %r4, parts; add.s32 %r3, %r3, %r4; st.shared.u32 [%r3], %r2;\n"
    "NEXT: bar.sync 0; shr.u32 %r1, %r1, 1; setp.eq.u32 %p, %r1, 0; @%p bra END;\n"
    " setp.ge.u32 %p, %r0, %r1; @%p bra NEXT; shl.b32 %r5, %r1, 2; add.s32 %r5, %r5, %r3;\n"
    " ld.shared.u32 %r6, [%r5]; ld.shared.u32 %r7, [%r3]; add.s32 %r7, %r7, %r6; st.shared.u32 [%r3], %r7; bra NEXT;\n"
    "END: setp.ne.u32 %p, %r0, 0; @%p bra OUT; ld.shared.u32 %r7, [%r3]; st.global.u32 [%d0], %r7;\nOUT: ret;\n}\n";

// As nvcc lays it out beside each fatbin.
static struct { uint32_t magic, version; const void *data; void *more; } wrapper = {0x466243b1, 1, NULL, NULL};
static void **image;
static uint32_t factors[4]; // the host's shadow of a __constant__ variable: an address to know it by
static uint32_t launches;

// The host stub of __global__ void scale(uint32_t *to, const uint32_t *from, uint32_t count).
static void scale(uint32_t *to, const uint32_t *from, uint32_t count) {
    dim3 grid, block;
    size_t shared;
    cudaStream_t stream;
    void *arguments[] = {&to, &from, &count};
    if (__cudaPopCallConfiguration(&grid, &block, &shared, &stream) != 0) return;
    cudaLaunchKernel((const void *)scale, grid, block, arguments, shared, stream);
}

static void sum(uint32_t *to, const uint32_t *from) {
    dim3 grid, block;
    size_t shared;
    cudaStream_t stream;
    void *arguments[] = {&to, &from};
    if (__cudaPopCallConfiguration(&grid, &block, &shared, &stream) != 0) return;
    cudaLaunchKernel((const void *)sum, grid, block, arguments, shared, stream);
}

static void not_of_the_device(void) {}

static void unregister(void) {
    __cudaUnregisterFatBinary(image);
}

static void *read_file(const char *path) {
    enum { MOST_BYTES = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, MOST_BYTES);
    if (!file || !bytes || fread(bytes, 1, MOST_BYTES, file) == 0) abort();
    fclose(file);
    return bytes;
}

static void *choose_image(void) {
    const char *path = getenv("CUDART_CLIENT_FATBIN");
    if (!path) return (void *)PTX;
    wrapper.data = read_file(path);
    return &wrapper;
}

__attribute__((constructor)) static void register_all(void) {
    image = __cudaRegisterFatBinary(choose_image());
    __cudaRegisterFunction(image, (const char *)scale, "_Z5scalePjPKjj", "_Z5scalePjPKjj", -1, NULL, NULL, NULL, NULL, NULL);
    __cudaRegisterFunction(image, (const char *)sum, "_Z3sumPjPKj", "_Z3sumPjPKj", -1, NULL, NULL, NULL, NULL, NULL);
    __cudaRegisterVar(image, (char *)factors, "factors", "factors", 0, sizeof factors, 1, 0);
    __cudaRegisterVar(image, (char *)&launches, "launches", "launches", 0, sizeof launches, 0, 0);
    __cudaRegisterFatBinaryEnd(image);
    atexit(unregister);
}

static unsigned random_below(unsigned limit) {
    return (unsigned)random() % limit;
}

static void fill(uint32_t *numbers, unsigned count) {
    for (unsigned i = 0; i < count; i++) numbers[i] = (uint32_t)random() * 2654435761u;
}

static void scale_and_compare(unsigned count, cudaStream_t stream) {
    uint32_t *from, *to, *numbers = malloc(count * 4), *results = malloc(count * 4);
    uint32_t sent[4];
    fill(numbers, count);
    fill(sent, 4);
    MUST(cudaMalloc((void **)&from, count * 4) == 0 && cudaMalloc((void **)&to, count * 4) == 0);
    MUST(cudaMemcpy(from, numbers, count * 4, cudaMemcpyHostToDevice) == 0);
    MUST(cudaMemcpyToSymbol(factors, sent, 4, 0, cudaMemcpyHostToDevice) == 0);
    MUST(cudaMemcpyToSymbol(factors, sent + 1, 12, 4, cudaMemcpyDefault) == 0);
    if (__cudaPushCallConfiguration((dim3){(count + 95) / 96, 1, 1}, (dim3){96, 1, 1}, 0, stream) == 0) scale(to, from, count);
    MUST(cudaGetLastError() == 0);
    MUST(cudaStreamSynchronize(stream) == 0);
    MUST(cudaMemcpy(results, to, count * 4, cudaMemcpyDefault) == 0);
    for (unsigned i = 0; i < count; i++) MUST(results[i] == numbers[i] * sent[0] + sent[3]);
    MUST(cudaFree(from) == 0 && cudaFree(to) == 0);
    free(numbers);
    free(results);
}

static void registered_kernels_and_variables(void) {
    uint32_t counted, one = 1000, *address;
    size_t bytes;
    cudaStream_t stream;
    MUST(cudaStreamCreate(&stream) == 0);
    for (uint32_t i = 0; i < 5; i++) {
        scale_and_compare(1 + random_below(3000), i % 2 ? stream : NULL);
        MUST(cudaMemcpyFromSymbol(&counted, &launches, 4, 0, cudaMemcpyDeviceToHost) == 0 && counted == i + 1);
    }
    MUST(cudaGetSymbolSize(&bytes, factors) == 0 && bytes == 16);
    MUST(cudaGetSymbolAddress((void **)&address, &launches) == 0 && address != &launches);
    MUST(cudaMemcpy(address, &one, 4, cudaMemcpyHostToDevice) == 0);
    scale_and_compare(1 + random_below(3000), NULL);
    MUST(cudaMemcpy(&counted, address, 4, cudaMemcpyDeviceToHost) == 0 && counted == 1001);
    MUST(cudaGetSymbolAddress((void **)&address, not_of_the_device) == cudaErrorInvalidSymbol && cudaGetLastError());
    MUST(cudaDeviceReset() == 0); // everything begins anew, the variables too
    scale_and_compare(1 + random_below(3000), NULL);
    MUST(cudaMemcpyFromSymbol(&counted, &launches, 4, 0, cudaMemcpyDeviceToHost) == 0 && counted == 1);
}

static void shared_memory_of_the_launch(void) {
    enum { COUNT = 256 };
    uint32_t numbers[COUNT], expected = 0, found, *from, *to;
    fill(numbers, COUNT);
    for (int i = 0; i < COUNT; i++) expected += numbers[i];
    MUST(cudaMalloc((void **)&from, sizeof numbers) == 0 && cudaMalloc((void **)&to, 4) == 0);
    MUST(cudaMemcpy_ptds(from, numbers, sizeof numbers, cudaMemcpyHostToDevice) == 0);
    if (__cudaPushCallConfiguration((dim3){1, 1, 1}, (dim3){COUNT, 1, 1}, sizeof numbers, STREAM_PER_THREAD) == 0)
        sum(to, from);
    MUST(cudaMemcpy_ptds(&found, to, 4, cudaMemcpyDeviceToHost) == 0 && found == expected);
    MUST(cudaMemcpy(numbers, from, sizeof numbers, cudaMemcpyDeviceToHost) == 0); // nested configurations end in order
    __cudaPushCallConfiguration((dim3){1, 1, 1}, (dim3){COUNT, 1, 1}, 4, NULL);
    __cudaPushCallConfiguration((dim3){2, 3, 4}, (dim3){5, 6, 7}, 8, NULL);
    dim3 grid, block;
    size_t shared;
    cudaStream_t stream;
    MUST(__cudaPopCallConfiguration(&grid, &block, &shared, &stream) == 0 && grid.z == 4 && block.y == 6 && shared == 8);
    MUST(__cudaPopCallConfiguration(&grid, &block, &shared, &stream) == 0 && grid.x == 1 && block.x == COUNT && shared == 4);
    MUST(__cudaPopCallConfiguration(&grid, &block, &shared, &stream) == cudaErrorMissingConfiguration);
}

static void errors_are_the_threads_last_until_they_are_taken(void) {
    uint32_t *address;
    void *arguments[] = {&address, &address, &address};
    dim3 one = {1, 1, 1};
    cudaFuncAttributes attributes;
    MUST(cudaGetLastError() == 0);
    MUST(cudaMalloc((void **)&address, (size_t)1 << 50) == cudaErrorMemoryAllocation && address == NULL);
    MUST(cudaPeekAtLastError() == cudaErrorMemoryAllocation && cudaPeekAtLastError() == cudaErrorMemoryAllocation);
    MUST(cudaMalloc((void **)&address, 100) == 0); // which leaves the last error alone
    MUST(cudaGetLastError() == cudaErrorMemoryAllocation && cudaGetLastError() == 0);
    MUST(cudaLaunchKernel((const void *)not_of_the_device, one, one, arguments, 0, NULL) == cudaErrorInvalidDeviceFunction);
    MUST(cudaLaunchKernel(NULL, one, one, arguments, 0, NULL) == cudaErrorInvalidDeviceFunction);
    MUST(cudaLaunchKernel((const void *)scale, (dim3){0, 1, 1}, one, arguments, 0, NULL) == cudaErrorInvalidConfiguration);
    MUST(cudaLaunchKernel((const void *)scale, one, (dim3){1, 1025, 1}, arguments, 0, NULL) == cudaErrorInvalidConfiguration);
    MUST(cudaFuncGetAttributes(&attributes, (const void *)not_of_the_device) == cudaErrorInvalidDeviceFunction);
    MUST(cudaFuncGetAttributes(&attributes, (const void *)scale) == 0 && attributes.maxThreadsPerBlock > 0);
    MUST(cudaMemcpyToSymbol(not_of_the_device, &one, 4, 0, cudaMemcpyHostToDevice) == cudaErrorInvalidSymbol);
    MUST(cudaMemcpyToSymbol(factors, &one, 12, 8, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
    MUST(cudaMemcpy(address, &one, 4, 5) == cudaErrorInvalidMemcpyDirection);
    MUST(cudaSetDevice(99) == cudaErrorInvalidDevice && cudaGetLastError() == cudaErrorInvalidDevice);
    MUST(cudaMalloc((void **)&address, 0) == 0 && address == NULL && cudaFree(NULL) == 0 && cudaGetLastError() == 0);
}

static void pitched_copies_streams_and_events(void) {
    unsigned width = 1 + random_below(300), height = 1 + random_below(40);
    unsigned char *sent = malloc(width * height), *back = calloc(height, width + 7);
    size_t pitch;
    void *device;
    cudaEvent_t start, end;
    float milliseconds = -1;
    for (unsigned i = 0; i < width * height; i++) sent[i] = (unsigned char)random();
    MUST(cudaEventCreate(&start) == 0 && cudaEventCreate(&end) == 0 && cudaEventRecord(start, NULL) == 0);
    MUST(cudaMallocPitch(&device, &pitch, width, height) == 0 && pitch >= width);
    MUST(cudaMemcpy2D(device, pitch, sent, width, width, height, cudaMemcpyHostToDevice) == 0);
    MUST(cudaMemcpy2D(back, width + 7, device, pitch, width, height, cudaMemcpyDefault) == 0);
    MUST(cudaMemcpy2D(back, width - 1, device, pitch, width, height, cudaMemcpyDefault) == cudaErrorInvalidPitchValue);
    MUST(cudaEventRecord(end, NULL) == 0 && cudaEventSynchronize(end) == 0 && cudaEventQuery(end) == 0);
    MUST(cudaEventElapsedTime(&milliseconds, start, end) == 0 && milliseconds > 0);
    MUST(cudaEventDestroy(start) == 0 && cudaEventDestroy(end) == 0);
    for (unsigned y = 0; y < height; y++) MUST(memcmp(back + y * (width + 7), sent + y * width, width) == 0);
    free(sent);
    free(back);
}

static void machine_code_alone(void) {
    uint32_t *address;
    void *arguments[] = {&address, &address, &address};
    dim3 one = {1, 1, 1};
    MUST(cudaMalloc((void **)&address, 4) == 0);
    MUST(cudaLaunchKernel((const void *)scale, one, one, arguments, 0, NULL) == cudaErrorNoKernelImageForDevice);
    MUST(cudaMemcpyToSymbol(factors, &one, 4, 0, cudaMemcpyHostToDevice) == cudaErrorNoKernelImageForDevice);
    MUST(cudaMemcpy(&one, address, 4, cudaMemcpyDeviceToHost) == 0); // the rest goes on
}

static void print_ptx(void) {
    fputs(PTX, stdout);
}

static void nothing_to_run_on(cudaError_t error, int version) {
    int devices = -1, told = -1;
    void *address;
    MUST(cudaGetDeviceCount(&devices) == error && devices == 0);
    MUST(cudaMalloc(&address, 1) == error && cudaGetLastError() == error && cudaGetLastError() == 0);
    MUST(cudaDriverGetVersion(&told) == 0 && told == version);
}

static void without_a_driver(void) {
    nothing_to_run_on(cudaErrorInsufficientDriver, 0);
}

static void without_a_device(void) {
    nothing_to_run_on(cudaErrorNoDevice, 12020);
}

int main(int count, char **arguments) {
    static const struct { const char *name; void (*run)(void); } tests[] = {
        {"registered", registered_kernels_and_variables},
        {"shared", shared_memory_of_the_launch},
        {"errors", errors_are_the_threads_last_until_they_are_taken},
        {"machine-code", machine_code_alone},
        {"ptx", print_ptx},
        {"pitched", pitched_copies_streams_and_events},
        {"no-driver", without_a_driver},
        {"no-device", without_a_device},
    };
    srandom((unsigned)atoi(count > 2 ? arguments[2] : "1"));
    for (size_t i = 0; count > 1 && i < sizeof tests / sizeof *tests; i++)
        if (strcmp(arguments[1], tests[i].name) == 0) {
            tests[i].run();
            return 0;
        }
    fprintf(stderr, "usage: cudart_client TEST SEED\n");
    return 2;
}
