package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sluice.simulator.EngineBooks.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How processes share the compute engine, as its own books tell it. Three blocks fill an SM by their shared memory; there are 2. */
class EngineTest {
    private static final int WHOLE = 6;
    private static final int HALF = 3;
    private static final long SLICE_NS = 2_000_000;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, exact());
    }

    private static Card exact() {
        return Card.of(64 << 20).with("length_ns.spin=parameter:0").with("sms=2");
    }

    private EngineBooks books() throws Exception {
        return EngineBooks.open(cards, Card.FIRST_UUID);
    }

    @Test
    void aLongKernelIsInterruptedForTheShortOnesOfAnother() throws Exception {
        try (Load longOne = Load.ready(cards, Load.stream(0, 1, 200_000_000, 0, WHOLE, false));
                Load shortOnes = Load.ready(cards, Load.stream(0, 20, 20_000, 0, WHOLE, true))) {
            EngineBooks books = books();
            longOne.go();
            Thread.sleep(20);
            shortOnes.go();
            shortOnes.untilDone();
            longOne.untilDone();
            List<Run> runs = books.read();
            Runs.assertConsistent(runs);
            assertThat(Runs.lengthOf(runs, longOne)).isEqualTo(200_000_000);
            assertThat(Runs.lengthOf(runs, shortOnes)).isEqualTo(20 * 20_000);
            assertThat(Runs.lastEnd(runs, shortOnes))
                    .as("the short ones are over before the long one")
                    .isLessThan(Runs.lastEnd(runs, longOne));
            assertThat(runs.stream().filter(run -> run.pid() == longOne.pid() && !run.ended()))
                    .as("interruptions of the long one")
                    .isNotEmpty();
        }
    }

    @Test
    void contextsThatAlwaysHaveWorkGetEqualTime() throws Exception {
        try (Load one = Load.ready(cards, Load.stream(0, 10, 40_000_000, 0, WHOLE, false));
                Load two = Load.ready(cards, Load.stream(0, 4, 100_000_000, 0, WHOLE, false))) {
            EngineBooks books = books();
            one.go();
            two.go();
            one.untilDone();
            two.untilDone();
            List<Run> runs = books.read();
            Runs.assertConsistent(runs);
            long from = Math.max(Runs.firstStart(runs, one), Runs.firstStart(runs, two)) + 20_000_000;
            Map<Long, Long> busy = EngineBooks.busyNsByPid(runs, from, from + 500_000_000);
            assertThat(busy.get(one.pid()))
                    .as("busy ns in half a second: %s", busy)
                    .isCloseTo(busy.get(two.pid()), within(5 * SLICE_NS));
        }
    }

    @Test
    void kernelsOfOneContextThatFillHalfTheSmsRunBesideEachOther() throws Exception {
        String half = Load.stream(0, 10, 3_000_000, 0, HALF, false);
        try (Load load = Load.ready(cards, half, half)) {
            EngineBooks books = books();
            load.go();
            load.untilDone();
            List<Run> runs = books.read();
            Runs.assertConsistent(runs);
            assertThat(Runs.lengthOf(runs, load)).as("lengths of all kernels").isEqualTo(60_000_000);
            assertThat(EngineBooks.busyNsByPid(runs, 0, Long.MAX_VALUE).get(load.pid()))
                    .as("busy ns")
                    .isLessThan(45_000_000);
        }
    }

    @Test
    void aStreamOfHigherPriorityGoesFirst() throws Exception {
        try (Load load = Load.ready(
                cards,
                Load.stream(0, 30, 3_000_000, 0, WHOLE, false),
                Load.stream(-5, 10, 3_000_000, 0, WHOLE, false))) {
            EngineBooks books = books();
            load.go();
            load.untilDone();
            List<Run> runs = books.read();
            Runs.assertConsistent(runs);
            List<Long> streams = runs.stream().map(Run::stream).distinct().toList();
            Map<Long, Long> ends = runs.stream().collect(Collectors.toMap(Run::stream, Run::endNs, Math::max));
            assertThat(streams).hasSize(2);
            long high = streams.stream().max(Comparator.naturalOrder()).orElseThrow();
            long low = streams.stream().min(Comparator.naturalOrder()).orElseThrow();
            assertThat(ends.getOrDefault(high, Long.MAX_VALUE) + 30_000_000)
                    .as("end of the higher priority, and ten kernels")
                    .isLessThan(ends.getOrDefault(low, 0L));
        }
    }

    @Test
    void twoRunsOfOneScriptGiveTheSameBusyTimes() throws Exception {
        for (String noise : List.of("noise=on", "noise=off")) {
            Card.install(cards, exact().with(noise).with("seed=77"));
            List<Long> first = busyTimes();
            List<Long> second = busyTimes();
            System.out.printf("%s: busy ns per process %s, then %s%n", noise, first, second);
            for (int i = 0; i < first.size(); i++) {
                assertThat((double) second.get(i)).isCloseTo(first.get(i), within(first.get(i) / 100.0));
            }
        }
    }

    private List<Long> busyTimes() throws Exception {
        try (Load one = Load.ready(cards, Load.stream(0, 300, 20_000, 2_000_000, WHOLE, false));
                Load two = Load.ready(cards, Load.stream(0, 3, 20_000_000, 100_000_000, WHOLE, false))) {
            EngineBooks books = books();
            one.go();
            two.go();
            one.untilDone();
            two.untilDone();
            Map<Long, Long> busy = EngineBooks.busyNsByPid(books.read(), 0, Long.MAX_VALUE);
            return List.of(busy.get(one.pid()), busy.get(two.pid()));
        }
    }

    @Test
    void fourProcessesKeepTheTimelineExactAndWaitLittleLongerThanIt() throws Exception {
        List<Load> loads = new ArrayList<>();
        try {
            for (String script : List.of(
                    Load.stream(0, 800, 20_000, 200_000, WHOLE, true),
                    Load.stream(0, 200, 200_000, 2_000_000, WHOLE, true),
                    Load.stream(0, 30, 2_000_000, 20_000_000, WHOLE, true),
                    Load.stream(0, 4, 100_000_000, 200_000_000, WHOLE, true))) {
                loads.add(Load.ready(cards, script));
            }
            EngineBooks books = books();
            loads.forEach(Load::go);
            List<List<Long>> returns = new ArrayList<>();
            for (Load load : loads) {
                returns.add(load.untilDone());
            }
            List<Run> runs = books.read();
            assertThat(books.lost()).isZero();
            Runs.assertConsistent(runs);
            List<Long> lags = new ArrayList<>();
            for (int i = 0; i < loads.size(); i++) {
                lags.addAll(lags(runs, loads.get(i), returns.get(i)));
            }
            double mean = lags.stream().mapToLong(Long::longValue).average().orElseThrow();
            List<Long> sorted = lags.stream().sorted().toList();
            System.out.printf(
                    "wall lag of %d waits of four processes: mean %.3f ms, median %.3f ms, worst %.3f ms%n",
                    lags.size(), mean / 1e6, sorted.get(lags.size() / 2) / 1e6, sorted.get(lags.size() - 1) / 1e6);
            assertThat(mean).as("mean lag in ns").isLessThan(50_000_000);
        } finally {
            loads.forEach(Load::close);
        }
    }

    /** How much later than its kernel each wait returned: kernel and wait follow each other one by one. */
    private static List<Long> lags(List<Run> runs, Load load, List<Long> returns) {
        List<Run> ended = runs.stream()
                .filter(run -> run.pid() == load.pid() && run.ended())
                .toList();
        assertThat(ended).hasSameSizeAs(returns);
        List<Long> lags = new ArrayList<>();
        for (int i = 0; i < ended.size(); i++) {
            assertThat(returns.get(i))
                    .as("a wait returns after its kernel")
                    .isGreaterThanOrEqualTo(ended.get(i).endNs());
            lags.add(returns.get(i) - ended.get(i).endNs());
        }
        return lags;
    }

    @Test
    void whatAStoppedProcessHasLaunchedGoesOnAndHoldsNobodyUp() throws Exception {
        try (Load stopped = Load.ready(cards, Load.stream(0, 1, 100_000_000, 0, WHOLE, false));
                Load other = Load.ready(cards, Load.stream(0, 100, 3_000_000, 0, WHOLE, false))) {
            EngineBooks books = books();
            stopped.go();
            Thread.sleep(20);
            stopped.signal("STOP");
            other.go();
            other.untilDone();
            List<Run> runs = books.read();
            Runs.assertConsistent(runs);
            assertThat(Runs.lengthOf(runs, stopped))
                    .as("the stopped process' kernel")
                    .isEqualTo(100_000_000);
            assertThat(Runs.lengthOf(runs, other)).isEqualTo(300_000_000);
        }
    }

    @Test
    void aKilledProcessLosesItsTurn() throws Exception {
        try (Load killed = Load.ready(cards, Load.stream(0, 10, 1_000_000_000_000L, 0, WHOLE, false));
                Load other = Load.ready(cards, Load.stream(0, 10, 3_000_000, 0, WHOLE, false))) {
            EngineBooks books = books();
            killed.go();
            Thread.sleep(20);
            killed.kill();
            long deadAt = System.nanoTime();
            other.go();
            other.untilDone();
            List<Run> runs = books.read();
            Runs.assertConsistent(runs);
            assertThat(Runs.lastEnd(runs, killed))
                    .as("end of the dead process' turn")
                    .isLessThan(deadAt + 2 * SLICE_NS);
            assertThat(Runs.lengthOf(runs, other)).isEqualTo(30_000_000);
        }
    }

    @Test
    void processesKilledAtAnyInstantLeaveNoTurnBehind() throws Exception {
        int kills = Boolean.getBoolean("sluice.soak") ? 1000 : 30;
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        Random random = new Random(seed);
        try (Load survivor = Load.ready(cards, Load.stream(0, 40 * kills, 100_000, 3_000_000, WHOLE, false))) {
            EngineBooks books = books();
            survivor.go();
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < kills; i++) {
                try (Load victim = Load.ready(cards, Load.stream(0, 1000, 20_000, 200_000_000, HALF, false))) {
                    victim.go();
                    Thread.sleep(random.nextInt(30), random.nextInt(1_000_000));
                    victim.kill();
                }
                runs.addAll(books.read());
            }
            survivor.untilDone();
            runs.addAll(books.read());
            assertThat(books.lost()).as("lost records, seed %d", seed).isZero();
            Runs.assertConsistent(runs);
            long own = Runs.lengthOf(runs, survivor);
            try (Load next = Load.ready(cards, Load.stream(0, 10, 1_000_000, 0, WHOLE, true))) {
                next.go();
                next.untilDone();
                assertThat(Runs.lengthOf(books.read(), next))
                        .as("seed %d", seed)
                        .isEqualTo(10_000_000);
            }
            assertThat(own).isPositive();
        }
    }
}
