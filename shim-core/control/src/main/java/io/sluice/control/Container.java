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
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final int MOUNT_POINT = 4;

    public static Container here() {
        return new Container(
                Path.of("/proc/self/mountinfo"), List.of(Path.of("/.dockerenv"), Path.of("/run/.containerenv")));
    }

    /**
     * @throws ControlException where the run directory is this container's alone: each container of a tenant would have the
     *     tenant's whole quota
     */
    public void requireShared(RunDirectory run, Map<String, String> environment) throws ControlException {
        if (run.root().startsWith(SHARED_MEMORY) && keepsItsMemory(environment)) {
            throw Folders.notPermitted(
                    run.root(),
                    "is this container's alone, so that each container of a tenant would have its whole quota: mount the"
                            + " host's /run/sluice here, or start the container with --ipc=host");
        }
    }

    /** Whether what lies in {@code /dev/shm} is seen in this container alone. */
    public boolean keepsItsMemory(Map<String, String> environment) {
        return isOne(environment) && hasItsOwnSharedMemory();
    }

    /** Whether this process runs in a container, as far as engines let it know. */
    private boolean isOne(Map<String, String> environment) {
        return !environment.getOrDefault("container", "").isEmpty()
                || !environment.getOrDefault("KUBERNETES_SERVICE_HOST", "").isEmpty()
                || marks.stream().anyMatch(Files::exists);
    }

    /**
     * Whether {@code /dev/shm} is a file system of the container's own: engines call its source {@code shm}, the host's is
     * {@code tmpfs}.
     */
    private boolean hasItsOwnSharedMemory() {
        try {
            return Files.readAllLines(mounts).stream()
                    .map(line -> line.split(" "))
                    .filter(words -> words.length > MOUNT_POINT && words[MOUNT_POINT].equals(SHARED_MEMORY.toString()))
                    .reduce((first, last) -> last) // the one that is seen, where one is mounted over another
                    .map(words -> words[words.length - 2].equals("shm"))
                    .orElse(false);
        } catch (IOException e) {
            return false;
        }
    }
}
