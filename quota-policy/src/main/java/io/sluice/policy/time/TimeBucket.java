package io.sluice.policy.time;

/**
 * One tenant's SM time on one GPU, shared by all its processes: a theoretical arrival time, and nothing else that moves.
 *
 * <p>A launch is admitted when the arrival time has come. Its estimate then moves the arrival time on, by estimate /
 * share; when its true length is known, the difference follows. It guarantees:
 *
 * <ul>
 *   <li>charged device time in any window W is at most share × W + burst + the longest charge, plus share × the time
 *       that the tenant had waited for its turn (see {@code backloggedSinceNs}), at most {@value #LONGEST_CARRY_NS} ns;
 *   <li>a tenant that always has something to launch is charged share × W in the long run: roundings go up, by less
 *       than 1 ns a charge;
 *   <li>a launch that waits is passed within {@link #ceilingNs()} of when the books first said that it would be.
 * </ul>
 *
 * <p>Worked: share 25 %, burst 2 ms, idle until 100 ms. The arrival time rises to 100 − 2/0.25 = 92 ms; four charges of
 * 1 ms take it to 108 ms, three of them at once (96, 100, 104 ms: the third was admitted at 100), the fourth at 104 ms.
 *
 * <p>Times are 0 to 2^62 ns (146 years), so that no sum here overflows.
 */
public final class TimeBucket {
    public static final long DEFAULT_BURST_NS = 2_000_000;
    public static final long DEFAULT_CEILING_NS = 2_000_000_000;
    /** A day: longer estimates and kernels are charged as this. */
    public static final long LONGEST_WORK_NS = 86_400_000_000_000L;
    /** The arrival time is never further ahead: 600 ms of kernel at a share of 1 %. What lies beyond is forgiven. */
    public static final long LARGEST_DEBT_NS = 60_000_000_000L;
    /** What was not used in the last so many ns of waiting for a turn may be used later; what is older is lost. */
    public static final long LONGEST_CARRY_NS = 2_000_000_000;

    private final long burstNs;
    private final long ceilingNs;
    private Share share;
    private long arrivalNs;
    private long debts;

    public TimeBucket(Share share) {
        this(share, DEFAULT_BURST_NS, DEFAULT_CEILING_NS);
    }

    /**
     * @param burstNs device time that a tenant which was idle may use at once
     * @param ceilingNs wall time after which a launch that should have been admitted passes all the same
     */
    public TimeBucket(Share share, long burstNs, long ceilingNs) {
        this.share = share;
        this.burstNs = burstNs;
        this.ceilingNs = ceilingNs;
    }

    /** As {@link #admit(long, long, long)} for a tenant that has waited for nobody's turn. */
    public boolean admit(long nowNs, long estimateNs) {
        return admit(nowNs, nowNs, estimateNs);
    }

    /**
     * Admits a launch, if its time has come, and charges the estimate.
     *
     * @param backloggedSinceNs since when others' turns have kept the tenant from launching, at most {@code nowNs}: what
     *     its share grants from then on is not lost. With {@code nowNs} here a tenant of 25 % that comes to its turn
     *     every 20 ms would keep the burst of 2 ms and lose the other 3.
     * @param estimateNs device time, at least 0
     */
    public boolean admit(long nowNs, long backloggedSinceNs, long estimateNs) {
        return admit(nowNs, backloggedSinceNs, 0, estimateNs);
    }

    /**
     * The same for a tenant that takes turns with others.
     *
     * @param aheadNs device time that may be taken before it is granted: a tenant uses in one turn what its share grants
     *     between two. It lasts for that long once, and changes no long run.
     */
    public boolean admit(long nowNs, long backloggedSinceNs, long aheadNs, long estimateNs) {
        if (arrivalNs > nowNs + share.wallNs(aheadNs)) {
            return false;
        }
        charge(nowNs, backloggedSinceNs, estimateNs);
        return true;
    }

    /** Charges a launch that its wait's ceiling lets pass before its time, and counts it. */
    public void passAsDebt(long nowNs, long estimateNs) {
        debts++;
        charge(nowNs, nowNs, estimateNs);
    }

    /**
     * Settles a charge by what the launch really took.
     *
     * @param estimateNs what {@link #admit} charged for it
     * @return whether the arrival time came nearer, so that whoever waits must be woken
     */
    public boolean settle(long nowNs, long estimateNs, long actualNs) {
        // Not the difference's wall time: this way roundings cancel, and the sum of both steps is wallNs(actual).
        long beforeNs = arrivalNs;
        moveTo(nowNs, arrivalNs + wallNs(actualNs) - wallNs(estimateNs));
        return arrivalNs < beforeNs;
    }

    /**
     * Changes the share. What is owed (or saved) stays the same device time: 2 s of waiting at 10 % become 222 ms at 90 %.
     *
     * @return whether the arrival time came nearer, so that whoever waits must be woken
     */
    public boolean setShare(long nowNs, Share next) {
        if (next.equals(share)) {
            return false;
        }
        long beforeNs = arrivalNs;
        long owedNs = Math.max(arrivalNs - nowNs, -share.wallNs(burstNs) - LONGEST_CARRY_NS);
        long device = owedNs < 0 ? -share.deviceNs(-owedNs) : share.deviceNs(owedNs);
        share = next;
        moveTo(nowNs, nowNs + (device < 0 ? -next.wallNs(-device) : next.wallNs(device)));
        return arrivalNs < beforeNs;
    }

    /** How long a launch waits if nothing changes: wall ns, 0 where it would be admitted now. */
    public long waitNs(long nowNs) {
        return Math.max(0, arrivalNs - nowNs);
    }

    /**
     * When a launch that is refused now passes as debt at the latest, whatever others charge meanwhile.
     *
     * <p>Counted from when its time should come, not from now: at 5 % a kernel of 200 ms owes 4 s, and a ceiling of 2 s
     * from now would let the tenant have 10 %.
     */
    public long deadlineNs(long nowNs) {
        return Math.max(nowNs, arrivalNs) + ceilingNs;
    }

    public Share share() {
        return share;
    }

    public long ceilingNs() {
        return ceilingNs;
    }

    /** Launches that passed as debt. */
    public long debts() {
        return debts;
    }

    /** The word that processes share. */
    long arrivalNs() {
        return arrivalNs;
    }

    private void charge(long nowNs, long backloggedSinceNs, long estimateNs) {
        long sinceNs = Math.max(backloggedSinceNs, nowNs - LONGEST_CARRY_NS);
        long floorNs = sinceNs - share.wallNs(burstNs);
        moveTo(nowNs, Math.max(arrivalNs, floorNs) + wallNs(estimateNs));
    }

    private void moveTo(long nowNs, long nextNs) {
        arrivalNs = Math.min(nextNs, nowNs + LARGEST_DEBT_NS);
    }

    private long wallNs(long deviceNs) {
        return share.wallNs(Math.min(deviceNs, LONGEST_WORK_NS));
    }
}
