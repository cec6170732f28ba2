package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Local memory of kernels, stacks, the buffer of printf and the heap of kernels are charged, beyond what a context has from its start. */
@SimulatedGpu
class LocalMemoryTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final String HEAD = ".version 7.0\n.target sm_52\n.address_size 64\n";
    /** Threads that the simulated GPU holds at once. */
    private static final long THREADS = 16 * 2048;

    private static final long STACK = 1024;
    private static final int STACK_LIMIT = 0;
    private static final int PRINTF_LIMIT = 1;
    private static final int HEAP_LIMIT = 2;

    @ParameterizedTest
    @CsvSource({
        "data,module,plain",
        "data,module,ex",
        "data,module,cooperative",
        "library,library,plain",
        "library,of-kernel,plain"
    })
    void chargesLocalMemoryAtTheFirstLaunch(String load, String get, String launch, Node node) throws IOException {
        long bytes = 3000;
        long taken = (bytes - STACK) * THREADS;
        Tenant alice = node.tenant("alice", taken);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("module " + load + " " + kernel(node, bytes));
        client.must("function " + get + " 0 k");
        assertThat(alice.used()).as("a function that was not launched").isZero();
        client.must("launch " + launch + " 0");
        assertThat(alice.used()).isEqualTo(taken);
        client.must("launch " + launch + " 0");
        assertThat(alice.used()).as("the second launch").isEqualTo(taken);
        client.must("destroy 0");
        assertThat(alice.used()).as("after its context").isZero();
    }

    @Test
    void deniesALaunchForWhichThereIsNotEnough(Node node) throws IOException {
        long taken = (3000 - STACK) * THREADS;
        Tenant alice = node.tenant("alice", taken + 511);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("module data " + kernel(node, 3000));
        client.must("function module 0 k");
        client.must("alloc 512");
        assertThat(client.ask("launch plain 0").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.sluiceLines())
                .anyMatch(line -> line.contains("function=cuLaunchKernel ") && line.contains("limit"));
        assertThat(alice.used()).isEqualTo(512);
        client.must("free 0");
        client.must("launch plain 0");
        assertThat(alice.used()).isEqualTo(taken);
    }

    @Test
    void whatAContextHasServesAllItsKernels(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1L << 30);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        long[] sizes = {STACK, 2000, 1500, 5000, 4000};
        long most = STACK;
        for (int i = 0; i < sizes.length; i++) {
            client.must("module data " + kernel(node, sizes[i]));
            client.must("function module " + i + " k");
        }
        for (int i = 0; i < sizes.length; i++) {
            client.must("launch plain " + i);
            most = Math.max(most, sizes[i]);
            assertThat(alice.used()).as("after kernel %d", i).isEqualTo((most - STACK) * THREADS);
        }
        client.must("limit " + STACK_LIMIT + " 5000");
        assertThat(alice.used()).as("stacks that fit into local memory").isEqualTo((most - STACK) * THREADS);
        client.must("limit " + STACK_LIMIT + " 6000");
        assertThat(alice.used()).isEqualTo((6000 - STACK) * THREADS);
    }

    @Test
    void threadsThatLaunchAtOnceAreChargedOnce(Node node) throws IOException {
        int rounds = 20;
        Tenant alice = node.tenant("alice", rounds * 400L * THREADS);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        for (int i = 1; i <= rounds; i++) {
            long more = i * 400L;
            client.must("module data " + kernel(node, STACK + more));
            client.must("function module " + (i - 1) + " k");
            assertThat(client.ask("launch-together " + (i - 1)).values())
                    .as("denied at round %d", i)
                    .isEqualTo(List.of("0"));
            assertThat(alice.used()).as("after round %d", i).isEqualTo(more * THREADS);
        }
    }

    @Test
    void aFunctionThatIsUnloadedUnlaunchedCostsNoOther(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1L << 30);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        for (int i = 0; i < 60; i += 2) {
            client.must("module data " + kernel(node, 3000));
            client.must("function module " + i + " k");
            client.must("module-unload " + i);
            client.must("module data " + kernel(node, 8));
            client.must("function module " + (i + 1) + " k");
            client.must("launch plain " + (i + 1));
            assertThat(alice.used()).as("round %d", i / 2).isZero();
            client.must("module-unload " + (i + 1));
        }
    }

    @ParameterizedTest
    @CsvSource({PRINTF_LIMIT + ",1048576", HEAP_LIMIT + ",8388608"})
    void chargesWhatALimitGrows(int limit, long before, Node node) throws IOException {
        Tenant alice = node.tenant("alice", 3_000_000);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("limit " + limit + " " + (before + 3_000_001)).values())
                .as("denied, and the driver not asked")
                .isEqualTo(List.of(String.valueOf(before)));
        assertThat(alice.used()).isZero();
        client.must("limit " + limit + " " + (before + 2_097_152));
        assertThat(alice.used()).isEqualTo(2_097_152);
        client.must("limit " + limit + " 4096");
        assertThat(alice.used()).as("less gives nothing back").isEqualTo(2_097_152);
        client.kill();
        Client next = alice.client(Way.DLOPEN_SONAME).started();
        next.must("alloc 2999808");
    }

    @Test
    void refusesAStackOfAnySizeThatDoesNotFit(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        for (String bytes : List.of("100000", "4611686018427387904", "18446744073709551615")) {
            assertThat(client.ask("limit " + STACK_LIMIT + " " + bytes).result())
                    .as(bytes)
                    .isEqualTo(OUT_OF_MEMORY);
        }
        assertThat(alice.used()).isZero();
    }

    private static Path kernel(Node node, long localBytes) throws IOException {
        return Files.writeString(
                node.file("module.ptx"),
                HEAD + ".visible .entry k() {\n    .local .align 8 .b8 l[" + localBytes
                        + "];\n    .reg .b32 r;\n    mov.u32 r, 1;\n    st.local.u32 [l], r;\n    ret;\n}\n");
    }
}
