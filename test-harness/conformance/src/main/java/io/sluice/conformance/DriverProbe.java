package io.sluice.conformance;

import com.sun.jna.Memory;
import java.util.Arrays;

/** Whether a driver can be put to the suite at all, found out in a process that does nothing else. */
final class DriverProbe {
    private DriverProbe() {}

    /** One sentence, or empty if it can be used. Initialises the driver in this process. */
    static String whyUnusable(String driver) {
        Cuda cuda;
        try {
            cuda = Cuda.load(driver);
        } catch (UnsatisfiedLinkError e) {
            return "the driver '" + driver + "' cannot be loaded: name another with --driver ("
                    + Arrays.stream(String.valueOf(e.getMessage()).split("\n"))
                            .findFirst()
                            .orElse("") + ")";
        }
        int result = cuda.call("cuInit", 0);
        if (result != Result.SUCCESS.code()) {
            return "cuInit answers " + Result.describe(result) + ": the suite needs a GPU";
        }
        Memory count = new Memory(Integer.BYTES);
        count.clear();
        cuda.call("cuDeviceGetCount", count);
        return count.getInt(0) > 0 ? "" : "the driver sees no GPU: the suite needs one";
    }
}
