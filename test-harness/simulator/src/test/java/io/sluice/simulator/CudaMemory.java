package io.sluice.simulator;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import org.jspecify.annotations.Nullable;

/** The functions of pools, virtual memory, arrays, shared and peer memory. Handles of virtual memory are longs. */
interface CudaMemory extends Cuda {
    int PEER_ACCESS_ALREADY_ENABLED = 704;
    int PEER_ACCESS_NOT_ENABLED = 705;
    int HOST_MEMORY_ALREADY_REGISTERED = 712;
    int HOST_MEMORY_NOT_REGISTERED = 713;

    int RELEASE_THRESHOLD = 4;
    int RESERVED_NOW = 5;
    int RESERVED_HIGH = 6;
    int USED_NOW = 7;
    int USED_HIGH = 8;

    int POSIX_FD = 1;
    int READ_WRITE = 3;

    static CudaMemory load() {
        return com.sun.jna.Native.load(Native.library("libcuda.so.1").toString(), CudaMemory.class);
    }

    static CudaMemory withContext() {
        CudaMemory cuda = load();
        Cuda.check(cuda.cuInit(0));
        cuda.newContext(0);
        return cuda;
    }

    default Pointer defaultPool() {
        PointerByReference pool = new PointerByReference();
        Cuda.check(cuDeviceGetDefaultMemPool(pool, 0));
        return pool.getValue();
    }

    /** A pool of GPU 0. */
    default Pointer newPool(int handleTypes) {
        Memory properties = new Memory(88);
        properties.clear();
        properties.setInt(0, 1); // pinned
        properties.setInt(4, handleTypes);
        properties.setInt(8, 1); // on a GPU
        PointerByReference pool = new PointerByReference();
        Cuda.check(cuMemPoolCreate(pool, properties));
        return pool.getValue();
    }

    default long poolValue(Pointer pool, int attribute) {
        LongByReference value = new LongByReference();
        Cuda.check(cuMemPoolGetAttribute(pool, attribute, value));
        return value.getValue();
    }

    default long allocateAsync(long bytes, @Nullable Pointer stream) {
        LongByReference address = new LongByReference();
        Cuda.check(cuMemAllocAsync(address, bytes, stream));
        return address.getValue();
    }

    /** CUmemAllocationProp: pinned memory of this GPU. */
    static Memory allocationOn(int device, int handleTypes) {
        Memory properties = new Memory(32);
        properties.clear();
        properties.setInt(0, 1);
        properties.setInt(4, handleTypes);
        properties.setInt(8, 1);
        properties.setInt(12, device);
        return properties;
    }

    /** CUmemAccessDesc. */
    static Memory access(int device, int flags) {
        Memory access = new Memory(12);
        access.setInt(0, 1);
        access.setInt(4, device);
        access.setInt(8, flags);
        return access;
    }

    default long reserve(long bytes) {
        LongByReference address = new LongByReference();
        Cuda.check(cuMemAddressReserve(address, bytes, 0, 0, 0));
        return address.getValue();
    }

    default long createPhysical(long bytes, int handleTypes) {
        LongByReference handle = new LongByReference();
        Cuda.check(cuMemCreate(handle, bytes, allocationOn(0, handleTypes), 0));
        return handle.getValue();
    }

    int cuMemAllocAsync(LongByReference address, long bytes, @Nullable Pointer stream);

    int cuMemAllocFromPoolAsync(LongByReference address, long bytes, @Nullable Pointer pool, @Nullable Pointer stream);

    int cuMemFreeAsync(long address, @Nullable Pointer stream);

    int cuDeviceGetDefaultMemPool(PointerByReference pool, int device);

    int cuDeviceGetMemPool(PointerByReference pool, int device);

    int cuDeviceSetMemPool(int device, @Nullable Pointer pool);

    int cuMemPoolCreate(PointerByReference pool, Pointer properties);

    int cuMemPoolDestroy(@Nullable Pointer pool);

    int cuMemPoolTrimTo(Pointer pool, long bytes);

    int cuMemPoolSetAttribute(Pointer pool, int attribute, LongByReference value);

    int cuMemPoolGetAttribute(Pointer pool, int attribute, LongByReference value);

    int cuMemPoolSetAccess(Pointer pool, Pointer access, long count);

    int cuMemPoolGetAccess(IntByReference flags, Pointer pool, Pointer location);

    int cuMemPoolExportToShareableHandle(IntByReference fd, Pointer pool, int type, long flags);

    int cuMemPoolImportFromShareableHandle(PointerByReference pool, Pointer fd, int type, long flags);

    int cuMemPoolExportPointer(Pointer data, long address);

    int cuMemPoolImportPointer(LongByReference address, Pointer pool, Pointer data);

    int cuMemAddressReserve(LongByReference address, long bytes, long alignment, long wish, long flags);

    int cuMemAddressFree(long address, long bytes);

    int cuMemCreate(LongByReference handle, long bytes, Pointer properties, long flags);

    int cuMemRelease(long handle);

    int cuMemRetainAllocationHandle(LongByReference handle, Pointer address);

    int cuMemMap(long address, long bytes, long offset, long handle, long flags);

    int cuMemUnmap(long address, long bytes);

    int cuMemSetAccess(long address, long bytes, Pointer access, long count);

    int cuMemGetAccess(LongByReference flags, Pointer location, long address);

    int cuMemGetAllocationGranularity(LongByReference bytes, Pointer properties, int option);

    int cuMemGetAllocationPropertiesFromHandle(Pointer properties, long handle);

    int cuMemExportToShareableHandle(IntByReference fd, long handle, int type, long flags);

    int cuMemImportFromShareableHandle(LongByReference handle, Pointer fd, int type);

    int cuIpcGetMemHandle(Pointer handle, long address);

    int cuIpcOpenMemHandle_v2(LongByReference address, Handle.ByValue handle, int flags);

    int cuIpcCloseMemHandle(long address);

    int cuMemsetD8Async(long device, byte value, long count, @Nullable Pointer stream);

    int cuIpcGetEventHandle(Pointer handle, Pointer event);

    int cuIpcOpenEventHandle(PointerByReference event, Handle.ByValue handle);

    int cuArrayCreate_v2(PointerByReference array, Pointer descriptor);

    int cuArray3DCreate_v2(PointerByReference array, Pointer descriptor);

    int cuArrayDestroy(@Nullable Pointer array);

    int cuArrayGetDescriptor_v2(Pointer descriptor, Pointer array);

    int cuArray3DGetDescriptor_v2(Pointer descriptor, Pointer array);

    int cuMemcpyHtoA_v2(Pointer array, long offset, Pointer host, long bytes);

    int cuMemcpyAtoH_v2(Pointer host, Pointer array, long offset, long bytes);

    int cuMemcpyAtoD_v2(long address, Pointer array, long offset, long bytes);

    int cuMemcpyDtoA_v2(Pointer array, long offset, long address, long bytes);

    int cuMemcpyAtoA_v2(Pointer to, long toOffset, Pointer from, long fromOffset, long bytes);

    int cuMemcpy3D_v2(Pointer copy);

    int cuMemcpy2D(Pointer copy);

    int cuMipmappedArrayCreate(PointerByReference array, Pointer descriptor, int levels);

    int cuMipmappedArrayGetLevel(PointerByReference level, Pointer array, int number);

    int cuMipmappedArrayDestroy(Pointer array);

    int cuDeviceCanAccessPeer(IntByReference can, int device, int peer);

    int cuDeviceGetP2PAttribute(IntByReference value, int attribute, int from, int to);

    int cuCtxEnablePeerAccess(@Nullable Pointer peer, int flags);

    int cuCtxDisablePeerAccess(@Nullable Pointer peer);

    int cuMemcpyPeer(long to, Pointer toContext, long from, Pointer fromContext, long bytes);

    int cuMemHostRegister_v2(Pointer host, long bytes, int flags);

    int cuMemHostUnregister(Pointer host);

    int cuMemHostGetDevicePointer_v2(LongByReference device, Pointer host, int flags);

    int cuMemHostGetFlags(IntByReference flags, Pointer host);

    int cuMemAdvise(long address, long bytes, int advice, int device);

    int cuMemPrefetchAsync(long address, long bytes, int device, @Nullable Pointer stream);

    int cuMemRangeGetAttribute(Pointer data, long size, int attribute, long address, long bytes);

    /** A CUipcMemHandle or CUipcEventHandle. */
    @Structure.FieldOrder("bytes")
    class Handle extends Structure {
        public byte[] bytes = new byte[64];

        static final class ByValue extends Handle implements Structure.ByValue {
            static ByValue of(byte[] bytes) {
                ByValue handle = new ByValue();
                handle.bytes = bytes.clone();
                return handle;
            }
        }
    }
}
