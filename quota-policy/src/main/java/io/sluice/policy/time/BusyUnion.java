package io.sluice.policy.time;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The time in which a context had work on the GPU: the union of intervals of its streams, each moment counted once.
 *
 * <p>Intervals come in any order. Of disjoint stretches the last {@value #REMEMBERED} are remembered; what is older is
 * taken as counted, in the tenant's favour.
 *
 * <p>Worked: 10 to 20 adds 10; then 5 to 25 of another stream adds 5 before and 5 behind, 10.
 */
public final class BusyUnion {
    static final int REMEMBERED = 64;

    private final NavigableMap<Long, Long> endByStart = new TreeMap<>();
    private long forgottenUntilNs = Long.MIN_VALUE;

    /** @return how much of the interval was not yet counted: 0 to end − start, ns */
    public long add(long startNs, long endNs) {
        long start = Math.max(startNs, forgottenUntilNs);
        long end = endNs;
        if (end <= start) {
            return 0;
        }
        long counted = 0;
        Map.Entry<Long, Long> piece = endByStart.floorEntry(end);
        while (piece != null && piece.getValue() >= start) {
            counted += piece.getValue() - piece.getKey();
            start = Math.min(start, piece.getKey());
            end = Math.max(end, piece.getValue());
            endByStart.remove(piece.getKey());
            piece = endByStart.floorEntry(end);
        }
        endByStart.put(start, end);
        if (endByStart.size() > REMEMBERED) {
            forgottenUntilNs = endByStart.pollFirstEntry().getValue();
        }
        return end - start - counted;
    }
}
