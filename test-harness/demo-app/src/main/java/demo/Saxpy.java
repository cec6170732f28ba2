package demo;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** {@code y = a * x + y} on the GPU, checked element by element. */
final class Saxpy implements AutoCloseable {
    private static final int THREADS = 256;

    private final CUmodule module = new CUmodule();
    private final CUfunction function = new CUfunction();
    private final Gpu gpu;
    private final int elements;
    private final CUdeviceptr deviceX;
    private final CUdeviceptr deviceY;

    Saxpy(Gpu gpu, int elements) throws IOException {
        this.gpu = gpu;
        this.elements = elements;
        Gpu.check("cuModuleLoadData", cuModuleLoadData(module, ptx()));
        Gpu.check("cuModuleGetFunction", cuModuleGetFunction(function, module, "saxpy"));
        deviceX = gpu.allocate(bytes());
        deviceY = gpu.allocate(bytes());
    }

    /** Device memory of one of the two arrays. */
    long bytes() {
        return (long) elements * Sizeof.FLOAT;
    }

    /** How many elements are wrong. */
    int wrongAfter(float a) {
        float[] x = new float[elements];
        float[] y = new float[elements];
        for (int i = 0; i < elements; i++) {
            x[i] = i % 1013 - 500;
            y[i] = i % 7;
        }
        Gpu.check("cuMemcpyHtoD", cuMemcpyHtoD(deviceX, Pointer.to(x), bytes()));
        Gpu.check("cuMemcpyHtoD", cuMemcpyHtoD(deviceY, Pointer.to(y), bytes()));
        launch(a);
        float[] result = new float[elements];
        Gpu.check("cuMemcpyDtoH", cuMemcpyDtoH(Pointer.to(result), deviceY, bytes()));
        int wrong = 0;
        for (int i = 0; i < elements; i++) {
            wrong += result[i] == Math.fma(a, x[i], y[i]) ? 0 : 1;
        }
        return wrong;
    }

    private void launch(float a) {
        Pointer parameters = Pointer.to(
                Pointer.to(deviceX), Pointer.to(deviceY), Pointer.to(new float[] {a}), Pointer.to(new int[] {elements
                }));
        int blocks = (elements + THREADS - 1) / THREADS;
        Gpu.check("cuLaunchKernel", cuLaunchKernel(function, blocks, 1, 1, THREADS, 1, 1, 0, null, parameters, null));
        Gpu.check("cuCtxSynchronize", cuCtxSynchronize());
    }

    private static byte[] ptx() throws IOException {
        try (InputStream in = Saxpy.class.getResourceAsStream("saxpy.ptx")) {
            if (in == null) {
                throw new IOException("saxpy.ptx is not in this jar");
            }
            byte[] text = in.readAllBytes();
            return Arrays.copyOf(text, text.length + 1); // the driver reads up to a zero
        }
    }

    @Override
    public void close() {
        gpu.free(deviceX);
        gpu.free(deviceY);
        Gpu.check("cuModuleUnload", cuModuleUnload(module));
    }
}
