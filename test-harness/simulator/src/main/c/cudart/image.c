// image.c: what nvcc's host code registers before main: images, and which host address stands for which kernel or variable.
// Nothing is loaded until something of it is used. An image becomes a library of the driver, which belongs to no context, so
// that its kernels and variables are found in whichever context is current, also after a reset.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cudart/runtime.h"

enum symbol_kind { KERNEL, VARIABLE, MANAGED };

struct image {
    struct image *next;
    const void *data; // nvcc's wrapper of a fatbin, or any image that the driver takes
    CUlibrary library; // NULL until something of it is used
};

struct symbol {
    struct symbol *next;
    const void *host;
    char *name;
    struct image *image;
    cudaKernel_t kernel; // NULL until used
    enum symbol_kind kind;
};

enum { BUCKETS = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards all of this
static struct image *images;
static struct symbol *symbols[BUCKETS];

static struct symbol **bucket_of(const void *host) {
    return &symbols[((uintptr_t)host >> 3) % BUCKETS];
}

static struct symbol *find(const void *host) {
    struct symbol *symbol = *bucket_of(host);
    while (symbol && symbol->host != host) symbol = symbol->next;
    return symbol;
}

static void add(struct image *image, enum symbol_kind kind, const void *host, const char *name) {
    struct symbol *symbol = calloc(1, sizeof *symbol);
    char *copy = strdup(name);
    if (!symbol || !copy) abort(); // before main, where nobody could be told
    pthread_mutex_lock(&lock);
    struct symbol **bucket = bucket_of(host);
    *symbol = (struct symbol){.next = *bucket, .host = host, .name = copy, .image = image, .kind = kind};
    *bucket = symbol;
    pthread_mutex_unlock(&lock);
}

static cudaError_t load(struct image *image) {
    if (image->library) return cudaSuccess;
    return driver.cuLibraryLoadData(&image->library, image->data, NULL, NULL, 0, NULL, NULL, 0);
}

static cudaError_t load_kernel(struct symbol *symbol) {
    if (symbol->kernel) return cudaSuccess;
    cudaError_t result = load(symbol->image);
    if (result != cudaSuccess) return result;
    result = driver.cuLibraryGetKernel(&symbol->kernel, symbol->image->library, symbol->name);
    return result == cudaErrorSymbolNotFound ? cudaErrorInvalidDeviceFunction : result;
}

cudaKernel_t kernel_of(const void *host) {
    pthread_mutex_lock(&lock);
    struct symbol *symbol = find(host);
    cudaKernel_t kernel = symbol && symbol->kind == KERNEL && load_kernel(symbol) == cudaSuccess ? symbol->kernel : NULL;
    pthread_mutex_unlock(&lock);
    return kernel;
}

// What is not registered may be a kernel's own handle, which the driver knows.
cudaError_t function_of(const void *host, cudaFunction_t *function) {
    cudaKernel_t kernel = (cudaKernel_t)host;
    cudaError_t result = host ? cudaSuccess : cudaErrorInvalidDeviceFunction;
    pthread_mutex_lock(&lock);
    struct symbol *symbol = host ? find(host) : NULL;
    if (symbol) {
        result = symbol->kind == KERNEL ? load_kernel(symbol) : cudaErrorInvalidDeviceFunction;
        kernel = symbol->kernel;
    }
    pthread_mutex_unlock(&lock);
    if (result != cudaSuccess) return result;
    result = driver.cuKernelGetFunction(function, kernel);
    return result == cudaErrorInvalidResourceHandle ? cudaErrorInvalidDeviceFunction : result;
}

cudaError_t variable_of(const void *host, void **address, size_t *bytes) {
    cudaError_t result = cudaErrorInvalidSymbol;
    CUlibrary library = NULL;
    const char *name = NULL;
    pthread_mutex_lock(&lock);
    struct symbol *symbol = host ? find(host) : NULL;
    if (symbol && symbol->kind != KERNEL) {
        result = load(symbol->image);
        library = symbol->image->library;
        name = symbol->name;
    }
    pthread_mutex_unlock(&lock);
    if (result != cudaSuccess) return result;
    result = driver.cuLibraryGetGlobal(address, bytes, library, name);
    return result == cudaErrorSymbolNotFound ? cudaErrorInvalidSymbol : result;
}

EXPORT void **__cudaRegisterFatBinary(void *fatCubin) {
    struct image *image = calloc(1, sizeof *image);
    if (!image) abort(); // before main, where nobody could be told
    image->data = fatCubin;
    pthread_mutex_lock(&lock);
    image->next = images;
    images = image;
    pthread_mutex_unlock(&lock);
    return (void **)image;
}

EXPORT void __cudaRegisterFatBinaryEnd(void **handle) {
    (void)handle;
}

EXPORT void __cudaRegisterFunction(void **handle, const char *hostFun, char *deviceFun, const char *deviceName,
                                   int thread_limit, void *tid, void *bid, void *bDim, void *gDim, int *wSize) {
    (void)deviceFun, (void)thread_limit, (void)tid, (void)bid, (void)bDim, (void)gDim, (void)wSize;
    add((struct image *)handle, KERNEL, hostFun, deviceName);
}

EXPORT void __cudaRegisterVar(void **handle, char *hostVar, char *deviceAddress, const char *deviceName, int ext, size_t size,
                              int constant, int global) {
    (void)deviceAddress, (void)ext, (void)size, (void)constant, (void)global;
    add((struct image *)handle, VARIABLE, hostVar, deviceName);
}

EXPORT void __cudaRegisterManagedVar(void **handle, void **hostVar, char *deviceAddress, const char *deviceName, int ext,
                                     size_t size, int constant, int global) {
    (void)deviceAddress, (void)ext, (void)size, (void)constant, (void)global;
    add((struct image *)handle, MANAGED, hostVar, deviceName);
}

// Called ahead of the first use of a managed variable: the host's pointer to each of the image is set.
EXPORT char __cudaInitModule(void **handle) {
    struct image *image = (struct image *)handle;
    if (!ready()) return 0;
    pthread_mutex_lock(&lock);
    cudaError_t result = load(image);
    for (int i = 0; i < BUCKETS && result == cudaSuccess; i++)
        for (struct symbol *symbol = symbols[i]; symbol && result == cudaSuccess; symbol = symbol->next) {
            size_t bytes;
            if (symbol->image == image && symbol->kind == MANAGED)
                result = driver.cuLibraryGetManaged((void **)symbol->host, &bytes, image->library, symbol->name);
        }
    pthread_mutex_unlock(&lock);
    return done(result) == cudaSuccess;
}

static void forget_symbols_of(const struct image *image) {
    for (int i = 0; i < BUCKETS; i++)
        for (struct symbol **link = &symbols[i]; *link;) {
            struct symbol *symbol = *link;
            if (symbol->image != image) {
                link = &symbol->next;
                continue;
            }
            *link = symbol->next;
            free(symbol->name);
            free(symbol);
        }
}

// Runs as the program or a library of it goes; then what the driver holds of the image is its own to clear.
EXPORT void __cudaUnregisterFatBinary(void **handle) {
    struct image *image = (struct image *)handle;
    pthread_mutex_lock(&lock);
    struct image **link = &images;
    while (*link && *link != image) link = &(*link)->next;
    if (*link) {
        *link = image->next;
        forget_symbols_of(image);
        if (image->library) driver.cuLibraryUnload(image->library);
        free(image);
    }
    pthread_mutex_unlock(&lock);
}
