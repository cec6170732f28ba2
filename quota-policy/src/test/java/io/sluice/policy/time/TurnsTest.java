package io.sluice.policy.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class TurnsTest {
    private static final long MS = 1_000_000;

    @Property(tries = 50)
    void everyTenantsUseIsInProportionToItsWeightHoweverLongItsKernels(
            @ForAll @Size(min = 2, max = 5) List<@IntRange(min = 5, max = 100) Integer> percents,
            @ForAll @Size(min = 5, max = 5) List<@LongRange(min = 200_000, max = 200_000_000) Long> kernels) {
        Turns turns = new Turns();
        int tenants = percents.size();
        IntStream.range(0, tenants).forEach(i -> turns.add(i, Share.ofPercent(percents.get(i)), quantum(i)));
        IntStream.range(0, tenants).forEach(i -> turns.backlogged(i, i));
        long[] used = new long[tenants];
        long all = 0;
        while (all < 40_000 * MS) {
            int holder = turns.holder().orElseThrow();
            while (turns.mayLaunch(holder)) {
                turns.used(holder, kernels.get(holder));
                used[holder] += kernels.get(holder);
                all += kernels.get(holder);
            }
            turns.drained(holder);
        }
        long weights = percents.stream().mapToLong(Integer::longValue).sum();
        for (int i = 0; i < tenants; i++) {
            long due = all / weights * percents.get(i);
            assertThat(used[i]).as("tenant %s of %s", i, percents).isBetween(due - 1000 * MS, due + 1000 * MS);
        }
    }

    @Example
    void aHolderThatDiesOrStopsLosesItsTurnAndOthersGoOn() {
        Turns turns = two();
        turns.idle(0, 0);
        assertThat(turns.holder()).hasValue(1);
        assertThat(turns.mayLaunch(1)).isTrue();
    }

    @Example
    void kernelsThatWaitForEachOtherMayBothRunOnceTheHolderIsOverdue() {
        Turns turns = two();
        assertThat(turns.mayLaunch(1)).isFalse();
        turns.watch(10 * MS, MS);
        assertThat(turns.mayLaunch(1)).isFalse();
        turns.watch(10 * MS + 1, 100 * MS);
        assertThat(turns.mayLaunch(1)).as("4 times its estimate").isFalse();
        turns.watch(10 * MS + 1, MS);
        assertThat(turns.mayLaunch(1)).isTrue();
        turns.split(20 * MS, List.of(0, 1));
        turns.drained(0);
        assertThat(turns.holder()).as("the overdue turn is used up").hasValue(1);
    }

    @Example
    void aTenantWithoutAShareTakesAnEqualPartOfWhatIsLeft() {
        assertThat(Turns.partOfTheRest(List.of(Share.ofPercent(30), Share.ofPercent(30)), 2))
                .isEqualTo(Share.ofPercent(20));
        assertThat(Turns.partOfTheRest(List.of(Share.ofPercent(100)), 3)).isEqualTo(new Share(Share.LEAST));
    }

    @Property
    void aUnionCountsEachMomentOnce(
            @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 990) Integer> starts,
            @ForAll @IntRange(min = 1, max = 10) int length) {
        BusyUnion union = new BusyUnion();
        boolean[] covered = new boolean[1001];
        long sum = 0;
        for (int start : starts) {
            sum += union.add(start, start + length);
            IntStream.range(start, start + length).forEach(moment -> covered[moment] = true);
        }
        assertThat(sum)
                .isEqualTo(IntStream.range(0, 1001).filter(i -> covered[i]).count());
    }

    @Property
    void aProcessThatDiesWithALocalGrantLosesThatGrantAtMost(
            @ForAll @Size(max = 50) List<@LongRange(min = 1, max = 30_000) Long> kernels) {
        TimeBucket bucket = new TimeBucket(Share.ofPercent(50));
        LocalGrant grant = new LocalGrant(bucket, LocalGrant.DEFAULT_SIZE_NS);
        long admitted = 0;
        for (long kernel : kernels) {
            admitted += grant.admit(100 * MS, kernel) ? kernel : 0;
        }
        long charged = kernels.isEmpty() ? 0 : Share.ofPercent(50).deviceNs(bucket.arrivalNs() - 96 * MS);
        assertThat(charged - admitted).isBetween(0L, LocalGrant.DEFAULT_SIZE_NS);
        grant.giveBack(100 * MS);
        long kept = kernels.isEmpty() ? 0 : Share.ofPercent(50).deviceNs(bucket.arrivalNs() - 96 * MS);
        assertThat(kept).isEqualTo(admitted);
    }

    private static Turns two() {
        Turns turns = new Turns();
        turns.add(0, Share.ofPercent(50), Turns.NORMAL_QUANTUM_NS);
        turns.add(1, Share.ofPercent(50), Turns.NORMAL_QUANTUM_NS);
        turns.backlogged(0, 0);
        turns.backlogged(1, 1);
        return turns;
    }

    private static long quantum(int tenant) {
        return List.of(Turns.LATENCY_QUANTUM_NS, Turns.NORMAL_QUANTUM_NS, Turns.BATCH_QUANTUM_NS)
                .get(tenant % 3);
    }
}
