package io.sluice.control;

import io.sluice.policy.Bytes;
import java.util.List;

/**
 * A GPU at one moment.
 *
 * @param free memory that nobody has
 * @param mig whether it is cut into slices
 * @param users the processes that compute on it
 */
public record GpuState(Gpu gpu, Bytes free, boolean mig, List<User> users) {
    /**
     * A process on a GPU.
     *
     * @param pid in the pid namespace of the driver, which is the host's
     * @param used contexts and code included; 0 where the driver does not know
     */
    public record User(long pid, Bytes used) {}
}
