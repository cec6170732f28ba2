package io.sluice.tests.client;

import java.io.IOException;
import jnr.ffi.LibraryLoader;
import jnr.ffi.byref.IntByReference;
import jnr.ffi.byref.LongLongByReference;
import jnr.ffi.byref.PointerByReference;

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

    /** As jnr-ffi wants it: public, and each method named as its function. */
    public interface Cuda {
        int cuInit(int flags);

        int cuDeviceGet(IntByReference device, int ordinal);

        int cuCtxCreate_v2(PointerByReference context, int flags, int device);

        int cuMemAlloc_v2(LongLongByReference address, long bytes);

        int cuMemFree_v2(long address);

        int cuMemGetInfo_v2(LongLongByReference free, LongLongByReference total);
    }
}
