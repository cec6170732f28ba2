package io.sluice.policy.tenantfile;

import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import java.util.Optional;

/**
 * What a tenant may use of a GPU's time.
 *
 * @param share what it receives where others want the GPU, too
 * @param max what it may use where they do not, at least the share; empty for no more than the share
 */
public record SmQuota(Share share, Optional<Share> max, Priority priority) {
    /** The most that the tenant may use at any time. */
    public Share cap() {
        return max.orElse(share);
    }
}
