package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.RandomKernel;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However an application reaches CUDA, its quota holds and nothing else changes. */
@SimulatedGpu
class WaysInTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final int NOT_SUPPORTED = 801;

    @ParameterizedTest
    @EnumSource
    void givesRightResults(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        Client client = alice.client(way).started();
        for (int i = 0; i < 3; i++) {
            new RandomKernel(node.random())
                    .checkOn(client, node, 1 + node.random().nextInt(5000));
        }
        assertThat(alice.usage(node.card()).launches()).as("launches counted").isEqualTo(3);
        assertThat(alice.used())
                .as("bytes left after the kernels' buffers were freed")
                .isZero();
    }

    @ParameterizedTest
    @EnumSource
    void deniesAtTheExactByte(Way way, Node node) throws IOException {
        Random random = node.random();
        long limit = node.oddBytes(3, 90);
        Tenant alice = node.tenant("alice", limit);
        Client client = alice.client(way).started();
        List<Allocation> held = new ArrayList<>();
        long used = 0;
        for (int i = 0; i < 60; i++) {
            if (!held.isEmpty() && random.nextInt(4) == 0) {
                Allocation gone = held.remove(random.nextInt(held.size()));
                client.must("free " + gone.index());
                used -= gone.charged();
            } else {
                Request request = Request.random(random, limit);
                Answer answer = client.ask(request.command());
                boolean fits = used + request.charged() <= limit;
                assertThat(answer.result())
                        .as("%s with %d of %d used, seed %d", request.command(), used, limit, node.seed())
                        .isEqualTo(fits ? 0 : OUT_OF_MEMORY);
                if (fits) {
                    held.add(new Allocation((int) answer.number(0), request.charged()));
                    used += request.charged();
                }
            }
            assertThat(alice.used())
                    .as("charged after step %d, seed %d", i, node.seed())
                    .isEqualTo(used);
        }

        long rest = Charge.largestIn(limit - used);
        assertThat(client.ask("alloc " + (rest + 1)).result())
                .as("one byte more than fits")
                .isEqualTo(OUT_OF_MEMORY);
        if (rest > 0) {
            held.add(new Allocation((int) client.must("alloc " + rest).number(0), rest));
            used += rest;
        }
        assertThat(client.ask("alloc 1").result())
                .as("one byte when nothing is left")
                .isEqualTo(OUT_OF_MEMORY);
        assertThat(alice.used()).isEqualTo(used).isLessThanOrEqualTo(limit);

        for (Allocation allocation : held) {
            client.must("free " + allocation.index());
        }
        assertThat(alice.used()).as("charged after everything was freed").isZero();
        assertThat(alice.usage(node.card()).denialsByLimit()).isGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void tellsTheTenantsMemoryAsIfItWereTheWholeCard(Way way, Node node) throws IOException {
        long limit = node.oddBytes(20, 90);
        Tenant alice = node.tenant("alice", limit);
        Client client = alice.client(way).started();
        assertThat(client.must("total 0").number(0)).as("cuDeviceTotalMem").isEqualTo(limit);
        client.must("alloc 5000001");
        Answer info = client.must("info");
        assertThat(info.number(0)).as("free").isEqualTo(limit - Charge.of(5_000_001));
        assertThat(info.number(1)).as("total").isEqualTo(limit);
    }

    @ParameterizedTest
    @EnumSource
    void tellsTheCardsOwnMemoryWhereTheLimitIsHigher(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", node.card().memory().value() * 3 + 1);
        Client bare = node.bareClient(Way.DLOPEN_SONAME).started();
        Client client = alice.client(way).started();
        assertThat(client.must("total 0").values())
                .isEqualTo(bare.must("total 0").values());
        assertThat(client.must("info").number(1)).isEqualTo(bare.must("info").number(1));
        assertThat(client.must("info").number(0)).isEqualTo(bare.must("info").number(0));
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void leavesCallsAloneThatNoQuotaConcerns(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        Client bare = node.bareClient(way).started();
        Client governed = alice.client(way).started();
        List<String> commands = List.of(
                "version", "count", "name 0", "uuid 0", "uuid 5", "attribute 16 0", "attribute 75 0", "untouched");
        for (String command : commands) {
            Answer answer = governed.ask(command);
            assertThat(answer).as("governed against bare").isEqualTo(bare.ask(command));
        }
        assertThat(governed.ask("uuid 0").text()).isEqualTo(node.card().id().toString());
        assertThat(governed.errors())
                .as("stderr of an application that stays within its quota")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "JCUDA")
    void refusesWhatCannotBeChargedYetAndSaysSo(Way way, Node node) throws IOException {
        Tenant alice = node.tenant("alice", node.oddBytes(8, 64));
        Client client = alice.client(way).started();
        List<String> refused = List.of(
                "cuMulticastCreate cuMulticastCreate 12010",
                "cuMemPoolImportFromShareableHandle cuMemPoolImportFromShareableHandle 11020",
                "cuMemPoolImportPointer cuMemPoolImportPointer 11020");
        for (String function : refused) {
            assertThat(client.ask("call " + function).result()).as(function).isEqualTo(NOT_SUPPORTED);
            String base = function.split(" ")[1];
            assertThat(client.sluiceLines().stream()
                            .filter(line -> line.contains(base))
                            .toList())
                    .as("lines about %s in:%n%s", base, client.errors())
                    .hasSize(1);
        }
        assertThat(alice.usage(node.card()).refusedCalls()).isEqualTo(refused.size());
        client.must("alloc 1000");
    }

    private record Allocation(int index, long charged) {}

    private record Request(String command, long charged) {
        static Request random(Random random, long limit) {
            long bytes = 1 + (long) (Math.pow(random.nextDouble(), 3) * limit);
            return switch (random.nextInt(3)) {
                case 0 -> {
                    long width = 1L + random.nextInt(5000);
                    long height = 1L + random.nextInt(500);
                    yield new Request("pitch " + width + " " + height, Charge.ofPitch(width, height));
                }
                case 1 -> new Request("managed " + bytes, Charge.of(bytes));
                default -> new Request("alloc " + bytes, Charge.of(bytes));
            };
        }
    }
}
