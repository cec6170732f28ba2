package io.sluice.tests.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.lwjgl.PointerBuffer;
import org.lwjgl.cuda.CU;
import org.lwjgl.system.Configuration;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

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

    @Override
    public int loadModule(long[] module, byte[] image) {
        ByteBuffer bytes = MemoryUtil.memAlloc(image.length).put(image).flip();
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer handle = stack.callocPointer(1);
            int result = CU.cuModuleLoadData(handle, bytes);
            module[0] = handle.get(0);
            return result;
        } finally {
            MemoryUtil.memFree(bytes);
        }
    }

    @Override
    public int unloadModule(long module) {
        return CU.cuModuleUnload(module);
    }

    @Override
    public int getFunction(long[] function, long module, String name) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer handle = stack.callocPointer(1);
            int result = CU.cuModuleGetFunction(handle, module, name);
            function[0] = handle.get(0);
            return result;
        }
    }

    @Override
    public int copyToDevice(long address, byte[] bytes) {
        ByteBuffer buffer = MemoryUtil.memAlloc(bytes.length).put(bytes).flip();
        try {
            return CU.cuMemcpyHtoD(address, buffer);
        } finally {
            MemoryUtil.memFree(buffer);
        }
    }

    @Override
    public int copyToHost(byte[] bytes, long address) {
        ByteBuffer buffer = MemoryUtil.memAlloc(bytes.length);
        try {
            int result = CU.cuMemcpyDtoH(buffer, address);
            buffer.get(bytes);
            return result;
        } finally {
            MemoryUtil.memFree(buffer);
        }
    }

    @Override
    public int launch(long function, int blocks, int threads, long[] parameters) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            LongBuffer words = stack.longs(parameters);
            PointerBuffer pointers = stack.mallocPointer(parameters.length);
            for (int i = 0; i < parameters.length; i++) {
                pointers.put(i, MemoryUtil.memAddress(words, i));
            }
            return CU.cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0, 0, pointers, null);
        }
    }

    @Override
    public int synchronize() {
        return CU.cuCtxSynchronize();
    }
}
