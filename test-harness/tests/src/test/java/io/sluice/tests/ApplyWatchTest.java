package io.sluice.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tests.harness.Client;
import io.sluice.tests.harness.Command;
import io.sluice.tests.harness.Metrics;
import io.sluice.tests.harness.Node;
import io.sluice.tests.harness.Service;
import io.sluice.tests.harness.SimulatedGpu;
import io.sluice.tests.harness.Way;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Running applications follow the tenant files, however those are changed, and never lose their quota by it. */
@SimulatedGpu
class ApplyWatchTest {
    private static final int PATIENCE_SECONDS = 20;

    @BeforeEach
    void withoutSanitizer() {
        Command.assumeNoSanitizer();
    }

    @Test
    void runningProgramsInCAndJavaFollowAFileWrittenInPlace(Node node) throws Exception {
        Path folder = Files.createDirectory(node.file("tenants.d"));
        Path file = write(folder.resolve("alice.yaml"), node, 5_000);
        watch(node, folder);
        Client c = start(node, Way.DLOPEN_SONAME);
        Client java = start(node, Way.JCUDA);
        for (int i = 0; i < 5; i++) {
            long kilobytes = node.random().nextInt(1_000, 90_000);
            write(file, node, kilobytes);
            awaitLimit(c, kilobytes, "written in place");
            awaitLimit(java, kilobytes, "seen by a JVM");
        }
    }

    @Test
    void aFileThatIsRenamedOverIsFollowed(Node node) throws Exception {
        Path folder = Files.createDirectory(node.file("tenants.d"));
        Path file = write(folder.resolve("alice.yaml"), node, 5_000);
        watch(node, folder);
        Client client = start(node, Way.DLOPEN_SONAME);
        for (int i = 0; i < 5; i++) {
            long kilobytes = node.random().nextInt(1_000, 90_000);
            Path beside = write(folder.resolve(".alice.yaml.new"), node, kilobytes);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            awaitLimit(client, kilobytes, "renamed over");
        }
    }

    @Test
    void aConfigMapThatKubernetesSwapsIsFollowed(Node node) throws Exception {
        Path folder = Files.createDirectory(node.file("tenants.d"));
        swapConfigMap(folder, node, 0, 5_000);
        Files.createSymbolicLink(folder.resolve("alice.yaml"), Path.of("..data/alice.yaml"));
        watch(node, folder);
        Client client = start(node, Way.DLOPEN_SONAME);
        for (int i = 1; i <= 5; i++) {
            long kilobytes = node.random().nextInt(1_000, 90_000);
            swapConfigMap(folder, node, i, kilobytes);
            awaitLimit(client, kilobytes, "swapped");
        }
    }

    @Test
    void oneFileAloneCanBeWatched(Node node) throws Exception {
        Path file = node.tenantFile("alice", 5_000);
        watch(node, file);
        Client client = start(node, Way.DLOPEN_SONAME);
        write(file, node, 7_001);
        awaitLimit(client, 7_001, "written in place");
    }

    @Test
    void aBrokenChangeKeepsTheLimitsAndIsToldOnceAndShown(Node node) throws Exception {
        Path folder = Files.createDirectory(node.file("tenants.d"));
        Path file = write(folder.resolve("alice.yaml"), node, 5_000);
        Service watch = watch(node, folder);
        Service exporter = node.service("exporter", "--sim", "--port", "0");
        int port = Integer.parseInt(
                exporter.awaitOut("127\\.0\\.0\\.1:([0-9]+)/metrics\n").group(1));
        Client client = start(node, Way.DLOPEN_SONAME);
        Metrics good = Metrics.scrape(port);
        assertThat(reload(good)).isEqualTo(1);

        Files.writeString(file, "tenant: alice\ngpus:\n  - gpu: 0\n    memory: 8");
        watch.awaitErr("alice\\.yaml:4:13: gpus\\[0\\]\\.memory: '8' has no unit");
        Files.writeString(folder.resolve("zoe.yaml"), "tenant: zoe\ngpus: [{gpu: '*', memory: 1MB}]\n");
        watch.awaitOut("tenant zoe: GPU 0");
        Metrics broken = Metrics.scrape(port);
        assertThat(reload(broken)).isZero();
        assertThat(reloadTime(broken)).isEqualTo(reloadTime(good));
        assertThat(client.must("total 0").number(0)).isEqualTo(5_000_000);
        assertThat(watch.err().lines()).as("lines about it").hasSize(1);

        Files.writeString(file, "kB\n", StandardOpenOption.APPEND);
        awaitLimit(client, 8, "completed");
        await().atMost(PATIENCE_SECONDS, SECONDS).until(() -> reload(Metrics.scrape(port)) == 1);
        assertThat(watch.stop()).isZero();
    }

    @Test
    void aFileThatIsTakenAwayTakesNoLimitAway(Node node) throws Exception {
        Path folder = Files.createDirectory(node.file("tenants.d"));
        Path file = write(folder.resolve("alice.yaml"), node, 5_000);
        Service watch = watch(node, folder);
        Client client = start(node, Way.DLOPEN_SONAME);

        Files.delete(file);

        watch.awaitErr("alice\\.yaml is gone: the limits of tenant 'alice' stay as they are; 'sluice forget alice'");
        assertThat(client.must("total 0").number(0)).isEqualTo(5_000_000);
        write(file, node, 6_000);
        awaitLimit(client, 6_000, "back");
    }

    @Test
    void aFolderThatCannotBeWatchedYetIsWaitedFor(Node node) throws Exception {
        Path folder = node.file("later");
        Service watch = node.service("apply", "--watch", "--sim", folder.toString());
        watch.awaitErr("no such file");
        Files.createDirectory(folder);
        write(folder.resolve("alice.yaml"), node, 5_000);
        watch.awaitOut("tenant alice: GPU 0 \\(sim\\): 4.77 MiB \\(was none\\)\n");
        assertThat(watch.stop()).isZero();
    }

    private static Service watch(Node node, Path path) throws Exception {
        Service watch = node.service("apply", "--watch", "--sim", path.toString());
        watch.awaitOut("watching " + path + "\n");
        return watch;
    }

    /** Started as a user would: under the limits that hold. */
    private static Client start(Node node, Way way) throws IOException {
        return node.start(Command.run("alice", way.command().toArray(String[]::new)), Map.of())
                .started();
    }

    /** Prints how long it took: the promise is 100 ms, and a busy machine is no reason to fail. */
    private static void awaitLimit(Client client, long kilobytes, String how) {
        long begin = System.nanoTime();
        await().atMost(PATIENCE_SECONDS, SECONDS)
                .pollDelay(0, SECONDS)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> client.must("total 0").number(0) == kilobytes * 1000);
        System.out.printf("a limit %s held after %d ms%n", how, (System.nanoTime() - begin) / 1_000_000);
    }

    private static Path write(Path file, Node node, long kilobytes) throws IOException {
        return Files.writeString(
                file,
                "tenant: alice\ngpus: [{gpu: %s, memory: %dkB}]\n"
                        .formatted(node.card().id(), kilobytes));
    }

    /** As the kubelet does: a new folder, then ..data is renamed over to lead there. */
    private static void swapConfigMap(Path folder, Node node, int version, long kilobytes) throws IOException {
        Path data = Files.createDirectory(folder.resolve("..2026_" + version));
        write(data.resolve("alice.yaml"), node, kilobytes);
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
        Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        Path old = folder.resolve("..2026_" + (version - 1));
        if (Files.exists(old)) {
            Files.delete(old.resolve("alice.yaml"));
            Files.delete(old);
        }
    }

    private static long reload(Metrics metrics) {
        return metrics.value("sluice_config_last_reload_successful", "tenant=\"alice\"");
    }

    private static double reloadTime(Metrics metrics) {
        return metrics.series()
                .getOrDefault("sluice_config_last_reload_success_timestamp_seconds{tenant=\"alice\"}", Double.NaN);
    }
}
