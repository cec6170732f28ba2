package io.sluice.control;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import org.jspecify.annotations.Nullable;

/**
 * One GPU of this host as NVML reports it.
 *
 * @param index NVML's, which {@code CUDA_VISIBLE_DEVICES} does not change
 * @param name of the model
 * @param memory all of it that CUDA can hand out
 */
public record Gpu(int index, GpuId id, String name, Bytes memory) {

    // equals and hashCode are written out: a record's own are linked at run time, some 15 ms of each application's
    // start.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Gpu that
                && index == that.index
                && id.equals(that.id)
                && name.equals(that.name)
                && memory.equals(that.memory);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
