package io.sluice.exporter;

import io.sluice.bridge.ledger.ProcessUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The processes that are in some tenant's ledger. A ledger knows a process by the pid that it has in its own pid
 * namespace, NVML by that of the host; /proc tells both, where this exporter runs in the host's namespace and may read
 * it. Where it may not, a process counts as managed if any namespace has a managed process of that number.
 */
final class ManagedProcesses {
    private final Path proc;
    private final Set<Identity> processes = new HashSet<>();
    private final Set<Long> pids = new HashSet<>();

    private record Identity(long pidNamespace, long pid) {}

    ManagedProcesses(Path proc) {
        this.proc = proc;
    }

    void add(ProcessUsage process) {
        processes.add(new Identity(process.pidNamespace(), process.pid()));
        pids.add(process.pid());
    }

    /** @param pid of the host, as NVML tells it */
    boolean contains(long pid) {
        Path process = proc.resolve(Long.toString(pid));
        long inner = innermostPid(process).orElse(pid);
        return namespace(process)
                .map(namespace -> processes.contains(new Identity(namespace, inner)))
                .orElseGet(() -> pids.contains(inner));
    }

    /** {@code NSpid: 4711 17 1}: from our namespace inwards. */
    private static Optional<Long> innermostPid(Path process) {
        try {
            return Files.readAllLines(process.resolve("status"), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith("NSpid:"))
                    .map(line -> List.of(line.split("\\s+")))
                    .map(words -> Long.parseLong(words.get(words.size() - 1)))
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The inode of {@code pid:[4026531836]}. */
    private static Optional<Long> namespace(Path process) {
        try {
            String link = Files.readSymbolicLink(process.resolve("ns/pid")).toString();
            return Optional.of(Long.parseLong(link.replaceAll("[^0-9]", "")));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
