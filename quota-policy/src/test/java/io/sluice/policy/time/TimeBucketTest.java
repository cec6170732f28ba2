package io.sluice.policy.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class TimeBucketTest {
    private static final long MS = 1_000_000;
    private static final long START_NS = 1_000_000 * MS;

    /** A kernel that was admitted: what it truly takes, and when it started. */
    private record Run(long atNs, long lengthNs) {}

    @Example
    void theWorkedNumbersOfTheClassComment() {
        TimeBucket bucket = new TimeBucket(Share.ofPercent(25));
        for (int i = 0; i < 3; i++) {
            assertThat(bucket.admit(100 * MS, MS)).isTrue();
        }
        assertThat(bucket.admit(100 * MS, MS)).isFalse();
        assertThat(bucket.waitNs(100 * MS)).isEqualTo(4 * MS);
        assertThat(bucket.admit(104 * MS, MS)).isTrue();
        assertThat(bucket.arrivalNs()).isEqualTo(108 * MS);
    }

    @Property(tries = 200)
    void aBackloggedTenantGetsItsShareToATenthOfAPercent(
            @ForAll("shares") Share share,
            @ForAll("kernels") List<Long> kernels,
            @ForAll("estimates") long estimateNs) {
        List<Run> runs = backlogged(share, kernels, estimateNs, 4000 * kernels.size());
        long worked = 0;
        for (Run run : runs.subList(0, runs.size() - 1)) {
            worked += run.lengthNs;
        }
        double elapsed = runs.get(runs.size() - 1).atNs - START_NS;
        // The burst is the only gift: at the very start, once.
        assertThat((worked - 2.0 * MS) / elapsed)
                .isCloseTo(share.millionths() / 1e6, within(0.001 + 200.0 * MS / elapsed));
    }

    @Property(tries = 200)
    void noWindowHoldsMoreThanShareBurstAndTheLongestKernel(
            @ForAll("shares") Share share,
            @ForAll("kernels") List<Long> kernels,
            @ForAll @LongRange(min = 1, max = 5_000_000_000L) long windowNs) {
        List<Run> runs = backlogged(share, kernels, -1, 2000);
        long longest = kernels.stream().mapToLong(Long::longValue).max().orElseThrow();
        long most = share.deviceNs(windowNs) + TimeBucket.DEFAULT_BURST_NS + longest + 1;
        int first = 0;
        long inside = 0;
        for (Run run : runs) {
            inside += run.lengthNs;
            while (run.atNs - runs.get(first).atNs > windowNs) {
                inside -= runs.get(first++).lengthNs;
            }
            assertThat(inside).isLessThanOrEqualTo(most);
        }
    }

    @Property(tries = 200)
    void aShareThatChangesAThousandTimesIsTheShareReceived(
            @ForAll @Size(min = 2, max = 20) List<@IntRange(min = 1, max = 100) Integer> percents) {
        TimeBucket bucket = new TimeBucket(Share.ofPercent(percents.get(0)));
        long now = START_NS;
        double due = 2.0 * MS;
        long worked = 0;
        for (int change = 0; change < 1000; change++) {
            long until = now + 50 * MS;
            while (now < until) {
                long step = Math.min(bucket.waitNs(now), until - now);
                due += step * (bucket.share().millionths() / 1e6);
                now += step;
                if (bucket.admit(now, now, 3 * MS)) {
                    bucket.settle(now, 3 * MS, MS + change);
                    worked += MS + change;
                }
            }
            bucket.setShare(now, Share.ofPercent(percents.get(change % percents.size())));
        }
        assertThat((double) worked).isCloseTo(due, within(5.0 * MS));
    }

    @Example
    void aRaisedShareIsFeltAtOnceByWhoeverWaits() {
        TimeBucket bucket = new TimeBucket(Share.ofPercent(1), 0, TimeBucket.DEFAULT_CEILING_NS);
        assertThat(bucket.admit(START_NS, 9 * MS)).isTrue();
        assertThat(bucket.waitNs(START_NS)).isEqualTo(900 * MS);
        assertThat(bucket.setShare(START_NS, Share.ofPercent(90)))
                .as("wake the waiters")
                .isTrue();
        assertThat(bucket.waitNs(START_NS)).isEqualTo(10 * MS);
    }

    @Example
    void aRefundWakesAndASurchargeDoesNot() {
        TimeBucket bucket = new TimeBucket(Share.ofPercent(30));
        bucket.admit(START_NS, 100 * MS);
        assertThat(bucket.settle(START_NS, 100 * MS, MS)).isTrue();
        assertThat(bucket.settle(START_NS, MS, 100 * MS)).isFalse();
    }

    @Example
    void aKernelThatOwesMoreThanTheCeilingStillWaitsItsWholeTime() {
        TimeBucket bucket = new TimeBucket(Share.ofPercent(5));
        bucket.admit(START_NS, 200 * MS);
        long dueNs = START_NS + bucket.waitNs(START_NS);
        assertThat(bucket.deadlineNs(START_NS)).isEqualTo(dueNs + 2000 * MS);
    }

    @Property
    void noWaitOutlastsTheLargestDebtWhateverWasCharged(
            @ForAll("shares") Share share, @ForAll @Size(max = 20) List<@LongRange(min = 0) Long> charges) {
        TimeBucket bucket = new TimeBucket(share);
        for (long charge : charges) {
            bucket.passAsDebt(START_NS, charge);
        }
        assertThat(bucket.waitNs(START_NS)).isBetween(0L, TimeBucket.LARGEST_DEBT_NS);
        assertThat(bucket.debts()).isEqualTo(charges.size());
    }

    @Property
    void wallTimeIsTheExactQuotientRoundedUp(
            @ForAll("shares") Share share,
            @ForAll @LongRange(min = 0, max = TimeBucket.LONGEST_WORK_NS) long deviceNs) {
        BigInteger[] exact = BigInteger.valueOf(deviceNs)
                .multiply(BigInteger.valueOf(Share.WHOLE))
                .divideAndRemainder(BigInteger.valueOf(share.millionths()));
        assertThat(share.wallNs(deviceNs)).isEqualTo(exact[0].longValueExact() + exact[1].signum());
        assertThat(share.deviceNs(share.wallNs(deviceNs))).isBetween(deviceNs, deviceNs + 1);
    }

    @Provide
    Arbitrary<Share> shares() {
        return Arbitraries.integers().between(10_000, Share.WHOLE).map(Share::new);
    }

    @Provide
    Arbitrary<List<Long>> kernels() {
        return Arbitraries.of(20_000L, 200_000L, MS, 2 * MS, 20 * MS, 100 * MS, 200 * MS)
                .list()
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<Long> estimates() {
        return Arbitraries.of(-1L, 0L, 100_000L, 30 * MS);
    }

    /** Launches one kernel after the other, each settled when it ends; an estimate of -1 is always right. */
    private static List<Run> backlogged(Share share, List<Long> kernels, long estimateNs, int launches) {
        TimeBucket bucket = new TimeBucket(share);
        List<Run> runs = new ArrayList<>();
        long now = START_NS;
        for (int i = 0; i < launches; i++) {
            long length = kernels.get(i % kernels.size());
            long estimate = estimateNs < 0 ? length : estimateNs;
            now += bucket.waitNs(now);
            assertThat(bucket.admit(now, now, estimate)).isTrue();
            runs.add(new Run(now, length));
            now += length;
            bucket.settle(now, estimate, length);
        }
        return runs;
    }
}
