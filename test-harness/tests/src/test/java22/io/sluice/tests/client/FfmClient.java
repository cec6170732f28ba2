package io.sluice.tests.client;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** Reaches the driver by the JDK's own foreign functions: {@code NAME}, and a bare one as jextract's code has it. */
public final class FfmClient implements Driver {
    private final Arena arena = Arena.global();
    private final SymbolLookup library;

    private FfmClient(String name) {
        String file = name.contains(".so") ? name : System.mapLibraryName(name);
        this.library = SymbolLookup.libraryLookup(file, arena);
    }

    public static void main(String[] arguments) throws IOException {
        DriverCommands.obey(new FfmClient(arguments[0]));
    }

    @Override
    public int init() {
        return call("cuInit", List.of(JAVA_INT), 0);
    }

    @Override
    public int createContext() {
        MemorySegment device = arena.allocate(JAVA_INT);
        int result = call("cuDeviceGet", List.of(ADDRESS, JAVA_INT), device, 0);
        MemorySegment context = arena.allocate(ADDRESS);
        return result != 0
                ? result
                : call("cuCtxCreate_v2", List.of(ADDRESS, JAVA_INT, JAVA_INT), context, 0, device.get(JAVA_INT, 0));
    }

    @Override
    public int allocate(long[] address, long bytes) {
        MemorySegment pointer = arena.allocate(JAVA_LONG);
        int result = call("cuMemAlloc_v2", List.of(ADDRESS, JAVA_LONG), pointer, bytes);
        address[0] = pointer.get(JAVA_LONG, 0);
        return result;
    }

    @Override
    public int free(long address) {
        return call("cuMemFree_v2", List.of(JAVA_LONG), address);
    }

    @Override
    public int memoryInfo(long[] freeAndTotal) {
        MemorySegment free = arena.allocate(JAVA_LONG);
        MemorySegment total = arena.allocate(JAVA_LONG);
        int result = call("cuMemGetInfo_v2", List.of(ADDRESS, ADDRESS), free, total);
        freeAndTotal[0] = free.get(JAVA_LONG, 0);
        freeAndTotal[1] = total.get(JAVA_LONG, 0);
        return result;
    }

    @Override
    public int loadModule(long[] module, byte[] image) {
        MemorySegment handle = arena.allocate(JAVA_LONG);
        int result = call("cuModuleLoadData", List.of(ADDRESS, ADDRESS), handle, arena.allocateFrom(JAVA_BYTE, image));
        module[0] = handle.get(JAVA_LONG, 0);
        return result;
    }

    @Override
    public int unloadModule(long module) {
        return call("cuModuleUnload", List.of(JAVA_LONG), module);
    }

    @Override
    public int getFunction(long[] function, long module, String name) {
        MemorySegment handle = arena.allocate(JAVA_LONG);
        List<MemoryLayout> parameters = List.of(ADDRESS, JAVA_LONG, ADDRESS);
        int result = call("cuModuleGetFunction", parameters, handle, module, arena.allocateFrom(name));
        function[0] = handle.get(JAVA_LONG, 0);
        return result;
    }

    @Override
    public int copyToDevice(long address, byte[] bytes) {
        MemorySegment from = arena.allocateFrom(JAVA_BYTE, bytes);
        return call("cuMemcpyHtoD_v2", List.of(JAVA_LONG, ADDRESS, JAVA_LONG), address, from, (long) bytes.length);
    }

    @Override
    public int copyToHost(byte[] bytes, long address) {
        MemorySegment to = arena.allocate(bytes.length);
        List<MemoryLayout> parameters = List.of(ADDRESS, JAVA_LONG, JAVA_LONG);
        int result = call("cuMemcpyDtoH_v2", parameters, to, address, (long) bytes.length);
        MemorySegment.copy(to, JAVA_BYTE, 0, bytes, 0, bytes.length);
        return result;
    }

    @Override
    public int launch(long function, int blocks, int threads, long[] parameters) {
        MemorySegment words = arena.allocateFrom(JAVA_LONG, parameters);
        MemorySegment pointers = arena.allocate(ADDRESS, parameters.length);
        for (int i = 0; i < parameters.length; i++) {
            pointers.setAtIndex(ADDRESS, i, words.asSlice(8L * i));
        }
        List<MemoryLayout> types = List.of(
                JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
        MemorySegment none = MemorySegment.NULL;
        return call("cuLaunchKernel", types, function, blocks, 1, 1, threads, 1, 1, 0, none, pointers, none);
    }

    @Override
    public int synchronize() {
        return call("cuCtxSynchronize", List.of());
    }

    private int call(String function, List<MemoryLayout> parameters, Object... arguments) {
        FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, parameters.toArray(MemoryLayout[]::new));
        MethodHandle handle = Linker.nativeLinker().downcallHandle(library.find(function).orElseThrow(), type);
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function, e);
        }
    }
}
