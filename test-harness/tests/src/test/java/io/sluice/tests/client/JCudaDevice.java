package io.sluice.tests.client;

import static jcuda.driver.JCudaDriver.cuCtxCreate;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The first GPU, as JCuda programs use it: arrays of ints there and back. Every error is an exception. */
final class JCudaDevice {
    private JCudaDevice() {}

    /** A context on it, with the kernels of {@code /ptx/NAME.ptx}. */
    static CUmodule open(String name) throws IOException {
        JCudaDriver.setExceptionsEnabled(true);
        CUdevice device = new CUdevice();
        cuInit(0);
        cuDeviceGet(device, 0);
        cuCtxCreate(new CUcontext(), 0, device);
        CUmodule module = new CUmodule();
        try (InputStream ptx = JCudaDevice.class.getResourceAsStream("/ptx/" + name + ".ptx")) {
            if (ptx == null) {
                throw new IllegalArgumentException("no program " + name);
            }
            cuModuleLoadData(module, new String(ptx.readAllBytes(), StandardCharsets.UTF_8) + "\0");
        }
        return module;
    }

    static CUdeviceptr onDevice(int[] numbers) {
        CUdeviceptr address = new CUdeviceptr();
        cuMemAlloc(address, (long) numbers.length * Sizeof.INT);
        cuMemcpyHtoD(address, Pointer.to(numbers), (long) numbers.length * Sizeof.INT);
        return address;
    }

    static int[] fromDevice(CUdeviceptr address, int count) {
        int[] numbers = new int[count];
        cuMemcpyDtoH(Pointer.to(numbers), address, (long) count * Sizeof.INT);
        return numbers;
    }

    /** Ends the program with exit code 1 where they are not. */
    static void same(int[] expected, int[] found) {
        int at = Arrays.mismatch(expected, found);
        if (at >= 0) {
            System.err.printf("element %d: %d, and should be %d%n", at, found[at], expected[at]);
            System.exit(1);
        }
    }
}
