package io.sluice.tests.client;

import java.io.IOException;
import java.nio.IntBuffer;
import org.lwjgl.PointerBuffer;
import org.lwjgl.cuda.CU;
import org.lwjgl.system.Configuration;
import org.lwjgl.system.MemoryStack;

/** Reaches the driver by LWJGL: {@code NAME}. */
public final class LwjglClient implements Driver {
    private LwjglClient() {}

    public static void main(String[] arguments) throws IOException {
        Configuration.CUDA_LIBRARY_NAME.set(arguments[0]);
        DriverCommands.obey(new LwjglClient());
    }

    @Override
    public int init() {
        return CU.cuInit(0);
    }

    @Override
    public int createContext() {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            IntBuffer device = stack.mallocInt(1);
            int result = CU.cuDeviceGet(device, 0);
            return result != 0 ? result : CU.cuCtxCreate(stack.mallocPointer(1), 0, device.get(0));
        }
    }

    @Override
    public int allocate(long[] address, long bytes) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer pointer = stack.callocPointer(1);
            int result = CU.cuMemAlloc(pointer, bytes);
            address[0] = pointer.get(0);
            return result;
        }
    }

    @Override
    public int free(long address) {
        return CU.cuMemFree(address);
    }

    @Override
    public int memoryInfo(long[] freeAndTotal) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer free = stack.callocPointer(1);
            PointerBuffer total = stack.callocPointer(1);
            int result = CU.cuMemGetInfo(free, total);
            freeAndTotal[0] = free.get(0);
            freeAndTotal[1] = total.get(0);
            return result;
        }
    }
}
