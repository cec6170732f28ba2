package io.sluice.policy.tenantfile;

import java.time.Duration;

/** What happens to a request for more memory than the limit leaves. */
public sealed interface OnExcess {

    /** It is denied at once. */
    record Deny() implements OnExcess {}

    /**
     * It waits for its turn.
     *
     * @param most then it is denied
     */
    record Wait(Duration most) implements OnExcess {}

    /** It is given managed memory that stays on the host, where the call allows that; else it is denied. */
    record Spill() implements OnExcess {}
}
