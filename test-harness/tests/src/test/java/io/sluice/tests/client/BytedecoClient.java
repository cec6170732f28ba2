package io.sluice.tests.client;

import static org.bytedeco.cuda.global.cudart.cuCtxCreate;
import static org.bytedeco.cuda.global.cudart.cuCtxSynchronize;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoH;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoD;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuModuleUnload;

import java.io.IOException;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** Reaches the driver by bytedeco's CUDA presets, whose native half is linked to it. */
public final class BytedecoClient implements Driver {
    private BytedecoClient() {}

    public static void main(String[] arguments) throws IOException {
        DriverCommands.obey(new BytedecoClient());
    }

    @Override
    public int init() {
        return cuInit(0);
    }

    @Override
    public int createContext() {
        int[] device = new int[1];
        int result = cuDeviceGet(device, 0);
        return result != 0 ? result : cuCtxCreate(new CUctx_st(), 0, device[0]);
    }

    @Override
    public int allocate(long[] address, long bytes) {
        return cuMemAlloc(address, bytes);
    }

    @Override
    public int free(long address) {
        return cuMemFree(address);
    }

    @Override
    public int memoryInfo(long[] freeAndTotal) {
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            int result = cuMemGetInfo(free, total);
            freeAndTotal[0] = free.get();
            freeAndTotal[1] = total.get();
            return result;
        }
    }

    @Override
    public int loadModule(long[] module, byte[] image) {
        CUmod_st handle = new CUmod_st();
        int result = cuModuleLoadData(handle, new BytePointer(image));
        module[0] = handle.address();
        return result;
    }

    @Override
    public int unloadModule(long module) {
        return cuModuleUnload(new CUmod_st(Handle.of(module)));
    }

    @Override
    public int getFunction(long[] function, long module, String name) {
        CUfunc_st handle = new CUfunc_st();
        int result = cuModuleGetFunction(handle, new CUmod_st(Handle.of(module)), name);
        function[0] = handle.address();
        return result;
    }

    @Override
    public int copyToDevice(long address, byte[] bytes) {
        try (BytePointer from = new BytePointer(bytes)) {
            return cuMemcpyHtoD(address, from, bytes.length);
        }
    }

    @Override
    public int copyToHost(byte[] bytes, long address) {
        try (BytePointer to = new BytePointer(bytes.length)) {
            int result = cuMemcpyDtoH(to, address, bytes.length);
            to.get(bytes);
            return result;
        }
    }

    @Override
    public int launch(long function, int blocks, int threads, long[] parameters) {
        try (LongPointer words = new LongPointer(parameters);
                PointerPointer<Pointer> pointers = Handle.toEach(words, parameters.length)) {
            CUfunc_st of = new CUfunc_st(Handle.of(function));
            return cuLaunchKernel(of, blocks, 1, 1, threads, 1, 1, 0, null, pointers, (PointerPointer<Pointer>) null);
        }
    }

    @Override
    public int synchronize() {
        return cuCtxSynchronize();
    }

    /** An address as JavaCPP's pointers have it, which cannot be made from a number from outside. */
    static final class Handle extends Pointer {
        private Handle(long address) {
            this.address = address;
        }

        static Pointer of(long address) {
            return new Handle(address);
        }

        static PointerPointer<Pointer> toEach(LongPointer words, int count) {
            PointerPointer<Pointer> pointers = new PointerPointer<>(count);
            for (int i = 0; i < count; i++) {
                pointers.put(i, of(words.address() + 8L * i));
            }
            return pointers;
        }
    }
}
