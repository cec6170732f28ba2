package io.sluice.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Whether shared memory is this container's alone. Then a run directory there gives each container of a tenant a whole quota.
 *
 * @param mounts {@code /proc/self/mountinfo}
 * @param marks files that container engines put into their containers
 */
public record Container(Path mounts, List<Path> marks) {
    private static final int MOUNT_POINT = 4;

    public static Container here() {
        return new Container(
                Path.of("/proc/self/mountinfo"), List.of(Path.of("/.dockerenv"), Path.of("/run/.containerenv")));
    }

    /** Whether this process runs in a container, as far as engines let it know. */
    public boolean isOne(Map<String, String> environment) {
        return !environment.getOrDefault("container", "").isEmpty()
                || !environment.getOrDefault("KUBERNETES_SERVICE_HOST", "").isEmpty()
                || marks.stream().anyMatch(Files::exists);
    }

    /**
     * Whether {@code /dev/shm} is a file system of the container's own: engines call its source {@code shm}, the host's is
     * {@code tmpfs}.
     */
    public boolean hasItsOwnSharedMemory() {
        try {
            return Files.readAllLines(mounts).stream()
                    .map(line -> line.split(" "))
                    .filter(words -> words.length > MOUNT_POINT && words[MOUNT_POINT].equals("/dev/shm"))
                    .reduce((first, last) -> last) // the one that is seen, where one is mounted over another
                    .map(words -> words[words.length - 2].equals("shm"))
                    .orElse(false);
        } catch (IOException e) {
            return false;
        }
    }
}
