package io.sluice.conformance;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * An argument that is made for each call anew, so that a call can stand in a table. What is made is given back when the check
 * ends.
 */
@FunctionalInterface
public interface Given {
    @Nullable Object in(Trial trial);

    /** A null pointer or handle. */
    @Nullable Pointer NULL = null;

    /** Room for what the function puts out: 1,024 zero bytes. */
    Given OUT = trial -> trial.room(1024);

    /** 4,096 bytes of device memory. */
    Given DEVICE_MEMORY = trial -> trial.memory(4096);

    /** 4,096 bytes of pageable host memory. */
    Given HOST_MEMORY = trial -> trial.room(4096);

    Given STREAM = trial -> trial.stream(0);

    Given EVENT = trial -> trial.event(0);

    Given MODULE = Trial::module;

    /** The kernel {@code nothing}, which has no parameters. */
    Given NOTHING = trial -> trial.function("nothing");

    /** The number of devices, which is no device. */
    Given BEYOND_LAST_DEVICE = Trial::deviceCount;
}
