// modules.c: what the variables of modules and libraries take. Their code is not counted, nor are variables of packed images.
#include "charge.h"
#include "cuda_result.h"
#include "current_gpu.h"
#include "file_status.h"
#include "image_bytes.h"
#include "local.h"

#include <sys/mman.h>

static CUresult begin(struct sluice_asking *asking, unsigned function, const void *image, size_t length);
static CUresult begin_file(struct sluice_asking *asking, unsigned function, const char *path);
static CUresult settle(const struct sluice_asking *asking, CUresult result, const void *module);

CUresult sluice_hook_cuModuleLoad(void *module, const char *fname) {
    struct sluice_asking asking;
    if (!module || !fname) {
        return sluice_real_cuModuleLoad(module, fname); // the driver refuses these in its own words
    }
    CUresult result = begin_file(&asking, SLUICE_FN_cuModuleLoad, fname);
    return result == CUDA_SUCCESS ? settle(&asking, sluice_real_cuModuleLoad(module, fname), module) : result;
}

CUresult sluice_hook_cuModuleLoadData(void *module, const void *image) {
    struct sluice_asking asking;
    if (!module || !image) {
        return sluice_real_cuModuleLoadData(module, image);
    }
    CUresult result = begin(&asking, SLUICE_FN_cuModuleLoadData, image, SIZE_MAX);
    return result == CUDA_SUCCESS ? settle(&asking, sluice_real_cuModuleLoadData(module, image), module) : result;
}

CUresult sluice_hook_cuModuleLoadDataEx(void *module, const void *image, unsigned int numOptions, void *options, void *optionValues) {
    struct sluice_asking asking;
    if (!module || !image) {
        return sluice_real_cuModuleLoadDataEx(module, image, numOptions, options, optionValues);
    }
    CUresult result = begin(&asking, SLUICE_FN_cuModuleLoadDataEx, image, SIZE_MAX);
    return result == CUDA_SUCCESS ? settle(&asking, sluice_real_cuModuleLoadDataEx(module, image, numOptions, options, optionValues), module) : result;
}

CUresult sluice_hook_cuModuleLoadFatBinary(void *module, const void *fatCubin) {
    struct sluice_asking asking;
    if (!module || !fatCubin) {
        return sluice_real_cuModuleLoadFatBinary(module, fatCubin);
    }
    CUresult result = begin(&asking, SLUICE_FN_cuModuleLoadFatBinary, fatCubin, SIZE_MAX);
    return result == CUDA_SUCCESS ? settle(&asking, sluice_real_cuModuleLoadFatBinary(module, fatCubin), module) : result;
}

// Charged once, in the context that is current when it is loaded.
CUresult sluice_hook_cuLibraryLoadData(void *library, const void *code, void *jitOptions, void *jitOptionsValues, unsigned int numJitOptions,
    void *libraryOptions, void *libraryOptionValues, unsigned int numLibraryOptions) {
    struct sluice_asking asking;
    if (!library || !code) {
        return sluice_real_cuLibraryLoadData(library, code, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
    }
    CUresult result = begin(&asking, SLUICE_FN_cuLibraryLoadData, code, SIZE_MAX);
    if (result == CUDA_SUCCESS) {
        result = sluice_real_cuLibraryLoadData(library, code, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
        result = settle(&asking, result, library);
    }
    return result;
}

CUresult sluice_hook_cuLibraryLoadFromFile(void *library, const char *fileName, void *jitOptions, void *jitOptionsValues, unsigned int numJitOptions,
    void *libraryOptions, void *libraryOptionValues, unsigned int numLibraryOptions) {
    struct sluice_asking asking;
    if (!library || !fileName) {
        return sluice_real_cuLibraryLoadFromFile(library, fileName, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
    }
    CUresult result = begin_file(&asking, SLUICE_FN_cuLibraryLoadFromFile, fileName);
    if (result == CUDA_SUCCESS) {
        result = sluice_real_cuLibraryLoadFromFile(library, fileName, jitOptions, jitOptionsValues, numJitOptions, libraryOptions, libraryOptionValues, numLibraryOptions);
        result = settle(&asking, result, library);
    }
    return result;
}

CUresult sluice_hook_cuModuleUnload(void *hmod) {
    struct sluice_allocation freed;
    sluice_local_unloading(hmod);
    sluice_pointer_map_take((uint64_t)(uintptr_t)hmod, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuModuleUnload(hmod));
}

CUresult sluice_hook_cuLibraryUnload(void *library) {
    struct sluice_allocation freed;
    sluice_local_unloading(library);
    sluice_pointer_map_take((uint64_t)(uintptr_t)library, &freed);
    return sluice_charge_freed(&freed, sluice_real_cuLibraryUnload(library));
}

// Without a context a module is refused by the driver, and a library takes nothing yet.
static CUresult begin(struct sluice_asking *asking, unsigned function, const void *image, size_t length) {
    uint64_t context;
    *asking = (struct sluice_asking){.governed = 0};
    if (sluice_tenant_governance() != SLUICE_GOVERNED || sluice_current_row(&context) < 0) {
        return CUDA_SUCCESS;
    }
    int64_t bytes = sluice_image_bytes(image, length);
    if (bytes == SLUICE_IMAGE_UNKNOWN) {
        sluice_counted(function); // as ungoverned
    }
    return bytes > 0 ? sluice_charge_begin(asking, sluice_functions[function].name, sluice_charge_rounded((uint64_t)bytes), SLUICE_KIND_CONTEXT) : CUDA_SUCCESS;
}

// A file that cannot be read the driver refuses in its own words.
static CUresult begin_file(struct sluice_asking *asking, unsigned function, const char *path) {
    struct stat status;
    void *image = MAP_FAILED;
    size_t length = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *asking = (struct sluice_asking){.governed = 0};
    if (fd >= 0 && sluice_status_of(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        length = (size_t)status.st_size;
        image = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (image == MAP_FAILED) {
        return CUDA_SUCCESS;
    }
    CUresult result = begin(asking, function, image, length);
    munmap(image, length);
    return result;
}

// Its charge goes with the module, or with its context.
static CUresult settle(const struct sluice_asking *asking, CUresult result, const void *module) {
    return sluice_charge_settle(asking, result, result == CUDA_SUCCESS ? *(const uint64_t *)module : 0);
}
