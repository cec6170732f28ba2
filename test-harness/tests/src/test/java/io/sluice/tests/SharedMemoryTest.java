package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Answer;
import io.sluice.tests.harness.Charge;
import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory that processes of a tenant share is charged once, as long as any of them holds it. */
@SimulatedGpu
class SharedMemoryTest {
    private static final int OUT_OF_MEMORY = 2;
    private static final long BLOCK = 2L << 20;
    private static final long SIZE = 8 * BLOCK;

    /** How memory gets from one process to the other. */
    enum Kind {
        DESCRIPTOR {
            @Override
            String take() {
                return "create " + SIZE + " 1";
            }

            @Override
            void hand(Client from, Client to, Node node) throws IOException {
                String path = node.file("socket").toString();
                to.begin("import " + path);
                from.must("export 0 " + path);
                assertThat(to.await().result()).isZero();
                to.must("map 0 " + SIZE);
            }

            @Override
            void letGo(Client importer) throws IOException {
                importer.must("release 0");
                importer.must("unmap 0");
            }

            @Override
            String giveUp() {
                return "release 0";
            }
        },
        IPC {
            @Override
            String take() {
                return "alloc " + SIZE;
            }

            @Override
            void hand(Client from, Client to, Node node) throws IOException {
                String handle = from.must("ipc-get 0").values().get(0);
                to.must("ipc-open " + handle);
                to.must("ipc-open " + handle);
                to.must("ipc-close 1");
            }

            @Override
            void letGo(Client importer) throws IOException {
                importer.must("ipc-close 0");
            }

            @Override
            String giveUp() {
                return "free 0";
            }
        };

        abstract String take();

        abstract void hand(Client from, Client to, Node node) throws IOException;

        abstract void letGo(Client importer) throws IOException;

        abstract String giveUp();
    }

    @ParameterizedTest
    @EnumSource
    void isChargedOnceWhileBothHoldIt(Kind kind, Node node) throws Exception {
        Three three = Three.sharing(kind, node);
        assertThat(three.alice.used()).isEqualTo(SIZE);
        kind.letGo(three.importer);
        assertThat(three.alice.used()).as("the exporter's alone").isEqualTo(SIZE);
        three.exporter.must(kind.giveUp());
        assertThat(three.alice.used()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void staysChargedWhenItsExporterIsKilledUntilTheImporterLetsGo(Kind kind, Node node) throws Exception {
        Three three = Three.sharing(kind, node);
        three.exporter.must("alloc 1000000");
        three.exporter.kill();
        three.stays();
        kind.letGo(three.importer);
        three.isGone();
    }

    @ParameterizedTest
    @EnumSource
    void staysChargedWhenItsExporterIsKilledUntilTheImporterIs(Kind kind, Node node) throws Exception {
        Three three = Three.sharing(kind, node);
        three.exporter.kill();
        three.stays();
        three.importer.kill();
        three.isGone();
    }

    @ParameterizedTest
    @EnumSource
    void isReleasedOnceWhenTheImporterIsKilledFirst(Kind kind, Node node) throws Exception {
        Three three = Three.sharing(kind, node);
        three.importer.kill();
        three.stays();
        three.exporter.must(kind.giveUp());
        three.isGone();
    }

    @ParameterizedTest
    @EnumSource
    void staysChargedWhenItsExporterGivesItUpFirst(Kind kind, Node node) throws Exception {
        Three three = Three.sharing(kind, node);
        three.exporter.must(kind.giveUp());
        three.stays();
        kind.letGo(three.importer);
        three.exporter.must("alloc " + three.alice.limit());
        assertThat(three.alice.used()).isEqualTo(three.alice.limit());
    }

    @ParameterizedTest
    @EnumSource
    void staysChargedWhenItsExporterGivesItUpAndDies(Kind kind, Node node) throws Exception {
        Three three = Three.sharing(kind, node);
        three.exporter.must(kind.giveUp());
        three.exporter.kill();
        three.stays();
        kind.letGo(three.importer);
        three.isGone();
    }

    @ParameterizedTest
    @EnumSource
    void ofSomebodyElseIsChargedToWhoeverImportsIt(Kind kind, Node node) throws Exception {
        Client stranger = node.bareClient(Way.DLOPEN_SONAME).started();
        Tenant alice = node.tenant("alice", SIZE);
        Client importer = alice.client(Way.DLOPEN_SONAME).started();
        stranger.must(kind.take());
        kind.hand(stranger, importer, node);
        assertThat(alice.used()).isEqualTo(SIZE);
        stranger.kill();
        assertThat(importer.ask("alloc 1").result()).isEqualTo(OUT_OF_MEMORY);
        kind.letGo(importer);
        assertThat(alice.used()).isZero();
    }

    @Test
    void ofSomebodyElseIsDeniedOverTheLimit(Node node) throws Exception {
        Client stranger = node.bareClient(Way.DLOPEN_SONAME).started();
        Tenant alice = node.tenant("alice", SIZE - 1);
        Client importer = alice.client(Way.DLOPEN_SONAME).started();
        stranger.must("alloc " + SIZE);
        String handle = stranger.must("ipc-get 0").values().get(0);
        assertThat(importer.ask("ipc-open " + handle).result()).isEqualTo(OUT_OF_MEMORY);
        stranger.must("create " + SIZE + " 1");
        String path = node.file("socket").toString();
        importer.begin("import " + path);
        stranger.must("export 0 " + path);
        assertThat(importer.await().result()).isZero();
        Answer mapped = importer.ask("map 0 " + SIZE);
        assertThat(mapped.result()).isEqualTo(OUT_OF_MEMORY);
        importer.must("release 0");
        assertThat(alice.used()).isZero();
        assertThat(alice.usage(node.card()).denialsByLimit()).isEqualTo(2);
    }

    @Test
    void openedHandlesGoWithTheirContext(Node node) throws Exception {
        Three three = Three.sharing(Kind.IPC, node);
        three.exporter.kill();
        three.importer.must("destroy 0");
        three.isGone();
    }

    @Test
    void externalMemoryIsChargedByItsSize(Node node) throws IOException {
        Tenant alice = node.tenant("alice", 1_000_000);
        Client client = alice.client(Way.DLOPEN_SONAME).started();
        assertThat(client.ask("external 1000001").result()).isEqualTo(OUT_OF_MEMORY);
        assertThat(client.ask("external 100000").result()).as("no such memory").isNotIn(0, OUT_OF_MEMORY);
        assertThat(alice.used()).isZero();
    }

    /** An exporter and an importer of one piece, and one more process of the tenant. */
    private record Three(Tenant alice, Client exporter, Client importer, Client third) {
        static Three sharing(Kind kind, Node node) throws IOException {
            Tenant alice = node.tenant("alice", SIZE + 5 * BLOCK);
            Client exporter = alice.client(Way.DLOPEN_SONAME).started();
            Client importer = alice.client(Way.DLOPEN_SONAME).started();
            Client third = alice.client(Way.DLOPEN_SONAME).started();
            exporter.must(kind.take());
            kind.hand(exporter, importer, node);
            return new Three(alice, exporter, importer, third);
        }

        void stays() throws IOException {
            assertThat(third.ask("alloc " + (5 * BLOCK + 1)).result()).isEqualTo(OUT_OF_MEMORY);
            third.must("alloc " + 5 * BLOCK);
            assertThat(alice.used()).isEqualTo(SIZE + 5 * BLOCK).isEqualTo(alice.sumOfSlots());
            third.must("free 0");
        }

        void isGone() throws IOException {
            third.must("alloc " + alice.limit());
            assertThat(alice.used()).isEqualTo(Charge.of(alice.limit())).isEqualTo(alice.sumOfSlots());
        }
    }
}
