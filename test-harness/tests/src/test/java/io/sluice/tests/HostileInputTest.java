package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Tenant;
import io.sluice.tests.harness.TenantFiles;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever lies where Sluice looks: {@code sluice run} answers with one line that names it and the documented exit code, and starts
 * nothing; an application that runs already is not harmed.
 */
@SimulatedGpu
class HostileInputTest {
    private static final int OUR_FAULT = 70;
    private static final int RUN_DIRECTORY = 77;
    private static final int TENANT_FILE = 78;

    @FunctionalInterface
    private interface Making {
        void make(Path path) throws Exception;
    }

    /** Shown by its name. */
    private record Wrong(String name, Making making) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Wrong> wrongTenantFiles() {
        return List.of(
                new Wrong("empty", Files::createFile),
                new Wrong("blanks", path -> Files.writeString(path, " \n\n \n")),
                new Wrong(
                        "binary",
                        path -> Files.write(path, new byte[] {0, 1, (byte) 0xff, (byte) 0xfe, 0x1b, '[', '2'})),
                new Wrong("a gibibyte", HostileInputTest::gibibyte),
                new Wrong("a list", path -> Files.writeString(path, "- tenant: alice\n")),
                new Wrong("wrong types", path -> Files.writeString(path, "tenant: [alice]\ngpus: 7\n")),
                new Wrong("an alias bomb", path -> Files.writeString(path, aliasBomb())),
                new Wrong("deep nesting", path -> Files.writeString(path, "[".repeat(100_000))),
                new Wrong("a folder", Files::createDirectory),
                new Wrong("a link to nothing", path -> Files.createSymbolicLink(path, Path.of("nowhere"))),
                new Wrong("a device without an end", path -> Files.createSymbolicLink(path, Path.of("/dev/zero"))),
                new Wrong(
                        "a pipe that nobody writes",
                        path -> new ProcessBuilder("mkfifo", path.toString())
                                .start()
                                .waitFor()));
    }

    private static void gibibyte(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(1L << 30);
        }
    }

    private static String aliasBomb() {
        StringBuilder text = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 40; i++) {
            text.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        return text.append("tenant: *a39\n").toString();
    }

    @Nested
    class BeforeTheApplicationStarts {
        @ParameterizedTest
        @MethodSource("io.sluice.tests.HostileInputTest#wrongTenantFiles")
        void aTenantFile(Wrong wrong, Node node) throws Exception {
            Command.assumeNoSanitizer();
            Path file = node.file("alice.yaml");
            wrong.making().make(file);
            assertRefused(node, file, TENANT_FILE, file.toString());
        }

        /** Each part by its place in the run directory. */
        @ParameterizedTest
        @ValueSource(strings = {"tenants/alice/ledger", "limits/alice"})
        void booksThatAreTorn(String part, Node node) throws Exception {
            assertRefusedAfter(node, part, OUR_FAULT, path -> {
                byte[] whole = Files.readAllBytes(path);
                Files.delete(path);
                Files.write(path, Arrays.copyOf(whole, node.random().nextInt(1, Math.min(whole.length, 4096))));
            });
        }

        @ParameterizedTest
        @ValueSource(strings = {"tenants/alice/ledger", "limits/alice"})
        void booksThatAreSomethingElse(String part, Node node) throws Exception {
            assertRefusedAfter(node, part, OUR_FAULT, path -> {
                byte[] noise = new byte[(int) Files.size(path)];
                node.random().nextBytes(noise);
                Files.delete(path);
                Files.write(path, noise);
            });
        }

        @ParameterizedTest
        @CsvSource({
            "tenants/alice/ledger, 70",
            "limits/alice, 70",
            "tenant-files/alice, 70",
            "tenants/alice/locks, 77",
        })
        void booksThatAreFolders(String part, int exitCode, Node node) throws Exception {
            assertRefusedAfter(node, part, exitCode, path -> {
                Files.delete(path);
                Files.createDirectory(path);
            });
        }

        @ParameterizedTest
        @CsvSource({
            "tenants/alice/ledger, 70",
            "limits/alice, 70",
            "tenant-files/alice, 77",
            "tenants/alice/locks, 77",
        })
        void booksThatAreLinks(String part, int exitCode, Node node) throws Exception {
            assertRefusedAfter(node, part, exitCode, path -> {
                Path elsewhere = node.file("elsewhere");
                Files.move(path, elsewhere);
                Files.createSymbolicLink(path, elsewhere);
            });
        }

        private void assertRefusedAfter(Node node, String part, int exitCode, Making damage) throws Exception {
            Command.assumeNoSanitizer();
            Path file = TenantFiles.alice(node, TenantFiles.randomLimit(node));
            assertThat(Command.toEnd(node, Command.run(file.toString(), "true")).exitCode())
                    .isZero();
            Path path = node.runDirectory().resolve(part);
            damage.make(path);
            assertRefused(node, file, exitCode, path.toString());
        }
    }

    @Nested
    class RunDirectories {
        @Test
        void aFile(Node node) throws Exception {
            assertRefusedWith(node, path -> Files.writeString(path, "a file"));
        }

        @Test
        void aLink(Node node) throws Exception {
            assertRefusedWith(node, path -> {
                Path elsewhere = Files.createDirectory(node.file("elsewhere"));
                Files.createSymbolicLink(path, elsewhere);
            });
        }

        @Test
        void everybodys(Node node) throws Exception {
            assertRefusedWith(node, path -> {
                Files.createDirectory(path);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            });
        }

        @Test
        void ofAnotherUser(Node node) throws Exception {
            assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to become another user");
            assertRefusedWith(node, path -> {
                Files.createDirectory(path);
                Files.setAttribute(path, "unix:uid", 65534);
            });
        }

        @Test
        void oneWhoseFoldersAreLinks(Node node) throws Exception {
            assertRefusedWith(node, path -> {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Files.createSymbolicLink(path.resolve("limits"), Files.createDirectory(node.file("elsewhere")));
            });
        }

        private void assertRefusedWith(Node node, Making making) throws Exception {
            Command.assumeNoSanitizer();
            Path file = TenantFiles.alice(node, TenantFiles.randomLimit(node));
            Files.delete(node.runDirectory());
            making.make(node.runDirectory());
            assertRefused(node, file, RUN_DIRECTORY, node.runDirectory().toString());
            if (Files.isSymbolicLink(node.runDirectory())) {
                Files.delete(node.runDirectory());
            }
        }
    }

    @Nested
    class UnderARunningApplication {
        /** By the same user: others are kept out by the modes of the files. */
        @ParameterizedTest
        @ValueSource(longs = {0, 1, 2, 3, 4})
        void aLedgerFullOfNoise(long round, Node node) throws IOException {
            Tenant alice = node.tenant("alice", node.oddBytes(100, 200));
            Client client = alice.client(Way.DLOPEN_SONAME).started();
            client.must("alloc 5120");
            overwrite(alice.ledgerFile(), node, (int) (round * 4096), 200_000);
            assertLives(client);
        }

        @Test
        void limitsFullOfNoise(Node node) throws IOException {
            Tenant alice = node.tenant("alice", node.oddBytes(100, 200));
            Client client = alice.client(Way.DLOPEN_SONAME).started();
            client.must("alloc 5120");
            overwrite(alice.limitsFile(), node, 0, (int) Files.size(alice.limitsFile()));
            assertLives(client);
        }

        @Test
        void everyFileOfItsTenantRemoved(Node node) throws IOException {
            Tenant alice = node.tenant("alice", node.oddBytes(100, 200));
            Client client = alice.client(Way.DLOPEN_SONAME).started();
            client.must("alloc 5120");
            for (Path path : List.of(
                    alice.ledgerFile(), alice.limitsFile(), alice.folder().resolve("locks"))) {
                Files.delete(path);
            }
            assertLives(client);
        }

        private void overwrite(Path file, Node node, int from, int length) throws IOException {
            byte[] noise = new byte[length];
            node.random().nextBytes(noise);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(noise), from);
            }
        }

        /** Whatever the answers are, they come; memory that it has stays usable, and it ends in its own time. */
        private void assertLives(Client client) throws IOException {
            for (int i = 0; i < 3; i++) {
                assertThat(client.ask("alloc 512").result()).isIn(0, 2);
            }
            client.must("free 0");
            client.must("pid");
            assertThat(client.end()).as("exit code of the application").isZero();
        }
    }

    private static void assertRefused(Node node, Path tenantFile, int exitCode, String named) throws Exception {
        Path started = node.file("started");
        Command.Result result = Command.toEnd(node, Command.run(tenantFile.toString(), "touch", started.toString()));
        assertThat(result.err().lines())
                .as("lines on stderr")
                .isNotEmpty()
                .allMatch(line -> line.startsWith("sluice: "));
        assertThat(result.err()).contains(named).doesNotContain("internal error");
        assertThat(result.err().chars()).as("control characters").noneMatch(c -> c < ' ' && c != '\n');
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(started).doesNotExist();
    }
}
