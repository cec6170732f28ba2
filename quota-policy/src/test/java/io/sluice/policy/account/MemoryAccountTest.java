package io.sluice.policy.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.Bytes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class MemoryAccountTest {
    private enum What {
        CHARGE,
        RELEASE,
        DIE,
        SWEEP,
        LIMIT
    }

    private record Step(What what, int process, long bytes) {}

    @Property
    void noGrantEverPassesTheLimitInForce(@ForAll("traces") List<Step> trace) {
        MemoryAccount account = new MemoryAccount(Bytes.of(10_000));
        for (Step step : trace) {
            boolean granted = apply(account, step);
            if (granted) {
                assertThat(account.used()).isLessThanOrEqualTo(account.limit());
            }
        }
    }

    @Property
    void usedIsWhatWasGrantedAndNotGivenBack(@ForAll("traces") List<Step> trace) {
        MemoryAccount account = new MemoryAccount(Bytes.of(10_000));
        Map<Integer, Long> expected = new HashMap<>();
        for (Step step : trace) {
            long before = account.held(step.process).value();
            boolean live = account.isLive(step.process);
            boolean granted = apply(account, step);
            if (step.what == What.DIE && live) {
                expected.remove(step.process);
            } else if (granted) {
                expected.merge(step.process, step.bytes, Long::sum);
            } else if (step.what == What.RELEASE && live) {
                expected.merge(step.process, -Math.min(before, step.bytes), Long::sum);
            }
        }
        account.sweep();
        assertThat(account.used().value())
                .isEqualTo(expected.values().stream().mapToLong(Long::longValue).sum());
    }

    @Property
    void aRequestThatFitsBesideTheLivingIsGranted(@ForAll("traces") List<Step> trace) {
        MemoryAccount account = new MemoryAccount(Bytes.of(10_000));
        trace.forEach(step -> apply(account, step));
        MemoryAccount swept = new MemoryAccount(Bytes.of(10_000));
        trace.forEach(step -> apply(swept, step));
        swept.sweep();
        long room = swept.limit().value() - swept.used().value();
        if (room > 0) {
            assertThat(account.charge(99, Bytes.of(room))).isTrue();
            assertThat(account.charge(99, Bytes.of(1))).isFalse();
        }
    }

    @Example
    void theWorkedNumbersOfTheClassComment() {
        MemoryAccount account = new MemoryAccount(Bytes.of(1000));
        assertThat(account.charge(1, Bytes.of(600))).isTrue();
        assertThat(account.charge(2, Bytes.of(300))).isTrue();
        account.die(2);
        assertThat(account.charge(3, Bytes.of(300))).isTrue();
        assertThat(account.used()).isEqualTo(Bytes.of(900));
        assertThat(account.charge(3, Bytes.of(101))).isFalse();
        assertThat(account.charge(3, Bytes.of(100))).isTrue();
        assertThat(account.peak()).isEqualTo(Bytes.of(1000));
    }

    @Example
    void aRequestNearTheLargestNumberIsDeniedAndDoesNotOverflow() {
        MemoryAccount account = new MemoryAccount(Bytes.of(Long.MAX_VALUE));
        assertThat(account.charge(1, Bytes.of(1))).isTrue();
        assertThat(account.charge(1, Bytes.of(Long.MAX_VALUE))).isFalse();
        assertThat(account.charge(1, Bytes.of(Long.MAX_VALUE - 1))).isTrue();
    }

    @Provide
    Arbitrary<List<Step>> traces() {
        Arbitrary<Step> steps = Combinators.combine(
                        Arbitraries.frequency(
                                Tuple.of(6, What.CHARGE),
                                Tuple.of(4, What.RELEASE),
                                Tuple.of(1, What.DIE),
                                Tuple.of(1, What.SWEEP),
                                Tuple.of(1, What.LIMIT)),
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.longs().between(1, 6_000))
                .as(Step::new);
        return steps.list().ofMaxSize(80);
    }

    /** Whether the step was a charge that was granted. A process that has died starts again, empty, with its next step. */
    private static boolean apply(MemoryAccount account, Step step) {
        switch (step.what) {
            case CHARGE -> {
                return account.isLive(step.process) && account.charge(step.process, Bytes.of(step.bytes));
            }
            case RELEASE -> {
                if (account.isLive(step.process)) {
                    long held = account.held(step.process).value();
                    account.release(step.process, Bytes.of(Math.min(held, step.bytes)));
                }
            }
            case DIE -> {
                if (account.isLive(step.process)) {
                    account.die(step.process);
                }
            }
            case SWEEP -> account.sweep();
            case LIMIT -> account.setLimit(Bytes.of(step.bytes * 2));
        }
        return false;
    }
}
