package io.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Prometheus server on the loopback, with files of its own in the {@link Node}'s folder. */
public final class Prometheus {
    private static final Pattern VALUE = Pattern.compile("\"value\":\\[[0-9.]+,\"([0-9]+)\"]");

    private final int port;

    private Prometheus(int port) {
        this.port = port;
    }

    /** Scrapes an exporter five times a second. */
    public static Prometheus start(Node node, int exporterPort) throws IOException {
        int port = freePort();
        Path configuration = Files.writeString(node.file("prometheus.yml"), """
                global: {scrape_interval: 200ms, scrape_timeout: 200ms}
                scrape_configs:
                  - job_name: sluice
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(exporterPort));
        node.service(
                List.of(
                        tool("prometheus"),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + node.file("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port),
                Map.of());
        return new Prometheus(port);
    }

    /** The value of a query with one whole number for its answer; empty while there is none. */
    public OptionalLong query(String query) throws InterruptedException {
        try {
            String answer =
                    Metrics.get(port, "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
            Matcher value = VALUE.matcher(answer);
            return value.find() ? OptionalLong.of(Long.parseLong(value.group(1))) : OptionalLong.empty();
        } catch (IOException | AssertionError e) {
            return OptionalLong.empty(); // it has not started yet
        }
    }

    /** What {@code promtool check metrics} has to say. */
    public static Command.Result check(Node node, String metrics) throws IOException, InterruptedException {
        Path in = Files.writeString(node.file("metrics"), metrics);
        Path out = node.file("out");
        Process process = node.builder(List.of(tool("promtool"), "check", "metrics"), Map.of())
                .redirectInput(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("promtool does not end");
        }
        return new Command.Result(process.exitValue(), Files.readString(out), "");
    }

    /** Where .ci/run unpacks it, else of this machine. */
    private static String tool(String name) {
        Stream<Path> folders = Stream.concat(
                Stream.of(Build.HOME.resolve("target/prometheus/usr/bin")),
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of));
        Optional<Path> found = folders.map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(found.isPresent(), name + " is not there: install the package prometheus, or see .ci/run");
        return found.orElseThrow().toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
