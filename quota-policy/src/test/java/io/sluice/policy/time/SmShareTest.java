package io.sluice.policy.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What the models give together, by the books of a GPU that knows nothing of them. */
class SmShareTest {
    private static final long SECOND_NS = 1_000_000_000;
    private static final ModelApp.Shape DEEP = new ModelApp.Shape(1, 4, 0);
    private static final int SECONDS = Boolean.getBoolean("sluice.soak") ? 60 : 5;

    private record Neighbour(int percent, long kernelNs) {}

    @Property(tries = 8)
    void aTenantAloneGetsTheShareItIsSetWhateverTheKernelsLength(
            @ForAll @IntRange(min = 5, max = 95) int percent,
            @ForAll @IntRange(min = 50_000, max = 1_000_000) int kernelNs) {
        Load load = new Load("constant", DEEP, 1, Load.constant(kernelNs));
        assertThat(ShareTable.share(load, percent, SECONDS, ShareTable.Limiter.SLUICE))
                .isCloseTo(percent / 100.0, within(0.005));
    }

    @Example
    void kernelsOf200MsCountInFull() {
        for (int percent : new int[] {10, 30, 90}) {
            assertThat(ShareTable.share(Load.named("200 ms"), percent, 4L * SECONDS, ShareTable.Limiter.SLUICE))
                    .isCloseTo(percent / 100.0, within(0.2 / (4.0 * SECONDS) + 0.001));
        }
    }

    @Example
    void fourProcessesOfATenantShareOneShare() {
        assertThat(ShareTable.share(Load.named("4 processes of 200 us"), 30, SECONDS, ShareTable.Limiter.SLUICE))
                .isCloseTo(0.30, within(0.005));
    }

    @Example
    void eightStreamsThatRunBesideEachOtherCountOnce() {
        assertThat(ShareTable.share(Load.named("8 streams of 200 us"), 30, SECONDS, ShareTable.Limiter.SLUICE))
                .isCloseTo(0.30, within(0.005));
    }

    @Example
    void aTenantThatAsksForLessIsNotHeldBack() {
        Load load = Load.named("20 us, 80 us host");
        double asked = ShareTable.share(load, 100, SECONDS, ShareTable.Limiter.NONE);
        assertThat(ShareTable.share(load, 30, SECONDS, ShareTable.Limiter.SLUICE))
                .isCloseTo(asked, within(0.005));
    }

    @Example
    void backloggedTenantsGetTheirSharesOfABusyGpu() {
        holdsShares(List.of(new Neighbour(30, 200_000), new Neighbour(70, 200_000)));
        holdsShares(List.of(new Neighbour(10, 2_000_000), new Neighbour(90, 20_000)));
        holdsShares(List.of(
                new Neighbour(25, 20_000),
                new Neighbour(25, 200_000),
                new Neighbour(25, 2_000_000),
                new Neighbour(25, 20_000_000)));
    }

    @Example
    void aTenantThatReturnsFromIdlingHasItsShareWithinTwoQuanta() {
        ModelNode node = new ModelNode();
        List<ModelApp> apps = start(node, List.of(new Neighbour(50, 200_000), new Neighbour(50, 200_000)));
        node.run(SECOND_NS);
        apps.get(0).pause(true);
        node.run(2 * SECOND_NS);
        long before = node.gpu.busyNs(0);
        apps.get(0).pause(false);
        node.run(2 * SECOND_NS + 2 * Turns.NORMAL_QUANTUM_NS + 1_000_000);
        assertThat(node.gpu.busyNs(0) - before).isGreaterThanOrEqualTo(Turns.NORMAL_QUANTUM_NS * 9 / 10);
    }

    private static void holdsShares(List<Neighbour> neighbours) {
        ModelNode node = new ModelNode();
        start(node, neighbours);
        node.run(SECONDS * SECOND_NS);
        double busy = 0;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < neighbours.size(); i++) {
            double share = (double) node.gpu.busyNs(i) / (SECONDS * SECOND_NS);
            double set = neighbours.get(i).percent / 100.0;
            assertThat(share).as("%s of %s", neighbours.get(i), neighbours).isCloseTo(set, within(0.01));
            busy += share;
            sum += share / set;
            squares += share / set * (share / set);
        }
        assertThat(busy).as("GPU busy").isGreaterThanOrEqualTo(0.95);
        assertThat(sum * sum / neighbours.size() / squares).as("Jain index").isGreaterThanOrEqualTo(0.999);
    }

    private static List<ModelApp> start(ModelNode node, List<Neighbour> neighbours) {
        Turns turns = new Turns();
        List<ModelApp> apps = new ArrayList<>();
        for (int i = 0; i < neighbours.size(); i++) {
            Neighbour one = neighbours.get(i);
            Governor governor =
                    new SluiceGovernor(node, turns, i, Share.ofPercent(one.percent), Turns.NORMAL_QUANTUM_NS);
            apps.add(new ModelApp(
                    node, governor, i, DEEP, Load.constant(one.kernelNs).from(new Random(i))));
        }
        return apps;
    }
}
