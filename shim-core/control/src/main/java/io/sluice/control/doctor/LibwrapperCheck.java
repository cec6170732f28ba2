package io.sluice.control.doctor;

import io.sluice.control.ControlException.Reason;
import io.sluice.control.ProbeProgram;
import io.sluice.control.ProbeProgram.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Does the loader take the libwrapper, and which driver does the libwrapper take? Asked of a program that is started as an
 * application would be: the loader says on stderr what it could not preload, and goes on.
 */
public final class LibwrapperCheck implements Check {
    private static final String SUBJECT = "libwrapper";
    private static final Pattern NOT_PRELOADED =
            Pattern.compile("ld\\.so: object '([^']*)' from LD_PRELOAD cannot be preloaded \\((.*)\\): ignored");
    private static final Pattern NEWER_SYMBOL = Pattern.compile("version `([^']*)' not found");

    private final Path libwrapper;
    private final Path probe;
    private final Map<String, String> environment;

    /**
     * @param probe the program that is started
     * @param environment all of it, as {@code sluice run} would make it
     */
    public LibwrapperCheck(Path libwrapper, Path probe, Map<String, String> environment) {
        this.libwrapper = libwrapper;
        this.probe = probe;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public List<Finding> look() {
        Optional<Finding> foreign = otherArchitecture();
        if (foreign.isPresent()) {
            return List.of(foreign.get());
        }
        try {
            Answer answer = new ProbeProgram(probe).run(environment, "driver");
            if (answer.exitCode() == 0 || answer.exitCode() == Reason.NO_DRIVER.exitCode()) {
                return List.of(Finding.right(SUBJECT, libwrapper + " stands first in line for cuInit"), driver(answer));
            }
            return List.of(Finding.wrong(SUBJECT, Reason.OUR_FAULT, notInFront(answer)));
        } catch (IOException | TimeoutException e) {
            return List.of(Finding.wrong(
                    SUBJECT,
                    Reason.OUR_FAULT,
                    probe + " cannot be started (" + e.getMessage()
                            + "): build Sluice for this machine, in a folder that" + " is not mounted noexec"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(Finding.wrong(SUBJECT, Reason.OUR_FAULT, "interrupted while looking: look again"));
        }
    }

    /** The loader would only say that it cannot open the file. */
    private Optional<Finding> otherArchitecture() {
        try {
            Optional<ElfFile> elf = ElfFile.read(libwrapper);
            if (elf.isPresent() && elf.get().machine() == ElfFile.here()) {
                return Optional.empty();
            }
            String what = elf.map(file -> "for " + file.architecture()).orElse("not a library");
            return Optional.of(Finding.wrong(
                    SUBJECT,
                    Reason.OUR_FAULT,
                    libwrapper + " is " + what + ", and this machine is " + ElfFile.architecture(ElfFile.here())
                            + ": build Sluice on this machine, with 'mvn -Dquick -DskipTests package'"));
        } catch (IOException e) {
            return Optional.of(Finding.wrong(
                    SUBJECT,
                    Reason.OUR_FAULT,
                    libwrapper + " cannot be read (" + e.getMessage() + "): build Sluice with 'mvn -Dquick -DskipTests"
                            + " package'"));
        }
    }

    /** Some loaders go on without what they cannot preload, some end the program. */
    private String notInFront(Answer answer) {
        String text = answer.text();
        Matcher newer = NEWER_SYMBOL.matcher(text);
        if (newer.find()) {
            return libwrapper + " cannot be loaded: this system's C library is older than " + newer.group(1)
                    + ", which it was built against; build Sluice on this machine, or on an older one";
        }
        Matcher ignored = NOT_PRELOADED.matcher(text);
        if (!ignored.find()) {
            return sentence(answer);
        }
        String told = "the loader does not preload " + ignored.group(1) + " (" + ignored.group(2) + ")";
        if (text.contains("failed to map segment")) {
            return told + ": its folder is mounted noexec; move Sluice, or mount that folder with exec";
        }
        if (text.contains("cannot open shared object file")) {
            return told + ": every user who runs applications must be able to read it; run 'chmod a+r' on it, and"
                    + " 'chmod a+x' on the folders above";
        }
        return told + ": build Sluice on this machine, with 'mvn -Dquick -DskipTests package'";
    }

    private Finding driver(Answer answer) {
        if (answer.exitCode() == Reason.NO_DRIVER.exitCode()) {
            return Finding.wrong("driver", Reason.NO_DRIVER, sentence(answer));
        }
        String path = answer.text().lines().reduce((first, last) -> last).orElse("");
        return Finding.right("driver", path + ", " + whence(path));
    }

    /** In the order in which the libwrapper looks. */
    private String whence(String path) {
        if (path.equals(environment.get("SLUICE_DRIVER"))) {
            return "which SLUICE_DRIVER names";
        }
        String folder = String.valueOf(Path.of(path).getParent());
        List<String> searched =
                List.of(environment.getOrDefault("LD_LIBRARY_PATH", "").split("[:;]"));
        return searched.contains(folder)
                ? "found in LD_LIBRARY_PATH"
                : "found in the loader's cache or a folder where drivers usually lie";
    }

    /** The last line that the libwrapper said, without its name. */
    private static String sentence(Answer answer) {
        List<String> lines = answer.text()
                .lines()
                .filter(line -> line.startsWith("sluice: "))
                .map(line -> line.substring("sluice: ".length()))
                .toList();
        return lines.isEmpty() ? answer.text() : lines.get(0);
    }
}
