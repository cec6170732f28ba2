package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of several threads that do all kinds of work beside each other. Built with the same sanitizer as the driver. */
class ChurnTest {
    private static final int PROCESSES = 3;
    private static final int THREADS = 4;

    @TempDir
    private Path cards;

    @BeforeEach
    void install() throws Exception {
        Card.install(cards, Card.of(1L << 30));
    }

    @Test
    void allGetRightResultsAndLeaveNothingBehind() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        int rounds = Boolean.getBoolean("sluice.soak") ? 5000 : 100;
        System.out.printf(
                "%d processes, %d threads each, %d rounds, -Dsluice.seed=%d%n", PROCESSES, THREADS, rounds, seed);
        Random random = new Random(seed);
        List<Churn> clients = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                clients.add(Churn.working(cards, random.nextInt(), rounds, THREADS));
            }
            for (Churn client : clients) {
                assertThat(client.output()).isEqualTo("ready\n");
            }
        } finally {
            clients.forEach(Churn::close);
        }
        try (Churn last = Churn.emptying(cards, 0)) {
            last.output();
        }
    }
}
