package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.EngineBooks.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients with kernels, copies, graphs, pools, mappings and exports are killed at random instants: their memory and their turns
 * come back, and a client that lives notices nothing.
 */
class KilledClientsTest {
    private static final int AT_ONCE = 3;
    private static final long KERNEL_NS = 5_000_000;
    private static final int HALF = 3; // three blocks fill one of two SMs

    @TempDir
    private Path cards;

    private final int kills = Boolean.getBoolean("sluice.soak") ? 1000 : 30;
    private final long seed = Long.getLong("sluice.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @BeforeEach
    void sayTheSeed() {
        System.out.printf("%d kills, -Dsluice.seed=%d%n", kills, seed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "50-500"})
    void leaveNoByteAndNoTurnBehind(String lateMemoryMs) throws Exception {
        Card.install(
                cards,
                Card.of(1L << 30)
                        .with("late_memory_ms=" + lateMemoryMs)
                        .with("length_ns.spin=parameter:0")
                        .with("sms=2"));
        try (Churn survivor = Churn.working(cards, random.nextInt(), 0, 1)) {
            killAtRandom();
            survivor.stop();
            assertThat(survivor.output()).isEqualTo("ready\n");
        }
        try (Churn last = Churn.emptying(cards, 60_000)) {
            System.out.printf(
                    "late_memory_ms=%s: all memory is back %s ms after%n",
                    lateMemoryMs, last.output().strip());
        }
        assertThat(sharedFiles()).as("files of memory that leaves its process").isEmpty();
        assertAllTurnsAreFree();
    }

    private void killAtRandom() throws Exception {
        List<Churn> victims = new ArrayList<>();
        try {
            for (int i = 0; i < kills; i++) {
                victims.add(Churn.working(cards, random.nextInt(), 0, 1 + random.nextInt(3)));
                Thread.sleep(random.nextInt(60), random.nextInt(1_000_000));
                if (victims.size() == AT_ONCE) {
                    victims.remove(random.nextInt(AT_ONCE)).kill();
                }
            }
            for (Churn victim : victims) {
                victim.kill();
            }
        } finally {
            victims.forEach(Churn::close);
        }
    }

    private List<String> sharedFiles() throws Exception {
        try (Stream<Path> files = Files.list(cards)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(".*\\.shared\\.\\d+"))
                    .toList();
        }
    }

    /** Two kernels of one context that each fill half of the card run at once: nobody else has a turn, or an SM. */
    private void assertAllTurnsAreFree() throws Exception {
        String half = Load.stream(0, 10, KERNEL_NS, 0, HALF, false);
        try (Load load = Load.ready(cards, half, half)) {
            EngineBooks books = EngineBooks.open(cards, Card.FIRST_UUID);
            load.go();
            load.untilDone();
            List<Run> runs = books.read();
            long from = runs.stream()
                    .filter(run -> run.pid() == load.pid())
                    .mapToLong(Run::startNs)
                    .min()
                    .orElseThrow();
            List<Run> since = runs.stream().filter(run -> run.endNs() > from).toList();
            assertThat(since).extracting(Run::pid).containsOnly(load.pid());
            assertThat(since.stream().mapToLong(Run::lengthNs).sum()).isEqualTo(20 * KERNEL_NS);
        }
    }
}
