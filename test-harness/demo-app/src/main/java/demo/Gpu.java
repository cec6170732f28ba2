package demo;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuCtxDestroy;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;

/** The first GPU, with a context of this program's own. */
final class Gpu implements AutoCloseable {
    private final CUcontext context = new CUcontext();
    private final CUdevice device = new CUdevice();

    Gpu() {
        check("cuInit", cuInit(0));
        check("cuDeviceGet", cuDeviceGet(device, 0));
        check("cuCtxCreate", cuCtxCreate(context, 0, device));
    }

    String name() {
        byte[] name = new byte[256];
        check("cuDeviceGetName", cuDeviceGetName(name, name.length, device));
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    long totalMemory() {
        long[] free = new long[1];
        long[] total = new long[1];
        check("cuMemGetInfo", cuMemGetInfo(free, total));
        return total[0];
    }

    CUdeviceptr allocate(long bytes) {
        return tryAllocate(bytes).orElseThrow(() -> new CudaError("cuMemAlloc", CUresult.CUDA_ERROR_OUT_OF_MEMORY));
    }

    /** Empty if the GPU has no room for it. */
    Optional<CUdeviceptr> tryAllocate(long bytes) {
        CUdeviceptr memory = new CUdeviceptr();
        int result = cuMemAlloc(memory, bytes);
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            return Optional.empty();
        }
        check("cuMemAlloc", result);
        return Optional.of(memory);
    }

    void free(CUdeviceptr memory) {
        check("cuMemFree", cuMemFree(memory));
    }

    static void check(String call, int result) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new CudaError(call, result);
        }
    }

    @Override
    public void close() {
        check("cuCtxDestroy", cuCtxDestroy(context));
    }

    /** A call that should have worked. */
    static final class CudaError extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CudaError(String call, int result) {
            super(call + ": " + CUresult.stringFor(result));
        }
    }
}
