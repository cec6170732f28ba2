package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.simulator.EngineBooks.Run;
import java.util.Comparator;
import java.util.List;

/** What the tests ask of the books, and what must hold of them always. */
final class Runs {
    private static final long SWITCH_NS = 50_000;

    private Runs() {}

    /** Nobody runs twice at once, contexts never overlap, SMs are never exceeded, and a change of context costs its time. */
    static void assertConsistent(List<Run> runs) {
        List<Run> sorted = runs.stream()
                .sorted(Comparator.comparingLong(Run::startNs).thenComparingLong(Run::endNs))
                .toList();
        Run last = null;
        for (Run run : sorted) {
            assertThat(run.endNs()).as("%s", run).isGreaterThan(run.startNs());
            assertThat(run.startNs()).as("start of %s", run).isGreaterThanOrEqualTo(run.readyNs());
            if (last != null && (last.pid() != run.pid() || last.context() != run.context())) {
                assertThat(run.startNs()).as("%s after %s", run, last).isGreaterThanOrEqualTo(last.endNs() + SWITCH_NS);
            }
            last = last == null || run.endNs() >= last.endNs() ? run : last;
        }
        for (Run run : sorted) {
            int sms = sorted.stream()
                    .filter(other -> other.startNs() <= run.startNs() && other.endNs() > run.startNs())
                    .mapToInt(Run::sms)
                    .sum();
            assertThat(sms).as("SMs in use at the start of %s", run).isLessThanOrEqualTo(run.smsOfCard());
        }
    }

    static long lengthOf(List<Run> runs, Load load) {
        return runs.stream()
                .filter(run -> run.pid() == load.pid())
                .mapToLong(Run::lengthNs)
                .sum();
    }

    static long firstStart(List<Run> runs, Load load) {
        return runs.stream()
                .filter(run -> run.pid() == load.pid())
                .mapToLong(Run::startNs)
                .min()
                .orElseThrow();
    }

    static long lastEnd(List<Run> runs, Load load) {
        return runs.stream()
                .filter(run -> run.pid() == load.pid())
                .mapToLong(Run::endNs)
                .max()
                .orElseThrow();
    }
}
