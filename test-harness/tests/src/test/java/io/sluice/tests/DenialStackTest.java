package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.TenantFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** With the agent, a denial names the line of the application that asked. */
@SimulatedGpu
class DenialStackTest {
    private static final String CLIENT = "io.sluice.tests.client.DenialsClient";
    private static final int THREADS = 3;
    private static final long LIMIT = 9_000_000;
    private static final long TOO_MUCH = 9_500_225;
    private static final String SOURCE = "test-harness/tests/src/test/java/io/sluice/tests/client/DenialsClient.java";

    @Test
    void namesTheLineOfTheApplicationThatAsked(Node node) throws Exception {
        AgentJvm.End end = client(node, "once").run();
        assertThat(end.output()).isEqualTo("denied 1\n");
        assertThat(denials(end))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("WARN")
                        .contains("tenant=alice gpu=" + node.card().id() + " function=cuMemAlloc")
                        .contains("asked=" + Charge.of(TOO_MUCH) + " ")
                        .contains("used=0")
                        .contains("limit=" + LIMIT)
                        .contains("reason=limit")
                        .contains("suppressed=0")
                        .contains("thread=\"main\""));
        assertThat(frames(end))
                .as("the calls that led to it, the application's own after JCuda's")
                .containsSubsequence(
                        CLIENT + ".askTooMuch(DenialsClient.java:" + lineOf("cuMemAlloc(new CUdeviceptr(), bytes)")
                                + ")",
                        CLIENT + ".main(DenialsClient.java:" + lineOf("case \"once\"") + ")");
    }

    @Test
    void aStormOfDenialsWritesFewLinesAndCountsTheRest(Node node) throws Exception {
        AgentJvm.End end = client(node, "storm").run();
        assertThat(end.output()).isEqualTo("denied 100000\ndenied 1\n");
        assertThat(end.errors().lines()).hasSizeLessThan(100);
        assertThat(frames(end)).as("stack of the first").isNotEmpty();
        List<String> lines = denials(end);
        long suppressed = lines.stream().mapToLong(DenialStackTest::suppressed).sum();
        assertThat(lines.size() + suppressed)
                .as("told and counted in %s", lines)
                .isEqualTo(100_001);
    }

    @Test
    void anApplicationThatExitsAtOnceIsStillTold(Node node) throws Exception {
        AgentJvm.End end = client(node, "exit").run();
        assertThat(end.exitCode()).isEqualTo(7);
        assertThat(denials(end)).hasSize(1);
    }

    /** Who is denied waits 20 ms for its stack to be taken and no longer: on a busy machine some are told without, in no run all. */
    @Test
    void threadsThatAreDeniedAtOnceAreEachToldByTheirOwnStack(Node node) throws Exception {
        int withStacks = 0;
        for (int run = 0; run < 10 && withStacks < THREADS; run++) {
            AgentJvm.End end = client(node, "threads").run();
            assertThat(end.output()).isEqualTo("denied 8\n");
            List<String> lines = denials(end);
            assertThat(lines).hasSize(THREADS);
            String errors = end.errors();
            for (String function : List.of("cuMemAlloc_v2", "cuMemAllocManaged", "cuMemAllocPitch_v2")) {
                assertThat(stackOf(errors, function))
                        .as("the call's own stack, or none:%n%s", errors)
                        .matches(stack ->
                                stack.isEmpty() || stack.contains("JCudaDriver." + function.replace("_v2", "")));
            }
            withStacks = (int) lines.stream()
                    .filter(line -> line.contains("thread=\"asks in way "))
                    .count();
        }
        assertThat(withStacks)
                .as("threads whose stack was taken, in the last run")
                .isEqualTo(THREADS);
    }

    /** What a library's own thread does is denied and told like everything else; it has no Java stack. */
    @Test
    void aThreadThatJavaDoesNotKnowIsToldWithoutAStackAndIsNotHeld(Node node) throws Exception {
        AgentJvm.End end = client(node, "once")
                .program("io.sluice.tests.client.ForeignThreadClient", String.valueOf(TOO_MUCH))
                .environment(
                        "SLUICE_TEST_LIBRARY",
                        Build.CLIENTS.resolve("libforeign.so").toString())
                .run();
        assertThat(end.exitCode()).as(end.errors()).isZero();
        assertThat(end.output()).isEqualTo("answered 2\n");
        assertThat(denials(end)).singleElement().asString().doesNotContain("thread=");
        assertThat(frames(end)).isEmpty();
    }

    private static AgentJvm client(Node node, String mode) throws IOException {
        return AgentJvm.of(node, TenantFiles.alice(node, LIMIT)).program(CLIENT, mode, String.valueOf(TOO_MUCH));
    }

    private static List<String> denials(AgentJvm.End end) {
        return end.errors()
                .lines()
                .filter(line -> line.contains("denied tenant="))
                .toList();
    }

    private static long suppressed(String line) {
        Matcher count = Pattern.compile("suppressed=([0-9]+)").matcher(line);
        return count.find() ? Long.parseLong(count.group(1)) : 0;
    }

    private static List<String> frames(AgentJvm.End end) {
        return end.errors()
                .lines()
                .filter(line -> line.startsWith("\tat "))
                .map(line -> line.substring(4))
                .toList();
    }

    private static String stackOf(String errors, String function) {
        Matcher stack = Pattern.compile("function=" + function + " .*\n((?:\tat .*\n)*)")
                .matcher(errors);
        return stack.find() ? stack.group(1) : "";
    }

    private static int lineOf(String code) throws IOException {
        List<String> lines = Files.readAllLines(Build.HOME.resolve(SOURCE));
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(code)) {
                return i + 1;
            }
        }
        throw new AssertionError(SOURCE + " does not contain " + code);
    }
}
