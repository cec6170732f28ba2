package io.sluice.tests.client;

import java.io.IOException;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.byref.IntByReference;
import jnr.ffi.byref.LongLongByReference;
import jnr.ffi.byref.PointerByReference;
import jnr.ffi.types.uintptr_t;
import org.jspecify.annotations.Nullable;

/** Reaches the driver by jnr-ffi: {@code NAME}. */
public final class JnrFfiClient implements Driver {
    private final Cuda cuda;

    private JnrFfiClient(String name) {
        this.cuda = LibraryLoader.create(Cuda.class).failImmediately().load(name);
    }

    public static void main(String[] arguments) throws IOException {
        DriverCommands.obey(new JnrFfiClient(arguments[0]));
    }

    @Override
    public int init() {
        return cuda.cuInit(0);
    }

    @Override
    public int createContext() {
        IntByReference device = new IntByReference();
        int result = cuda.cuDeviceGet(device, 0);
        return result != 0 ? result : cuda.cuCtxCreate_v2(new PointerByReference(), 0, device.intValue());
    }

    @Override
    public int allocate(long[] address, long bytes) {
        LongLongByReference pointer = new LongLongByReference();
        int result = cuda.cuMemAlloc_v2(pointer, bytes);
        address[0] = pointer.longValue();
        return result;
    }

    @Override
    public int free(long address) {
        return cuda.cuMemFree_v2(address);
    }

    @Override
    public int memoryInfo(long[] freeAndTotal) {
        LongLongByReference free = new LongLongByReference();
        LongLongByReference total = new LongLongByReference();
        int result = cuda.cuMemGetInfo_v2(free, total);
        freeAndTotal[0] = free.longValue();
        freeAndTotal[1] = total.longValue();
        return result;
    }

    @Override
    public int loadModule(long[] module, byte[] image) {
        PointerByReference handle = new PointerByReference();
        int result = cuda.cuModuleLoadData(handle, image);
        module[0] = addressOf(handle);
        return result;
    }

    @Override
    public int unloadModule(long module) {
        return cuda.cuModuleUnload(module);
    }

    @Override
    public int getFunction(long[] function, long module, String name) {
        PointerByReference handle = new PointerByReference();
        int result = cuda.cuModuleGetFunction(handle, module, name);
        function[0] = addressOf(handle);
        return result;
    }

    @Override
    public int copyToDevice(long address, byte[] bytes) {
        return cuda.cuMemcpyHtoD_v2(address, bytes, bytes.length);
    }

    @Override
    public int copyToHost(byte[] bytes, long address) {
        return cuda.cuMemcpyDtoH_v2(bytes, address, bytes.length);
    }

    @Override
    public int launch(long function, int blocks, int threads, long[] parameters) {
        Runtime runtime = Runtime.getRuntime(cuda);
        Pointer words = Memory.allocateDirect(runtime, 8 * parameters.length);
        words.put(0, parameters, 0, parameters.length);
        Pointer[] pointers = new Pointer[parameters.length];
        for (int i = 0; i < pointers.length; i++) {
            pointers[i] = words.slice(8L * i);
        }
        return cuda.cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0, null, pointers, null);
    }

    @Override
    public int synchronize() {
        return cuda.cuCtxSynchronize();
    }

    private static long addressOf(PointerByReference handle) {
        Pointer pointer = handle.getValue();
        return pointer == null ? 0 : pointer.address();
    }

    /** As jnr-ffi wants it: public, and each method named as its function. */
    public interface Cuda {
        int cuInit(int flags);

        int cuDeviceGet(IntByReference device, int ordinal);

        int cuCtxCreate_v2(PointerByReference context, int flags, int device);

        int cuMemAlloc_v2(LongLongByReference address, long bytes);

        int cuMemFree_v2(long address);

        int cuMemGetInfo_v2(LongLongByReference free, LongLongByReference total);

        int cuModuleLoadData(PointerByReference module, @In byte[] image);

        int cuModuleUnload(@uintptr_t long module);

        int cuModuleGetFunction(PointerByReference function, @uintptr_t long module, String name);

        int cuMemcpyHtoD_v2(long to, @In byte[] from, long bytes);

        int cuMemcpyDtoH_v2(@Out byte[] to, long from, long bytes);

        int cuLaunchKernel(
                @uintptr_t long function,
                int gridX,
                int gridY,
                int gridZ,
                int blockX,
                int blockY,
                int blockZ,
                int sharedBytes,
                @Nullable Pointer stream,
                @In Pointer[] parameters,
                @Nullable Pointer extra);

        int cuCtxSynchronize();
    }
}
