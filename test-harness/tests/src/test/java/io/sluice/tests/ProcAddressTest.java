package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code cuGetProcAddress} answers as the driver would, with functions of the libwrapper. */
@SimulatedGpu
class ProcAddressTest {
    private static final int NO_DEVICE = 100;

    @Test
    void everyAnswerOfTheSimulatedDriverBecomesOneOfOurs(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        assertThat(differences(alice.client(Way.DLOPEN_SONAME))).isEmpty();
    }

    /** Debian's libcuda1 of the 535 series (non-free), installed by hand: on a machine without a GPU it answers 100. */
    @Test
    void everyAnswerOfTheRealDriverBecomesOneOfOurs(Node node) throws IOException {
        String driver = System.getenv("SLUICE_TEST_REAL_DRIVER");
        assumeTrue(driver != null, "SLUICE_TEST_REAL_DRIVER names no libcuda.so.1 of the 535 series");
        String folder = Path.of(driver).resolveSibling("").toString();
        Client bare = node.start(
                List.of(Build.CLIENTS.resolve("client").toString(), "path", driver), Map.of("LD_LIBRARY_PATH", folder));
        Tenant alice = node.tenant("alice", 9_000_001);
        Client governed = alice.client(Way.DLOPEN_SONAME, Map.of("SLUICE_DRIVER", driver, "LD_LIBRARY_PATH", folder));

        int bareResult = bare.ask("init").result();
        assertThat(governed.ask("init").result())
                .as("cuInit governed against bare")
                .isEqualTo(bareResult);
        if (!Files.exists(Path.of("/dev/nvidia0"))) {
            assertThat(bareResult).as("cuInit without a GPU").isEqualTo(NO_DEVICE);
        }
        assertThat(differences(governed)).isEmpty();
    }

    /** Rows of the 535 driver's table to which the client got another answer, or one from outside the libwrapper. */
    private static List<String> differences(Client client) throws IOException {
        Path table = Build.HOME.resolve("shim-native-bridge/src/main/api/proc-address-535.tsv");
        String ours = Build.BRIDGE.toString();
        List<String> differences = new ArrayList<>();
        List<String> rows = Files.readAllLines(table);
        for (String row : rows.subList(1, rows.size())) {
            String[] column = row.split("\t", -1);
            Answer answer = client.ask("proc " + column[0] + " " + column[2] + " " + column[1]);
            boolean absent = column[3].equals("-");
            boolean right = answer.result() == 0
                    && answer.values().get(0).equals(column[4])
                    && (absent
                            ? answer.values().get(1).equals("nowhere")
                            : answer.values().get(1).startsWith(ours));
            if (!right) {
                differences.add(row.replace('\t', ' ') + " was answered " + answer);
            }
        }
        return differences;
    }
}
