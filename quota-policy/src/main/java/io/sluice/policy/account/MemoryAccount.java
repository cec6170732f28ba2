package io.sluice.policy.account;

import io.sluice.policy.Bytes;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The reference model of one tenant's memory account on one GPU: what the libwrapper's books must decide, without how.
 *
 * <p>It guarantees, after every operation:
 *
 * <ul>
 *   <li>no grant ever takes the tenant's used bytes above the limit in force;
 *   <li>used bytes are the sum of what processes hold, dead ones included until they are swept;
 *   <li>a dead process never keeps a live one from bytes that fit without it.
 * </ul>
 *
 * <p>Worked: limit 1000, A holds 600, B holds 300 and dies. C asks for 300: 600 + 300 + 300 is over the limit, B is swept,
 * and C is granted 300, used 900. C asks for 101 more: denied, since 900 + 101 is over; 100 would be granted.
 *
 * <p>Not safe for use by several threads.
 */
public final class MemoryAccount {
    /** What linear, pitched and managed memory is rounded up to before it is charged. */
    public static final Bytes LINEAR_GRANULARITY = Bytes.of(512);

    private final Map<Integer, Bytes> shares = new LinkedHashMap<>();
    private final Set<Integer> dead = new HashSet<>();
    private Bytes limit;
    private Bytes peak = Bytes.ZERO;

    public MemoryAccount(Bytes limit) {
        this.limit = limit;
    }

    /**
     * A process asks for memory.
     *
     * @return whether it is granted
     */
    public boolean charge(int process, Bytes bytes) {
        requireLive(process);
        if (!fits(bytes)) {
            sweep();
        }
        if (!fits(bytes)) {
            return false;
        }
        shares.merge(process, bytes, (held, more) -> Bytes.of(held.value() + more.value()));
        peak = peak.compareTo(used()) < 0 ? used() : peak;
        return true;
    }

    /** A process gives memory back. */
    public void release(int process, Bytes bytes) {
        requireLive(process);
        shares.put(process, Bytes.of(held(process).value() - bytes.value()));
    }

    /** A process ends without giving anything back. */
    public void die(int process) {
        requireLive(process);
        dead.add(process);
    }

    /** Whether the process has not died, or has been swept since, so that its number is free again. */
    public boolean isLive(int process) {
        return !dead.contains(process);
    }

    /** Takes back what dead processes hold. */
    public Bytes sweep() {
        long taken = 0;
        for (int process : dead) {
            taken += held(process).value();
            shares.remove(process);
        }
        dead.clear();
        return Bytes.of(taken);
    }

    /** Below present usage it takes nothing away; nothing more is granted until usage has fallen. */
    public void setLimit(Bytes limit) {
        this.limit = limit;
    }

    public Bytes held(int process) {
        return shares.getOrDefault(process, Bytes.ZERO);
    }

    public Bytes used() {
        return Bytes.of(shares.values().stream().mapToLong(Bytes::value).sum());
    }

    public Bytes peak() {
        return peak;
    }

    public Bytes limit() {
        return limit;
    }

    private boolean fits(Bytes bytes) {
        // Not used + bytes <= limit: that sum may overflow.
        return used().compareTo(limit) <= 0 && bytes.value() <= limit.value() - used().value();
    }

    private void requireLive(int process) {
        if (!isLive(process)) {
            throw new IllegalStateException("process " + process + " is dead");
        }
    }
}
