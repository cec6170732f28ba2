package io.sluice.conformance;

import java.util.function.Predicate;

/** What it means where a driver answers CUDA_ERROR_NOT_SUPPORTED, or does not export the function. */
sealed interface Support {
    /** Every driver of CUDA 12.2 does this on every device: a failure. */
    record Always() implements Support {}

    /** The documentation, or the device, leaves it open. */
    record LeftOpen() implements Support {}

    /**
     * A device attribute tells. If it says yes, being refused is a failure; if it says no, the check is not tried.
     *
     * @param condition what to say where the device does not do it
     */
    record Told(String condition, Predicate<Trial> claimed) implements Support {}
}
