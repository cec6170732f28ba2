package io.sluice.control;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The few questions we ask NVML. Functions are called one by one instead of through a JNA interface, since this stands
 * between a user and the start of the application: an interface's proxy costs more than all these calls.
 */
final class Nvml {
    private static final int SUCCESS = 0;
    private static final int DRIVER_NOT_LOADED = 9;
    private static final int VERSION_MISMATCH = 18;
    private static final int INSUFFICIENT_SIZE = 7;
    private static final int PROCESS_BYTES = 24;
    private static final int MOST_PROCESSES = 1 << 20;
    private static final int MEMORY_V2_BYTES = 40;
    private static final int UUID_BYTES = 96;
    private static final int NAME_BYTES = 96;

    private final NativeLibrary library;

    /** Of a libwrapper that stands in front of this library in this process, as where this was started inside a tenant. */
    private final Optional<Function> behind;

    private final String path;

    private Nvml(String path) {
        this.path = path;
        this.library = NativeLibrary.getInstance(path);
        this.behind = libwrapper(library);
    }

    /**
     * @param library a path, or a name for the loader
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    static List<Gpu> read(String library) throws ControlException {
        Nvml nvml = open(library);
        try {
            return nvml.gpus();
        } finally {
            nvml.close();
        }
    }

    /** As {@link #read}, for somebody who asks again and again: starting NVML takes a while on some machines. */
    static Nvml open(String library) throws ControlException {
        Nvml nvml = new Nvml(library);
        nvml.call("nvmlInit_v2");
        return nvml;
    }

    void close() {
        function("nvmlShutdown").invokeInt(new Object[0]);
        library.close(); // an agent is to be in front of it from now on
    }

    List<GpuState> states() throws ControlException {
        List<GpuState> states = new ArrayList<>();
        for (Gpu gpu : gpus()) {
            PointerByReference device = new PointerByReference();
            call("nvmlDeviceGetHandleByIndex_v2", gpu.index(), device);
            states.add(
                    new GpuState(gpu, free(device.getValue()), mig(device.getValue()), processes(device.getValue())));
        }
        return states;
    }

    String driverVersion() throws ControlException {
        try (Memory text = new Memory(NAME_BYTES)) {
            call("nvmlSystemGetDriverVersion", text, NAME_BYTES);
            return text.getString(0, StandardCharsets.UTF_8.name());
        }
    }

    private Bytes free(Pointer device) throws ControlException {
        try (Memory total = new Memory(3 * Long.BYTES)) {
            call("nvmlDeviceGetMemoryInfo", device, total); // {total, free, used}
            return Bytes.of(total.getLong(Long.BYTES));
        }
    }

    private boolean mig(Pointer device) {
        IntByReference current = new IntByReference();
        IntByReference pending = new IntByReference();
        return function("nvmlDeviceGetMigMode").invokeInt(new Object[] {device, current, pending}) == SUCCESS
                && current.getValue() != 0;
    }

    /** The list may grow between being counted and being read. */
    private List<GpuState.User> processes(Pointer device) throws ControlException {
        for (int room = 64; ; room *= 2) {
            IntByReference count = new IntByReference(room);
            try (Memory infos = new Memory((long) room * PROCESS_BYTES)) {
                int result = function("nvmlDeviceGetComputeRunningProcesses_v3")
                        .invokeInt(new Object[] {device, count, infos});
                if (result == SUCCESS) {
                    return users(infos, Math.min(count.getValue(), room));
                }
                if (result != INSUFFICIENT_SIZE || room >= MOST_PROCESSES) {
                    throw GpuInventory.noDriver("nvmlDeviceGetComputeRunningProcesses_v3 answered " + result);
                }
            }
        }
    }

    /** {pid, bytes, GPU instance, compute instance}; the bytes are all ones where the driver does not know them. */
    private static List<GpuState.User> users(Memory infos, int count) {
        List<GpuState.User> users = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = (long) i * PROCESS_BYTES;
            users.add(new GpuState.User(
                    Integer.toUnsignedLong(infos.getInt(at)), Bytes.of(Math.max(0, infos.getLong(at + Long.BYTES)))));
        }
        return users;
    }

    private List<Gpu> gpus() throws ControlException {
        IntByReference count = new IntByReference();
        call("nvmlDeviceGetCount_v2", count);
        List<Gpu> gpus = new ArrayList<>();
        for (int index = 0; index < count.getValue(); index++) {
            PointerByReference device = new PointerByReference();
            call("nvmlDeviceGetHandleByIndex_v2", index, device);
            gpus.add(gpu(index, device.getValue()));
        }
        return gpus;
    }

    private Gpu gpu(int index, Pointer device) throws ControlException {
        try (Memory text = new Memory(UUID_BYTES)) {
            call("nvmlDeviceGetUUID", device, text, UUID_BYTES);
            String uuid = text.getString(0, StandardCharsets.US_ASCII.name());
            if (!GpuId.isGpuId(uuid)) {
                throw GpuInventory.noDriver("NVML calls GPU " + index + " '" + uuid + "', which is not a UUID");
            }
            call("nvmlDeviceGetName", device, text, NAME_BYTES);
            String name = text.getString(0, StandardCharsets.UTF_8.name());
            return new Gpu(index, GpuId.parse(uuid), name, usable(device));
        }
    }

    /** What CUDA can hand out: all that there is, less what the driver keeps, where it is new enough to tell that. */
    private Bytes usable(Pointer device) throws ControlException {
        try (Memory info = new Memory(MEMORY_V2_BYTES)) {
            info.setInt(0, MEMORY_V2_BYTES | 2 << 24); // {version, total, reserved, free, used}
            if (answersMemoryV2(device, info)) {
                return Bytes.of(info.getLong(Long.BYTES) - info.getLong(2L * Long.BYTES));
            }
            call("nvmlDeviceGetMemoryInfo", device, info); // {total, free, used}
            return Bytes.of(info.getLong(0));
        }
    }

    private boolean answersMemoryV2(Pointer device, Memory info) {
        try {
            return function("nvmlDeviceGetMemoryInfo_v2").invokeInt(new Object[] {device, info}) == SUCCESS;
        } catch (UnsatisfiedLinkError e) {
            return false; // a driver before 510
        }
    }

    private void call(String name, Object... arguments) throws ControlException {
        int result = function(name).invokeInt(arguments);
        if (result != SUCCESS) {
            throw GpuInventory.noDriver(name + " of the NVIDIA driver answered " + result + meaning(result));
        }
    }

    private Function function(String name) {
        if (behind.isEmpty()) {
            return library.getFunction(name);
        }
        Pointer real = behind.get().invokePointer(new Object[] {path, name});
        if (real == null) {
            throw new UnsatisfiedLinkError("no " + name + " in the NVML behind " + path);
        }
        return Function.getFunction(real);
    }

    private static Optional<Function> libwrapper(NativeLibrary library) {
        try {
            return Optional.of(library.getFunction("sluice_control_real_nvml"));
        } catch (UnsatisfiedLinkError e) {
            return Optional.empty();
        }
    }

    private static String meaning(int result) {
        return switch (result) {
            case DRIVER_NOT_LOADED -> " (the kernel module is not loaded)";
            case VERSION_MISMATCH -> " (the library and the kernel module are of different versions)";
            default -> "";
        };
    }
}
