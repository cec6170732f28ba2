package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;

/** The simulated NVML in this process. */
final class Nvml {
    static final int UNINITIALIZED = 1;
    static final int INVALID_ARGUMENT = 2;
    static final int NOT_SUPPORTED = 3;
    static final int NO_PERMISSION = 4;
    static final int NOT_FOUND = 6;
    static final int INSUFFICIENT_SIZE = 7;
    static final int TIMEOUT = 10;
    static final int GPU_IS_LOST = 15;
    static final int VERSION_MISMATCH = 25;
    private static final int TEXT_BYTES = 96;

    private final NativeLibrary library =
            NativeLibrary.getInstance(Native.library("libnvidia-ml.so.1").toString());

    static Nvml initialised() {
        Nvml nvml = new Nvml();
        nvml.must("nvmlInit_v2");
        return nvml;
    }

    /** What the function returned. */
    int call(String function, Object... arguments) {
        return library.getFunction(function).invokeInt(arguments);
    }

    void must(String function, Object... arguments) {
        assertThat(call(function, arguments)).as(function).isZero();
    }

    Pointer device(int index) {
        PointerByReference device = new PointerByReference();
        must("nvmlDeviceGetHandleByIndex_v2", index, device);
        return device.getValue();
    }

    /** The text of a function that takes a device, a buffer and its length. */
    String text(String function, Pointer device) {
        byte[] text = new byte[TEXT_BYTES];
        must(function, device, text, text.length);
        return com.sun.jna.Native.toString(text);
    }

    /** The number that the function writes as its last argument. */
    int number(String function, Object... arguments) {
        Object[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        IntByReference number = new IntByReference(-1);
        all[arguments.length] = number;
        must(function, all);
        return number.getValue();
    }
}
