package io.sluice.tests.client;

import com.sun.jna.NativeLibrary;
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

    private int call(String function, Object... arguments) {
        return library.getFunction(function).invokeInt(arguments);
    }
}
