package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.CodePoints;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that dies, or is stopped, at whatever instruction of the libwrapper costs its tenant nothing: no byte is lost or
 * counted twice, and nobody waits for it. A sweep fails where it has not come through all that its operation consists of.
 */
@SimulatedGpu
class CrashSweepTest {
    private static final boolean WHOLE = Boolean.getBoolean("sluice.soak");
    /** A prime, so that rounds of a loop are met at different places. */
    private static final int STRIDE = 13;

    private static final int STRIDE_OF_LONG_WAYS = 71;
    private static final int LIMIT_MIB = 48;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    private enum Operation {
        CHARGE("sluice_hook_cuMemAlloc_v2", "sluice_tenant_charge", "sluice_account_book", "book", "apply", "keep"),
        CHARGE_UNDISTURBED("sluice_tenant_charge", "sluice_teller_book", "sluice_account_raise_peak"),
        CHARGE_AFTER_UNDISTURBED("sluice_tenant_charge", "book", "finish", "others", "apply"),
        DENIAL("sluice_tenant_charge", "charge_after_sweep", "sluice_membership_sweep", "sluice_liveness_dead"),
        RELEASE("sluice_hook_cuMemFree_v2", "sluice_pointer_map_take", "sluice_tenant_release", "book", "apply"),
        RELEASE_UNDISTURBED("sluice_tenant_release", "sluice_teller_book"),
        RELEASE_AFTER_UNDISTURBED("sluice_tenant_release", "book", "finish", "others", "apply"),
        RECLAIM(
                "charge_after_sweep",
                "sluice_membership_sweep",
                "sluice_liveness_dead",
                "sluice_liveness_process_gone",
                "reclaim",
                "swap_state",
                "sluice_account_reclaim",
                "finished_share",
                "apply"),
        RECLAIM_AFTER_UNDISTURBED("reclaim", "sluice_account_reclaim", "finish", "others", "apply"),
        JOIN(
                "sluice_tenant_decide",
                "sluice_ledger_open",
                "check_ledger",
                "check_limits",
                "sluice_identity_self",
                "sluice_membership_join",
                "sluice_liveness_lock",
                "locks_fd",
                "take",
                "swap_state",
                "take_a_slot"),
        JOIN_IN_PLACE_OF_THE_DEAD(
                "sluice_membership_join", "sluice_liveness_dead", "reclaim", "sluice_account_reclaim", "take"),
        POOL_GROWTH("sluice_hook_cuMemAllocAsync", "sluice_tenant_charge", "sluice_account_book"),
        POOL_SETTLE(
                "sluice_hook_cuMemFreeAsync",
                "sluice_hook_cuStreamSynchronize",
                "sluice_pools_settle",
                "sluice_tenant_release"),
        WAIT(
                "sluice_tenant_wait",
                "sluice_waiting_begin",
                "sluice_waiting_is_next",
                "sluice_waiting_sleep",
                "sluice_waiting_end");

        @SuppressWarnings("ImmutableEnumChecker") // it is Set.of
        private final Set<String> functions;

        Operation(String... functions) {
            this.functions = Set.of(functions);
        }

        boolean isLong() {
            return this == JOIN || this == JOIN_IN_PLACE_OF_THE_DEAD || this == WAIT;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(
                Sanitizer.PRESENT == Sanitizer.NONE,
                "every instruction of the libwrapper as it is, not as a sanitizer makes it");
    }

    @ParameterizedTest
    @EnumSource
    void aProcessKilledAtAnyInstructionLosesNoByteAndBlocksNobody(Operation operation, Node node) throws Exception {
        sweep("kill", operation, node);
    }

    /** Not while it waits for memory: there it keeps its place before those who came later, as docs/architecture.md says. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WAIT")
    void aProcessStoppedAtAnyInstructionHindersNobodyAndGoesOn(Operation operation, Node node) throws Exception {
        sweep("stop", operation, node);
    }

    private static void sweep(String how, Operation operation, Node node) throws IOException, InterruptedException {
        Tenant alice = node.tenant("alice", node.oddBytes(LIMIT_MIB, LIMIT_MIB + 1));
        Path points = node.file("points");
        if (operation == Operation.WAIT) {
            waitUntilItSleeps(alice, node, points);
        }
        int stride = WHOLE ? 1 : operation.isLong() ? STRIDE_OF_LONG_WAYS : STRIDE;
        int first = node.random().nextInt(stride);
        long begun = System.nanoTime();
        String output = run(how, operation, alice, node, first, stride, points);
        System.err.printf(
                "crash sweep: %s at %s instructions of %s, seed %d, %.1f s%n",
                how, output, operation.word(), node.seed(), (System.nanoTime() - begun) / 1e9);
        String[] figures = output.split(" of ");
        int planned = (Integer.parseInt(figures[1]) - first + stride - 1) / stride;
        assertThat(Integer.parseInt(figures[0]))
                .as("instructions reached, of %d; seed %d", planned, node.seed())
                .isBetween(planned - planned / 20, planned)
                .isPositive();
        assertThat(CodePoints.functions(Build.LIBWRAPPER, points))
                .as("what %s passed, seed %d", operation.word(), node.seed())
                .containsAll(operation.functions);
    }

    /** A process followed step by step is so slow that a short wait may be over before it could sleep. */
    private static void waitUntilItSleeps(Tenant alice, Node node, Path points)
            throws IOException, InterruptedException {
        Duration waitMax = Duration.ofMillis(100);
        do {
            waitMax = waitMax.multipliedBy(2);
            alice.excess(0, Optional.of(waitMax));
            run("kill", Operation.WAIT, alice, node, Integer.MAX_VALUE, 1, points);
        } while (waitMax.compareTo(LONGEST_WAIT) < 0
                && !CodePoints.functions(Build.LIBWRAPPER, points).containsAll(Operation.WAIT.functions));
        alice.excess(0, Optional.of(waitMax.multipliedBy(2))); // the next time may be slower
    }

    private static String run(
            String how, Operation operation, Tenant alice, Node node, int first, int stride, Path points)
            throws IOException, InterruptedException {
        Path printed = node.file("printed");
        List<String> command = List.of(
                Build.CLIENTS.resolve("crash_sweep").toString(),
                how,
                operation.word(),
                Long.toString(alice.limit()),
                Integer.toString(first),
                Integer.toString(stride),
                Build.BRIDGE.resolve("libsluice-control.so").toString(),
                points.toString());
        Path said = node.file("said");
        Process process = node.builder(command, alice.environment(Map.of()))
                .redirectError(said.toFile())
                .redirectOutput(printed.toFile())
                .start();
        int ended = process.waitFor();
        String output = Files.readString(printed).strip();
        assertThat(ended)
                .as("seed %d: %s; the end of what was said: %s", node.seed(), output, endOf(said))
                .isZero();
        return output;
    }

    private static String endOf(Path file) throws IOException {
        String text = Files.readString(file);
        return text.substring(Math.max(0, text.length() - 2000));
    }
}
