package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.bridge.ledger.Ledger;
import io.sluice.tests.WaysInTable.Cell;
import io.sluice.tests.WaysInTable.Governed;
import io.sluice.tests.WaysInTable.Outcome;
import io.sluice.tests.harness.AgentJvm;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.CudaLibrary;
import io.sluice.tests.harness.CudaName;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.TenantFiles;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * By which Java library, and by which name, a program may ask for the driver, so that its quota holds: docs/ways-in.md.
 * Each cell of the table is a JVM of its own, since a library that is loaded under one name is found by the others.
 */
@SimulatedGpu
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JavaWaysInTest {
    private static final Path DOCUMENT = Build.HOME.resolve("docs/ways-in.md");
    private static final WaysInTable FOUND = new WaysInTable();
    private static final int OUT_OF_MEMORY = 2;

    @BeforeAll
    static void theAgentNeedsABuildWithoutASanitizer() {
        Command.assumeNoSanitizer();
    }

    static Stream<Cell> cells() {
        return Stream.of(CudaLibrary.values())
                .flatMap(library -> Stream.of(Governed.values())
                        .flatMap(governed -> Stream.of(CudaName.values())
                                .filter(library::canAskFor)
                                .map(name -> new Cell(library, governed, name))));
    }

    @ParameterizedTest
    @MethodSource("cells")
    @Order(1)
    void deniesAtTheExactByteOrWarnsThatItCannot(Cell cell, Node node) throws Exception {
        long limit = TenantFiles.randomLimit(node) + (cell.governed() == Governed.BY_RUN ? 1 : 0);
        Client client =
                cell.library().client(governed(cell, node, limit), cell.name()).start();
        client.started();
        Outcome outcome = client.ask("alloc " + (Charge.largestIn(limit) + 1)).result() == OUT_OF_MEMORY
                ? Outcome.HOLDS
                : Outcome.GOES_AROUND;
        if (outcome == Outcome.HOLDS) {
            assertHolds(client, node, limit);
        } else {
            assertThat(cell.governed())
                    .as("how a program is governed that its limit does not hold")
                    .isEqualTo(Governed.BY_THE_AGENT);
            assertGoesAroundAndWasAnnounced(client, node);
        }
        FOUND.put(cell, outcome);
    }

    @Test
    @Order(2)
    void theTableInTheDocsSaysWhatWasFound() throws IOException {
        assumeTrue(FOUND.hasRows(), "the table is made from the other tests of this class, which did not run");
        String found = FOUND.updated(Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "");
        if (Boolean.getBoolean("sluice.write-docs")) {
            Files.writeString(DOCUMENT, found);
        }
        assertThat(Files.readString(DOCUMENT))
                .as("docs/ways-in.md is out of date: write it anew with 'mvn verify -Dtest=JavaWaysInTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.write-docs=true'")
                .isEqualTo(found);
    }

    private static AgentJvm governed(Cell cell, Node node, long limit) throws IOException {
        if (cell.governed() == Governed.BY_THE_AGENT) {
            return AgentJvm.of(node, TenantFiles.alice(node, limit));
        }
        Tenant alice = node.tenant("alice", limit);
        AgentJvm jvm = AgentJvm.of(node, node.file("none.yaml")).agent("none");
        for (Map.Entry<String, String> variable : alice.environment(Map.of()).entrySet()) {
            jvm = jvm.environment(variable.getKey(), variable.getValue());
        }
        return jvm;
    }

    /** A byte too much was denied. */
    private static void assertHolds(Client client, Node node, long limit) throws IOException {
        long all = Charge.largestIn(limit);
        assertThat(client.must("info").number(1))
                .as("total that the driver tells")
                .isEqualTo(limit);
        assertThat(used(node)).as("charged after a denial").isZero();
        long allocation = client.must("alloc " + all).number(0);
        assertThat(used(node)).as("charged with all allocated").isEqualTo(all);
        assertThat(client.ask("alloc 1").result())
                .as("one byte when nothing is left")
                .isEqualTo(OUT_OF_MEMORY);
        client.must("free " + allocation);
        assertThat(used(node)).as("charged after everything was freed").isZero();
    }

    /** A byte too much was granted. */
    private static void assertGoesAroundAndWasAnnounced(Client client, Node node) throws IOException {
        Client bare = node.bareClient(Way.DLOPEN_SONAME).started();
        assertThat(client.must("info").number(1))
                .as("total that the driver tells")
                .isEqualTo(bare.must("info").number(1));
        assertThat(used(node)).as("charged for what Sluice never saw").isZero();
        assertThat(client.sluiceLines())
                .singleElement()
                .asString()
                .contains("absolute path")
                .contains("goes around it")
                .contains("sluice run");
    }

    private static long used(Node node) throws IOException {
        return Ledger.open(node.runDirectory().resolve("tenants/alice/ledger"))
                .usage()
                .get(0)
                .used()
                .value();
    }
}
