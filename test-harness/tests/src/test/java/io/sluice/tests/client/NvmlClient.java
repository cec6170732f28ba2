package io.sluice.tests.client;

import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;

/**
 * What a Java program is told of a GPU by NVML and by CUDA, which it both opens by JNA: {@code NVML-NAME CUDA-NAME GPU-UUID BYTES}.
 * It allocates the bytes and prints total, free and used by NVML, then free and total by CUDA.
 */
public final class NvmlClient {
    private NvmlClient() {}

    public static void main(String[] arguments) {
        NativeLibrary nvml = NativeLibrary.getInstance(arguments[0]);
        PointerByReference device = new PointerByReference();
        require(nvml.getFunction("nvmlInit_v2").invokeInt(new Object[0]));
        NativeLibrary cuda = NativeLibrary.getInstance(arguments[1]);
        LongByReference address = new LongByReference();
        require(cuda.getFunction("cuInit").invokeInt(new Object[] {0}));
        require(cuda.getFunction("cuCtxCreate_v2").invokeInt(new Object[] {new PointerByReference(), 0, 0}));
        require(cuda.getFunction("cuMemAlloc_v2").invokeInt(new Object[] {address, Long.parseLong(arguments[3])}));
        require(nvml.getFunction("nvmlDeviceGetHandleByUUID").invokeInt(new Object[] {arguments[2], device}));
        long[] memory = new long[3];
        require(nvml.getFunction("nvmlDeviceGetMemoryInfo").invokeInt(new Object[] {device.getValue(), memory}));
        LongByReference free = new LongByReference();
        LongByReference total = new LongByReference();
        require(cuda.getFunction("cuMemGetInfo_v2").invokeInt(new Object[] {free, total}));
        System.out.printf("%d %d %d %d %d%n", memory[0], memory[1], memory[2], free.getValue(), total.getValue());
    }

    private static void require(int result) {
        if (result != 0) {
            throw new IllegalStateException("NVML or CUDA answered " + result);
        }
    }
}
