package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.FloatByReference;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** The driver functions that the tests call, under their exported names. A device pointer is a long. */
interface Cuda extends Library {
    int SUCCESS = 0;
    int INVALID_VALUE = 1;
    int OUT_OF_MEMORY = 2;
    int NOT_INITIALIZED = 3;
    int NO_DEVICE = 100;
    int INVALID_DEVICE = 101;
    int INVALID_IMAGE = 200;
    int INVALID_CONTEXT = 201;
    int NO_BINARY_FOR_GPU = 209;
    int INVALID_PTX = 218;
    int INVALID_HANDLE = 400;
    int NOT_FOUND = 500;
    int NOT_READY = 600;
    int ILLEGAL_ADDRESS = 700;
    int CONTEXT_IS_DESTROYED = 709;
    int NOT_PERMITTED = 800;
    int NOT_SUPPORTED = 801;

    static Cuda load() {
        return com.sun.jna.Native.load(Native.library("libcuda.so.1").toString(), Cuda.class);
    }

    static NativeLibrary library() {
        return NativeLibrary.getInstance(Native.library("libcuda.so.1").toString());
    }

    /** After cuInit. */
    static Cuda initialised() {
        Cuda cuda = load();
        check(cuda.cuInit(0));
        return cuda;
    }

    /** With a current context on GPU 0. */
    static Cuda withContext() {
        Cuda cuda = initialised();
        cuda.newContext(0);
        return cuda;
    }

    static void check(int result) {
        assertThat(result).as("CUresult").isEqualTo(SUCCESS);
    }

    default Pointer newContext(int device) {
        PointerByReference context = new PointerByReference();
        check(cuCtxCreate_v2(context, 0, device));
        return context.getValue();
    }

    default long allocate(long bytes) {
        LongByReference address = new LongByReference();
        check(cuMemAlloc_v2(address, bytes));
        return address.getValue();
    }

    /** Only the result of an allocation. */
    default int tryAllocate(long bytes) {
        return cuMemAlloc_v2(new LongByReference(), bytes);
    }

    default long freeBytes() {
        LongByReference free = new LongByReference();
        check(cuMemGetInfo_v2(free, new LongByReference()));
        return free.getValue();
    }

    default Pointer newStream(int flags) {
        PointerByReference stream = new PointerByReference();
        check(cuStreamCreate(stream, flags));
        return stream.getValue();
    }

    default Pointer newEvent() {
        PointerByReference event = new PointerByReference();
        check(cuEventCreate(event, 0));
        return event.getValue();
    }

    default void put(long device, byte[] bytes) {
        Memory memory = new Memory(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        check(cuMemcpyHtoD_v2(device, memory, bytes.length));
    }

    default byte[] get(long device, int count) {
        Memory memory = new Memory(count);
        check(cuMemcpyDtoH_v2(memory, device, count));
        return memory.getByteArray(0, count);
    }

    int cuInit(int flags);

    int cuDeviceGetCount(IntByReference count);

    int cuDeviceGetUuid_v2(Pointer uuid, int device);

    int cuDeviceGetAttribute(IntByReference value, int attribute, int device);

    int cuDeviceTotalMem_v2(LongByReference bytes, int device);

    int cuGetErrorName(int error, PointerByReference name);

    int cuGetErrorString(int error, PointerByReference text);

    int cuGetExportTable(PointerByReference table, Pointer id);

    int cuGetProcAddress(@Nullable String symbol, @Nullable PointerByReference function, int version, long flags);

    int cuGetProcAddress_v2(
            @Nullable String symbol,
            @Nullable PointerByReference function,
            int version,
            long flags,
            @Nullable IntByReference status);

    int cuCtxCreate_v2(@Nullable PointerByReference context, int flags, int device);

    int cuCtxDestroy_v2(@Nullable Pointer context);

    int cuCtxSetCurrent(@Nullable Pointer context);

    int cuCtxGetCurrent(PointerByReference context);

    int cuCtxPushCurrent_v2(Pointer context);

    int cuCtxPopCurrent_v2(PointerByReference context);

    int cuCtxSynchronize();

    int cuDevicePrimaryCtxRetain(PointerByReference context, int device);

    int cuDevicePrimaryCtxRelease_v2(int device);

    int cuMemAlloc_v2(@Nullable LongByReference address, long bytes);

    int cuMemAllocManaged(LongByReference address, long bytes, int flags);

    int cuMemAllocPitch_v2(LongByReference address, LongByReference pitch, long width, long height, int element);

    int cuMemAlloc(IntByReference address, int bytes);

    int cuMemcpyDtoH(Pointer host, int device, int bytes);

    int cuMemsetD8(int device, byte value, int count);

    int cuMemFree_v2(long address);

    int cuMemGetInfo_v2(LongByReference free, LongByReference total);

    int cuMemGetAddressRange_v2(LongByReference base, LongByReference bytes, long address);

    int cuMemHostAlloc(PointerByReference host, long bytes, int flags);

    int cuMemFreeHost(Pointer host);

    int cuPointerGetAttribute(Pointer data, int attribute, long address);

    int cuMemcpyHtoD_v2(long device, @Nullable Pointer host, long bytes);

    int cuMemcpyDtoH_v2(Pointer host, long device, long bytes);

    int cuMemcpyDtoD_v2(long to, long from, long bytes);

    int cuMemcpyHtoDAsync_v2(long device, Pointer host, long bytes, @Nullable Pointer stream);

    int cuMemcpyDtoHAsync_v2(Pointer host, long device, long bytes, @Nullable Pointer stream);

    int cuMemcpy2D_v2(Pointer copy);

    int cuMemsetD8_v2(long device, byte value, long count);

    int cuMemsetD16_v2(long device, short value, long count);

    int cuMemsetD32_v2(long device, int value, long count);

    int cuMemsetD2D8_v2(long device, long pitch, byte value, long width, long height);

    int cuMemsetD8Async_ptsz(long device, byte value, long count, @Nullable Pointer stream);

    int cuImportExternalMemory(PointerByReference memory, @Nullable Pointer description);

    int cuStreamCreate(PointerByReference stream, int flags);

    int cuStreamDestroy_v2(@Nullable Pointer stream);

    int cuStreamQuery(@Nullable Pointer stream);

    int cuStreamSynchronize(@Nullable Pointer stream);

    int cuStreamWaitEvent(@Nullable Pointer stream, Pointer event, int flags);

    int cuLaunchHostFunc(@Nullable Pointer stream, HostFunction function, @Nullable Pointer data);

    int cuEventCreate(PointerByReference event, int flags);

    int cuEventDestroy_v2(Pointer event);

    int cuEventQuery(Pointer event);

    int cuEventRecord(Pointer event, @Nullable Pointer stream);

    int cuEventSynchronize(Pointer event);

    int cuEventElapsedTime(FloatByReference milliseconds, Pointer start, Pointer end);

    int cuModuleLoadData(PointerByReference module, Pointer image);

    int cuModuleLoadDataEx(
            PointerByReference module, Pointer image, int count, int @Nullable [] options, @Nullable Pointer values);

    int cuModuleLoadFatBinary(PointerByReference module, Pointer image);

    int cuModuleLoad(PointerByReference module, String path);

    int cuLinkCreate_v2(int count, int @Nullable [] options, @Nullable Pointer values, PointerByReference state);

    int cuLinkAddData_v2(
            @Nullable Pointer state,
            int type,
            @Nullable Pointer data,
            long size,
            @Nullable String name,
            int count,
            int @Nullable [] options,
            @Nullable Pointer values);

    int cuLinkComplete(Pointer state, PointerByReference image, LongByReference size);

    int cuLinkDestroy(Pointer state);

    int cuLaunchCooperativeKernel(
            Pointer function,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int blockY,
            int blockZ,
            int sharedBytes,
            @Nullable Pointer stream,
            @Nullable Pointer parameters);

    int cuModuleUnload(Pointer module);

    int cuModuleGetFunction(PointerByReference function, Pointer module, String name);

    int cuModuleGetGlobal_v2(LongByReference address, LongByReference bytes, Pointer module, String name);

    int cuLibraryLoadData(
            PointerByReference library,
            Pointer image,
            @Nullable Pointer jitOptions,
            @Nullable Pointer jitValues,
            int jitCount,
            @Nullable Pointer options,
            @Nullable Pointer values,
            int count);

    int cuLibraryGetKernel(PointerByReference kernel, Pointer library, String name);

    int cuLibraryUnload(Pointer library);

    int cuFuncGetAttribute(IntByReference value, int attribute, Pointer function);

    int cuLaunchKernel(
            @Nullable Pointer function,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int blockY,
            int blockZ,
            int sharedBytes,
            @Nullable Pointer stream,
            @Nullable Pointer parameters,
            @Nullable Pointer extra);

    /** A CUhostFn. */
    interface HostFunction extends Callback {
        void call(@Nullable Pointer data);
    }
}
