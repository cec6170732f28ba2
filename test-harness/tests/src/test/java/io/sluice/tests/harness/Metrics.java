package io.sluice.tests.harness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One answer of an exporter.
 *
 * @param text as it was served
 * @param series value by name and labels, as they stand in the text
 */
public record Metrics(String text, Map<String, Double> series) {
    private static final Pattern LINE = Pattern.compile("(?m)^([a-z_]+(?:\\{.*})?) ([^ \n]+)$");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** Starts an exporter on the node; returns its port. */
    public static int serve(Node node) throws IOException, InterruptedException {
        return portOf(node.service("exporter", "--sim", "--port", "0"));
    }

    /** @param exporter as it was started, with a port or 0 */
    public static int portOf(Service exporter) throws InterruptedException {
        Matcher line = exporter.awaitOut("http://127\\.0\\.0\\.1:([0-9]+)/metrics\n");
        return Integer.parseInt(line.group(1));
    }

    public static Metrics scrape(int port) throws IOException, InterruptedException {
        String text = get(port, "/metrics");
        Map<String, Double> series = new LinkedHashMap<>();
        Matcher lines = LINE.matcher(text);
        while (lines.find()) {
            series.put(lines.group(1), Double.valueOf(lines.group(2)));
        }
        return new Metrics(text, series);
    }

    /** The body of an answer 200. */
    public static String get(int port, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new AssertionError(path + " was answered with " + response.statusCode() + ":\n" + response.body());
        }
        return response.body();
    }

    public Optional<Long> find(String name, String labels) {
        return Optional.ofNullable(series.get(name + "{" + labels + "}")).map(Double::longValue);
    }

    public long value(String name, String labels) {
        return find(name, labels).orElseThrow(() -> new AssertionError("no " + name + "{" + labels + "} in\n" + text));
    }
}
