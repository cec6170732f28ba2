package io.sluice.conformance;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The driver, by the names of its documentation. An {@code Integer} goes to int and unsigned int, a {@code Long} to size_t,
 * CUdeviceptr and unsigned long long, a {@code Pointer} to handles and all pointers. Safe for use by several threads.
 */
final class Cuda {
    /** What the header of CUDA 12.2 maps to an export of another name. */
    private static final Map<String, String> EXPORTED = exported("_v2", """
            cuArray3DCreate cuArray3DGetDescriptor cuArrayCreate cuArrayGetDescriptor cuCtxCreate cuCtxDestroy
            cuCtxPopCurrent cuCtxPushCurrent cuDevicePrimaryCtxRelease cuDevicePrimaryCtxReset
            cuDevicePrimaryCtxSetFlags cuDeviceTotalMem cuEventDestroy cuGetProcAddress cuGraphAddKernelNode
            cuGraphExecKernelNodeSetParams cuGraphExecUpdate cuGraphKernelNodeGetParams cuGraphKernelNodeSetParams
            cuIpcOpenMemHandle cuLinkAddData cuLinkAddFile cuLinkCreate cuMemAllocHost cuMemAllocPitch cuMemAlloc
            cuMemFree cuMemGetAddressRange cuMemGetInfo cuMemHostGetDevicePointer cuMemHostRegister cuMemcpy2DAsync
            cuMemcpy2DUnaligned cuMemcpy2D cuMemcpy3DAsync cuMemcpy3D cuMemcpyAtoA cuMemcpyAtoD cuMemcpyAtoHAsync
            cuMemcpyAtoH cuMemcpyDtoA cuMemcpyDtoDAsync cuMemcpyDtoD cuMemcpyDtoHAsync cuMemcpyDtoH cuMemcpyHtoAAsync
            cuMemcpyHtoA cuMemcpyHtoDAsync cuMemcpyHtoD cuMemsetD16 cuMemsetD2D16 cuMemsetD2D32 cuMemsetD2D8
            cuMemsetD32 cuMemsetD8 cuModuleGetGlobal cuStreamBatchMemOp cuStreamBeginCapture cuStreamDestroy
            cuStreamGetCaptureInfo cuStreamWaitValue32 cuStreamWaitValue64 cuStreamWriteValue32 cuStreamWriteValue64
            """);

    private final NativeLibrary library;
    private final Map<String, Function> functions = new ConcurrentHashMap<>();

    private Cuda(NativeLibrary library) {
        this.library = library;
    }

    /**
     * Loads a driver by path, or by name as the loader finds it.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    static Cuda load(String driver) {
        return new Cuda(NativeLibrary.getInstance(driver));
    }

    boolean exports(String name) {
        try {
            function(name);
            return true;
        } catch (UnsatisfiedLinkError absent) {
            return false;
        }
    }

    /** @throws CheckEnded as not supported, if the driver does not export the function */
    int call(String name, @Nullable Object... arguments) {
        Function function;
        try {
            function = function(name);
        } catch (UnsatisfiedLinkError absent) {
            throw new CheckEnded(Verdict.NOT_SUPPORTED, "the driver does not export " + exportOf(name));
        }
        return function.invokeInt(arguments);
    }

    Function function(String name) {
        return functions.computeIfAbsent(name, wanted -> library.getFunction(exportOf(wanted)));
    }

    private static Map<String, String> exported(String suffix, String names) {
        return Arrays.stream(names.strip().split("\\s+"))
                .collect(Collectors.toUnmodifiableMap(name -> name, name -> name + suffix));
    }

    private static String exportOf(String name) {
        return EXPORTED.getOrDefault(name, name);
    }
}
