package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.ledger.MemoryKind;
import io.sluice.bridge.ledger.ProcessUsage;
import io.sluice.policy.Bytes;
import io.sluice.policy.account.MemoryAccount;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The libwrapper and the model of the account decide the same of random calls of several processes with several threads. */
@SimulatedGpu
class TracesTest {
    private static final long OPERATIONS = Boolean.getBoolean("sluice.soak") ? 10_000_000 : 200_000;
    private static final int PROCESSES = 3;
    private static final int THREADS = 4;
    private static final long LIMIT_MIB = 24;
    private static final int RECORD_BYTES = 24;

    /** As {@code traces.c} numbers them. */
    private enum What {
        ALLOC,
        PITCH,
        MANAGED,
        CREATE,
        FREE,
        FREE_ASYNC,
        FREE_WILD,
        TELL,
        PROCESS,
        BURST,
        PAUSE;

        private static final List<What> NUMBERED = List.of(values());

        boolean takes() {
            return this == ALLOC || this == PITCH || this == MANAGED || this == CREATE;
        }
    }

    private record Call(What what, int process, int thread, int slot, int result, long a, long b) {
        static Call read(DataInputStream in) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes(RECORD_BYTES)).order(ByteOrder.nativeOrder());
            return new Call(
                    What.NUMBERED.get(bytes.get(0)),
                    bytes.get(1),
                    bytes.get(2),
                    bytes.get(3),
                    bytes.getInt(4),
                    bytes.getLong(8),
                    bytes.getLong(16));
        }

        /** What it costs the tenant if it is granted. */
        Bytes bytes() {
            return Bytes.of(
                    switch (what) {
                        case PITCH -> Charge.ofPitch(a, b);
                        case CREATE -> a;
                        default -> Charge.of(a);
                    });
        }
    }

    private record Block(Bytes bytes, boolean isMapped) {}

    @Test
    void everyDecisionAndEveryBalanceIsTheModels(Node node) throws Exception {
        Tenant alice = node.tenant("alice", LIMIT_MIB << 20);
        Process process = node.builder(
                        List.of(
                                Build.CLIENTS.resolve("traces").toString(),
                                String.valueOf(PROCESSES),
                                String.valueOf(THREADS),
                                String.valueOf(OPERATIONS),
                                String.valueOf(node.random().nextInt(1 << 30))),
                        alice.environment(Map.of()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Judge judge = new Judge(node, alice);
        try (DataInputStream in = new DataInputStream(process.getInputStream());
                OutputStream out = process.getOutputStream()) {
            while (judge.calls < OPERATIONS || judge.paused % 2 != 0) {
                if (judge.hears(Call.read(in))) {
                    out.write('\n');
                    out.flush();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        System.out.printf(
                "traces against model: seed %d, %d calls of %d processes with %d threads, %d granted, %d denied, %d in bursts,"
                        + " no difference%n",
                node.seed(), judge.calls, PROCESSES, THREADS, judge.granted, judge.denied, judge.inBursts);
        assertThat(judge.denied).isGreaterThan(judge.calls / 100);
        assertThat(judge.granted).isGreaterThan(judge.calls / 10);
    }

    /** Follows the calls in the model, and compares. */
    private static final class Judge {
        private final Node node;
        private final Tenant tenant;
        private final Random random;
        private final MemoryAccount model;
        private final long highestLimit;
        private final Map<Integer, Long> pids = new HashMap<>();
        private final Map<Integer, Block> blocks = new HashMap<>();
        private final List<Call> burst = new ArrayList<>();
        private boolean isBurst;
        private long calls;
        private long paused;
        private long granted;
        private long denied;
        private long inBursts;

        Judge(Node node, Tenant tenant) {
            this.node = node;
            this.tenant = tenant;
            this.random = node.random();
            this.highestLimit = ((LIMIT_MIB + 8) << 20) + random.nextInt(1 << 20);
            this.model = new MemoryAccount(Bytes.of(tenant.limit()));
        }

        /** Returns whether the other side is to go on. */
        boolean hears(Call call) {
            switch (call.what()) {
                case PROCESS -> pids.put(call.process(), call.a());
                case BURST -> isBurst = true;
                case PAUSE -> {
                    settleBurst();
                    compareBooks();
                    changeLimit();
                    paused++;
                    return true;
                }
                default -> {
                    calls++;
                    if (isBurst) {
                        burst.add(call);
                    } else {
                        follow(call);
                    }
                }
            }
            return false;
        }

        private void follow(Call call) {
            if (call.what().takes()) {
                boolean fits = model.charge(call.process(), call.bytes());
                assertThat(call.result()).as(where(call)).isEqualTo(fits ? 0 : 2);
                note(call);
            } else if (call.what() == What.TELL) {
                long free = Math.max(0, model.limit().value() - model.used().value());
                assertThat(List.of(call.a(), call.b()))
                        .as(where(call))
                        .isEqualTo(List.of(free, model.limit().value()));
            } else {
                giveBack(call);
            }
        }

        private void note(Call call) {
            if (call.result() == 0) {
                granted++;
                blocks.put(key(call), new Block(call.bytes(), call.what() == What.CREATE));
            } else {
                denied++;
            }
        }

        private void giveBack(Call call) {
            if (call.what() == What.FREE_WILD) {
                assertThat(call.result()).as(where(call)).isNotZero();
                return;
            }
            assertThat(call.result()).as(where(call)).isZero();
            Block block = blocks.remove(key(call));
            if (block == null) {
                throw new AssertionError("freed what nobody holds: " + where(call));
            }
            model.release(call.process(), block.bytes());
        }

        /**
         * Of calls that were made at once nobody knows the order. What was granted and given back must add up, and what was denied
         * must not have fitted beside all that may have been held at some moment.
         */
        private void settleBurst() {
            long before = model.used().value();
            long most = before;
            for (Call call : burst) {
                most += call.what().takes() && call.result() == 0 ? call.bytes().value() : 0;
            }
            long limit = model.limit().value();
            model.setLimit(Bytes.of(Long.MAX_VALUE));
            for (Call call : burst) {
                if (call.what().takes()) {
                    boolean isDenied = call.result() == 2;
                    assertThat(call.result()).as(where(call)).isIn(0, 2);
                    assertThat(isDenied && call.bytes().value() + most <= limit)
                            .as("denied though it fitted: %s", where(call))
                            .isFalse();
                    if (!isDenied) {
                        model.charge(call.process(), call.bytes());
                    }
                    note(call);
                } else if (call.what() != What.TELL) {
                    giveBack(call);
                }
            }
            model.setLimit(Bytes.of(limit));
            assertThat(model.used().value())
                    .as("after a burst, %d calls, seed %d", calls, node.seed())
                    .isLessThanOrEqualTo(Math.max(limit, before));
            inBursts += burst.size();
            burst.clear();
            isBurst = false;
        }

        private void compareBooks() {
            String where = "after " + calls + " calls, seed " + node.seed();
            assertThat(tenant.used()).as(where).isEqualTo(model.used().value());
            assertThat(tenant.sumOfSlots()).as(where).isEqualTo(model.used().value());
            Map<Long, Long> held = new HashMap<>();
            for (ProcessUsage process : tenant.ledger().processes()) {
                held.put(
                        process.pid(),
                        process.held()
                                .getOrDefault(node.card().id(), Bytes.ZERO)
                                .value());
            }
            pids.forEach((process, pid) -> assertThat(held.get(pid))
                    .as("process %d, %s", process, where)
                    .isEqualTo(model.held(process).value()));
            long mapped = blocks.values().stream()
                    .filter(Block::isMapped)
                    .mapToLong(block -> block.bytes().value())
                    .sum();
            assertThat(tenant.ledger().usedByKind(node.card().id()).get(MemoryKind.VMM))
                    .as(where)
                    .isEqualTo(Bytes.of(mapped));
            assertThat(tenant.usage(node.card()).peak().value()).as(where).isLessThanOrEqualTo(highestLimit);
        }

        /** Each burst is under the highest limit of all, so that the peak tells of a byte too much at any moment of it. */
        private void changeLimit() {
            boolean isBurstNext = paused % 2 == 0;
            long limit = isBurstNext ? highestLimit : highestLimit - random.nextInt(24 << 20);
            tenant.limit(node.card(), limit);
            model.setLimit(Bytes.of(limit));
        }

        private static int key(Call call) {
            return call.process() << 8 | call.slot();
        }

        private String where(Call call) {
            return call + ", call " + calls + ", used " + model.used().value() + " of "
                    + model.limit().value() + ", seed " + node.seed();
        }
    }
}
