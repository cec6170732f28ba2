package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.api.DriverApi;
import io.sluice.bridge.api.DriverFunction;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Applications find out what a driver can do by asking for names: those it lacks stay absent, the others are ours. */
@SimulatedGpu
class AbsentNamesTest {
    private static final int NOT_FOUND = 500;

    @Test
    void dlsymFindsThroughTheLibwrapperWhatTheDriverHasAndNothingElse(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        Client bare = node.bareClient(Way.DLOPEN_SONAME);
        Client governed = alice.client(Way.DLOPEN_SONAME);
        governed.must("init");
        List<String> differing = new ArrayList<>();
        List<String> lacking = new ArrayList<>();
        for (DriverFunction function : DriverApi.read(Build.HOME.resolve("shim-native-bridge/src/main/api"))) {
            int inDriver = bare.ask("symbol " + function.name()).result();
            if (governed.ask("symbol " + function.name()).result() != inDriver) {
                differing.add(function.name());
            }
            if (inDriver == NOT_FOUND) {
                lacking.add(function.name());
            }
        }
        assertThat(differing)
                .as("present through the libwrapper only, or bare only")
                .isEmpty();
        assertThat(lacking)
                .as("names that the simulated driver lacks: without any, this test shows nothing")
                .isNotEmpty();
    }

    @Test
    void whatIsFoundIsTheLibwrappersOwn(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 9_000_001);
        for (Way way : List.of(
                Way.LINKED, Way.DLOPEN_SONAME, Way.DLOPEN_NAME, Way.DLOPEN_ABSOLUTE_PATH, Way.PROC_ADDRESS_V2)) {
            Client client = alice.client(way);
            client.must("init");
            assertThat(client.must("symbol cuMemAlloc_v2".replace("_v2", way == Way.PROC_ADDRESS_V2 ? "" : "_v2"))
                            .text())
                    .as("the file that cuMemAlloc comes from, %s", way)
                    .startsWith(Build.BRIDGE.toString());
        }
    }
}
