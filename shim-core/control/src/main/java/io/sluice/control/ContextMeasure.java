package io.sluice.control;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.sluice.control.ControlException.Reason;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Opens a context on each GPU in this very process and asks NVML what the process then holds there: never by how much free memory
 * became less, since that may be a neighbour's doing. Includes what the first context of a process brings with it.
 */
public final class ContextMeasure {
    private static final int SUCCESS = 0;
    private static final int UUID_BYTES = 16;

    private final NativeLibrary driver;
    private final GpuMonitor monitor;

    private ContextMeasure(NativeLibrary driver, GpuMonitor monitor) {
        this.driver = driver;
        this.monitor = monitor;
    }

    /**
     * @param driver a path, or a name for the loader
     * @param monitor of the same GPUs
     */
    public static Map<GpuId, Bytes> measure(String driver, GpuMonitor monitor) throws ControlException {
        try {
            return new ContextMeasure(NativeLibrary.getInstance(driver), monitor).measure();
        } catch (UnsatisfiedLinkError e) {
            throw GpuInventory.noDriver(driver + " cannot be loaded (" + e.getMessage() + ")");
        }
    }

    /** Where it lies by the environment: {@code SLUICE_DRIVER}, else the loader's. */
    public static String driver(Map<String, String> environment) {
        String named = environment.getOrDefault("SLUICE_DRIVER", "");
        return named.startsWith("/") ? Path.of(named).toString() : "libcuda.so.1";
    }

    private Map<GpuId, Bytes> measure() throws ControlException {
        IntByReference count = new IntByReference();
        call("cuInit", 0);
        call("cuDeviceGetCount", count);
        Map<GpuId, Bytes> measured = new LinkedHashMap<>();
        for (int device = 0; device < count.getValue(); device++) {
            GpuId gpu = uuid(device);
            long before = held(gpu);
            PointerByReference context = new PointerByReference();
            call("cuCtxCreate_v2", context, 0, device);
            long after = held(gpu);
            call("cuCtxDestroy_v2", context.getValue());
            if (after <= before) {
                throw new ControlException(
                        Reason.OUR_FAULT,
                        "NVML does not tell what this process holds on " + gpu
                                + ": measure outside of containers and virtual machines, in the driver's pid namespace");
            }
            measured.put(gpu, Bytes.of(after - before));
        }
        return measured;
    }

    private GpuId uuid(int device) throws ControlException {
        try (Memory bytes = new Memory(UUID_BYTES)) {
            call("cuDeviceGetUuid", bytes, device);
            return GpuId.ofBytes(bytes.getByteArray(0, UUID_BYTES));
        }
    }

    private long held(GpuId gpu) throws ControlException {
        long self = ProcessHandle.current().pid();
        return monitor.read().stream()
                .filter(state -> state.gpu().id().uuid().equals(gpu.uuid()))
                .flatMap(state -> state.users().stream())
                .filter(user -> user.pid() == self)
                .mapToLong(user -> user.used().value())
                .sum();
    }

    private void call(String name, Object... arguments) throws ControlException {
        int result = driver.getFunction(name).invokeInt(arguments);
        if (result != SUCCESS) {
            throw new ControlException(Reason.NO_DRIVER, name + " of the driver answered " + result);
        }
    }
}
