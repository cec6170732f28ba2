package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Sanitizer;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application under a quota stays master in its own process. */
@SimulatedGpu
class GoodGuestTest {
    private static final long LIMIT = 1_000_001;

    @BeforeEach
    void withoutSanitizer() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "a sanitizer has handlers and threads of its own");
    }

    @Test
    void signalsThreadsAndUmaskAreAsWithoutIt(Node node) throws IOException {
        Tenant alice = node.tenant("alice", LIMIT);
        Client governed = used(alice.client(Way.DLOPEN_SONAME));
        assertThat(governed.ask("alloc 2000000").result()).as("a denial").isEqualTo(2);
        ProcessStatus with = ProcessStatus.of(governed.pid());
        ProcessStatus without =
                ProcessStatus.of(used(node.bareClient(Way.DLOPEN_SONAME)).pid());
        for (String field : List.of("SigCgt", "SigIgn", "SigBlk", "Umask", "Threads")) {
            assertThat(with.text(field)).as(field).isNotEmpty().isEqualTo(without.text(field));
        }
    }

    @Test
    void aProcessThatNeverUsesCudaIsLeftAlone(Node node) throws IOException {
        Tenant alice = node.tenant("alice", LIMIT);
        Client governed = node.start(List.of("cat"), alice.environment(Map.of()));
        Client bare = node.start(List.of("cat"), Map.of());
        // `cat` repeats what it is told, so it has come through its start.
        governed.must("0 cat");
        bare.must("0 cat");
        assertThat(Files.readString(Path.of("/proc", Long.toString(governed.pid()), "maps")))
                .as("what is mapped")
                .contains("libcuda.so.1")
                .doesNotContain(alice.folder().toString());
        assertThat(ProcessStatus.of(governed.pid()).text("Threads")).isEqualTo("1");
        assertThat(ProcessStatus.openFiles(governed.pid()))
                .as("open files")
                .isEqualTo(ProcessStatus.openFiles(bare.pid()));
        assertThat(alice.ledger().processes()).isEmpty();
        assertThat(governed.errors()).isEmpty();
    }

    @Test
    void theEnvironmentAndWhatComesNextAreAsBefore(Node node) throws IOException {
        Client governed = node.tenant("alice", LIMIT).client(Way.DLOPEN_SONAME);
        List<String> before = governed.must("surroundings").values();
        used(governed);
        assertThat(governed.ask("alloc 2000000").result()).as("a denial").isEqualTo(2);
        assertThat(governed.must("surroundings").values()).isEqualTo(before);
    }

    @Test
    void callsWithNowhereToPutTheirResultAreAnsweredByTheDriver(Node node) throws IOException {
        Tenant alice = node.tenant("alice", LIMIT);
        Client governed = alice.client(Way.DLOPEN_SONAME).started();
        List<String> bare = node.bareClient(Way.DLOPEN_SONAME)
                .started()
                .must("null-outputs")
                .values();
        assertThat(governed.must("null-outputs").values()).isEqualTo(bare);
        assertThat(bare).contains("1").doesNotContain("-1");
        assertThat(alice.used()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"linear-async,0,-1", "async-linear,0,-1", "twice,0,1", "inside,1,0"})
    void memoryThatIsFreedInAnotherWayIsBookedRight(String way, String first, String second, Node node)
            throws IOException {
        Tenant alice = node.tenant("alice", 90_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("alloc 3000");
        for (int i = 0; i < 5; i++) {
            assertThat(client.must("mixed-free " + way).values()).isEqualTo(List.of(first, second));
            assertThat(alice.used()).isEqualTo(Charge.of(3000));
        }
    }

    private static Client used(Client client) {
        client.started();
        client.must("alloc 100000");
        client.must("free 0");
        return client;
    }
}
