package io.sluice.exporter;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel tells of a process, each part only where we may read it and the process still lives. */
final class ProcFolder {
    /** {@code 4711 (comm) S 4700 …}: field 4 is the parent, 22 the start; a program's name may hold anything. */
    private static final Pattern STAT =
            Pattern.compile("\\d+ \\((.*)\\) \\S (\\d+)(?: \\S+){17} (\\d+) .*", Pattern.DOTALL);

    private final Path folder;

    /** @param pid in the namespace that {@code proc} shows */
    ProcFolder(Path proc, long pid) {
        this.folder = proc.resolve(Long.toString(pid));
    }

    /**
     * @param parent 0 where there is none that we see
     * @param startTicks since the machine's start: with the pid, what tells a process from all others
     */
    record Stat(String program, long parent, long startTicks) {}

    Optional<Stat> stat() {
        return read("stat")
                .map(STAT::matcher)
                .filter(Matcher::matches)
                .map(fields ->
                        new Stat(fields.group(1), Long.parseLong(fields.group(2)), Long.parseLong(fields.group(3))));
    }

    /** The environment that its program was started with. */
    Map<String, String> environment() {
        Map<String, String> variables = new HashMap<>();
        for (String variable : read("environ").orElse("").split("\0")) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }

    /** {@code NSpid: 4711 17 1}: from our namespace inwards. */
    Optional<Long> innermostPid() {
        return read("status")
                .flatMap(status -> status.lines()
                        .filter(line -> line.matches("NSpid:.*\\s[0-9]+"))
                        .findFirst())
                .map(line -> List.of(line.split("\\s+")))
                .map(words -> Long.parseLong(words.get(words.size() - 1)));
    }

    /** The inode of {@code pid:[4026531836]}. */
    Optional<Long> pidNamespace() {
        try {
            String link = Files.readSymbolicLink(folder.resolve("ns/pid")).toString();
            return Optional.of(Long.parseLong(link.replaceAll("[^0-9]", "")));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
