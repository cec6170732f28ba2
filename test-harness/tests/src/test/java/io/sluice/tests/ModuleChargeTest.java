package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables of a module are charged as long as it is loaded. */
@SimulatedGpu
class ModuleChargeTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final String HEAD = ".version 7.0\n.target sm_52\n.address_size 64\n";

    @ParameterizedTest
    @ValueSource(strings = {"data", "options", "fatbin", "file", "library", "library-file"})
    void chargesTheVariablesOfAModule(String way, Node node) throws IOException {
        long bytes = node.oddBytes(1, 9);
        Tenant alice = node.tenant("alice", Charge.of(bytes) + 511);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        Path ptx = ptx(node, ".visible .global .align 16 .b8 large[" + bytes + "];\n");
        client.must("module " + way + " " + ptx);
        assertThat(alice.used()).isEqualTo(Charge.of(bytes));
        assertThat(client.ask("module " + way + " " + ptx).result()).isEqualTo(OUT_OF_MEMORY);
        client.must("module-unload 0" + (way.startsWith("library") ? " library" : ""));
        assertThat(alice.used()).isZero();
        client.must("module " + way + " " + ptx);
        client.must("destroy 0");
        assertThat(alice.used()).as("goes with its context").isZero();
    }

    @Test
    void readsDeclarationsAsPtxHasThem(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("module data " + ptx(node, """
                // .global .b8 comment[1000000];
                /* .global .b8 other[1000000]; */
                .global .f64 a[100][20], b;
                .const .align 8 .b32 c[5] = {1, 2, 3, 4, 5};
                .visible .global .v4 .f32 d[10];
                .global .u16 e = 7;
                .visible .entry k(.param .u64 p) {
                    .reg .b32 r<4>;
                    .shared .b8 s[30000];
                    .local .b8 l[30000];
                    { .reg .b32 inner; mov.u32 inner, 1; }
                    ret;
                }
                .global .b8 last[3];
                """));
        assertThat(alice.used()).isEqualTo(Charge.of(8 * 2001 + 4 * 5 + 160 + 2 + 3));
    }

    @Test
    void aModuleWithoutVariablesIsFree(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        client.must("module data " + ptx(node, ".visible .entry k() { ret; }\n"));
        assertThat(alice.used()).isZero();
    }

    private static Path ptx(Node node, String body) throws IOException {
        return Files.writeString(node.file("module.ptx"), HEAD + body);
    }
}
