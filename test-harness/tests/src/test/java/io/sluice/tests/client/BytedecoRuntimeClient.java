package io.sluice.tests.client;

import static org.bytedeco.cuda.global.cudart.cuLibraryGetKernel;
import static org.bytedeco.cuda.global.cudart.cuLibraryLoadData;
import static org.bytedeco.cuda.global.cudart.cuLibraryUnload;
import static org.bytedeco.cuda.global.cudart.cudaDeviceSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;
import static org.bytedeco.cuda.global.cudart.cudaLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cudaMemcpy;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDefault;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;

import io.sluice.tests.client.BytedecoClient.Handle;
import java.io.IOException;
import org.bytedeco.cuda.cudart.CUkern_st;
import org.bytedeco.cuda.cudart.CUlib_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudart.dim3;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The runtime API by bytedeco's CUDA presets. Their native half is linked to {@code libcudart.so.12}. Kernels come by the
 * driver's libraries, whose handles the runtime takes, since only nvcc's host code registers any.
 */
public final class BytedecoRuntimeClient implements Driver {
    private BytedecoRuntimeClient() {}

    public static void main(String[] arguments) throws IOException {
        DriverCommands.obey(new BytedecoRuntimeClient());
    }

    @Override
    public int init() {
        return cudaGetDeviceCount(new int[1]);
    }

    @Override
    public int createContext() {
        return cudaSetDevice(0);
    }

    @Override
    public int allocate(long[] address, long bytes) {
        Pointer pointer = Handle.of(0);
        int result = cudaMalloc(pointer, bytes);
        address[0] = pointer.address();
        return result;
    }

    @Override
    public int free(long address) {
        return cudaFree(Handle.of(address));
    }

    @Override
    public int memoryInfo(long[] freeAndTotal) {
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            int result = cudaMemGetInfo(free, total);
            freeAndTotal[0] = free.get();
            freeAndTotal[1] = total.get();
            return result;
        }
    }

    @Override
    public int loadModule(long[] module, byte[] image) {
        CUlib_st library = new CUlib_st();
        IntPointer noOptions = null;
        Pointer noValues = null;
        int result = cuLibraryLoadData(library, new BytePointer(image), noOptions, noValues, 0, noOptions, noValues, 0);
        module[0] = library.address();
        return result;
    }

    @Override
    public int unloadModule(long module) {
        return cuLibraryUnload(new CUlib_st(Handle.of(module)));
    }

    @Override
    public int getFunction(long[] function, long module, String name) {
        CUkern_st kernel = new CUkern_st();
        int result = cuLibraryGetKernel(kernel, new CUlib_st(Handle.of(module)), name);
        function[0] = kernel.address();
        return result;
    }

    @Override
    public int copyToDevice(long address, byte[] bytes) {
        try (BytePointer from = new BytePointer(bytes)) {
            return cudaMemcpy(Handle.of(address), from, bytes.length, cudaMemcpyHostToDevice);
        }
    }

    @Override
    public int copyToHost(byte[] bytes, long address) {
        try (BytePointer to = new BytePointer(bytes.length)) {
            int result = cudaMemcpy(to, Handle.of(address), bytes.length, cudaMemcpyDefault);
            to.get(bytes);
            return result;
        }
    }

    @Override
    public int launch(long function, int blocks, int threads, long[] parameters) {
        try (LongPointer words = new LongPointer(parameters);
                PointerPointer<Pointer> pointers = Handle.toEach(words, parameters.length)) {
            CUstream_st stream = null;
            return cudaLaunchKernel(
                    Handle.of(function), new dim3(blocks, 1, 1), new dim3(threads, 1, 1), pointers, 0, stream);
        }
    }

    @Override
    public int synchronize() {
        return cudaDeviceSynchronize();
    }
}
