package io.sluice.tests.client;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;

/** Reaches the driver by JNA: {@code NAME}. */
public final class JnaClient implements Driver {
    private final NativeLibrary library;

    private JnaClient(String name) {
        this.library = NativeLibrary.getInstance(name);
    }

    public static void main(String[] arguments) throws IOException {
        DriverCommands.obey(new JnaClient(arguments[0]));
    }

    @Override
    public int init() {
        return call("cuInit", 0);
    }

    @Override
    public int createContext() {
        IntByReference device = new IntByReference();
        int result = call("cuDeviceGet", device, 0);
        return result != 0 ? result : call("cuCtxCreate_v2", new PointerByReference(), 0, device.getValue());
    }

    @Override
    public int allocate(long[] address, long bytes) {
        LongByReference pointer = new LongByReference();
        int result = call("cuMemAlloc_v2", pointer, bytes);
        address[0] = pointer.getValue();
        return result;
    }

    @Override
    public int free(long address) {
        return call("cuMemFree_v2", address);
    }

    @Override
    public int memoryInfo(long[] freeAndTotal) {
        LongByReference free = new LongByReference();
        LongByReference total = new LongByReference();
        int result = call("cuMemGetInfo_v2", free, total);
        freeAndTotal[0] = free.getValue();
        freeAndTotal[1] = total.getValue();
        return result;
    }

    @Override
    public int loadModule(long[] module, byte[] image) {
        PointerByReference handle = new PointerByReference();
        int result = call("cuModuleLoadData", handle, image);
        module[0] = Pointer.nativeValue(handle.getValue());
        return result;
    }

    @Override
    public int unloadModule(long module) {
        return call("cuModuleUnload", new Pointer(module));
    }

    @Override
    public int getFunction(long[] function, long module, String name) {
        PointerByReference handle = new PointerByReference();
        int result = call("cuModuleGetFunction", handle, new Pointer(module), name);
        function[0] = Pointer.nativeValue(handle.getValue());
        return result;
    }

    @Override
    public int copyToDevice(long address, byte[] bytes) {
        return call("cuMemcpyHtoD_v2", address, bytes, (long) bytes.length);
    }

    @Override
    public int copyToHost(byte[] bytes, long address) {
        return call("cuMemcpyDtoH_v2", bytes, address, (long) bytes.length);
    }

    @Override
    public int launch(long function, int blocks, int threads, long[] parameters) {
        Memory words = new Memory(8L * parameters.length);
        words.write(0, parameters, 0, parameters.length);
        Pointer[] pointers = new Pointer[parameters.length];
        for (int i = 0; i < pointers.length; i++) {
            pointers[i] = words.share(8L * i);
        }
        Pointer of = new Pointer(function);
        return call("cuLaunchKernel", of, blocks, 1, 1, threads, 1, 1, 0, Pointer.NULL, pointers, Pointer.NULL);
    }

    @Override
    public int synchronize() {
        return call("cuCtxSynchronize");
    }

    private int call(String function, Object... arguments) {
        return library.getFunction(function).invokeInt(arguments);
    }
}
