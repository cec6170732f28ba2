package io.sluice.control.doctor;

import io.sluice.control.ControlException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Is a process that runs already governed? Told from what it has mapped: a driver without the libwrapper is a way around. */
public final class ProcessCheck implements Check {
    private static final String SUBJECT = "process";

    private final long pid;

    public ProcessCheck(long pid) {
        this.pid = pid;
    }

    @Override
    public List<Finding> look() {
        Path maps = process().resolve("maps");
        try {
            List<Path> libraries = Files.readAllLines(maps).stream()
                    .map(line -> line.replaceFirst("^(\\S+\\s+){5}", ""))
                    .filter(path -> path.matches(".*/libcuda\\.so[^/]*"))
                    .distinct()
                    .map(Path::of)
                    .toList();
            return List.of(judge(libraries));
        } catch (IOException e) {
            return List.of(Finding.wrong(
                    SUBJECT,
                    Reason.NOT_PERMITTED,
                    maps + " cannot be read (" + e.getMessage()
                            + "): name a process that runs, as its user or as root"));
        }
    }

    /** Beside a libwrapper lies its alias, and no driver. */
    private Finding judge(List<Path> libraries) {
        Set<Path> ours = libraries.stream()
                .filter(this::isLibwrapper)
                .map(Path::getParent)
                .collect(Collectors.toSet());
        Optional<Path> driver = libraries.stream()
                .filter(path -> !ours.contains(path.getParent()))
                .findFirst();
        if (!ours.isEmpty()) {
            return Finding.right(
                    SUBJECT,
                    pid + " has the libwrapper"
                            + driver.map(path -> " in front of " + path).orElse(", and has not called CUDA yet"));
        }
        return driver.map(path -> Finding.wrong(
                        SUBJECT,
                        Reason.OUR_FAULT,
                        pid + " has loaded " + path + " without the libwrapper, and is ungoverned: start it again with"
                                + " 'sluice run', or name Sluice's agent before all that uses CUDA"))
                .orElseGet(() -> Finding.right(
                        SUBJECT, pid + " has neither the libwrapper nor a driver: it has not used CUDA so far"));
    }

    /** By what it exports, since the agent unpacks copies. Read as the process sees it, which may be in a container. */
    private boolean isLibwrapper(Path library) {
        try {
            byte[] bytes = Files.readAllBytes(process().resolve("root" + library));
            return new String(bytes, StandardCharsets.ISO_8859_1).contains("sluice_control_probe");
        } catch (IOException e) {
            return false;
        }
    }

    private Path process() {
        return Path.of("/proc", Long.toString(pid));
    }
}
