package io.sluice.control.doctor;

import io.sluice.control.ControlException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Would the loader preload anything into this program? Not into one that is statically linked, of another architecture, for
 * another C library, or with rights of its own (ld.so(8), "Secure-execution mode").
 */
public final class ProgramCheck implements Check {
    private static final String SUBJECT = "command";
    private static final int MOST_INTERPRETERS = 4;
    private static final int LONGEST_LINE = 256;
    private static final int SET_ID = 06000;

    private final String word;
    private final String searchPath;

    /**
     * @param word as it stands behind {@code --}
     * @param searchPath {@code PATH}
     */
    public ProgramCheck(String word, String searchPath) {
        this.word = word;
        this.searchPath = searchPath;
    }

    @Override
    public List<Finding> look() {
        try {
            return List.of(find(word)
                    .map(path -> look(path, MOST_INTERPRETERS))
                    .orElseGet(() -> wrong(word + " does not exist, or cannot be executed: name a program")));
        } catch (java.io.UncheckedIOException e) {
            return List.of(
                    wrong(word + " cannot be read (" + e.getMessage() + "): name a program that this user may read"));
        }
    }

    private Optional<Path> find(String name) {
        if (name.contains("/")) {
            return Optional.of(Path.of(name)).filter(Files::isExecutable).filter(Files::isRegularFile);
        }
        return List.of(searchPath.split(":")).stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst();
    }

    private Finding look(Path program, int interpretersLeft) {
        try {
            Optional<String> interpreter = script(program);
            if (interpreter.isPresent() && interpretersLeft > 0) {
                return find(interpreter.get())
                        .map(path -> look(path, interpretersLeft - 1))
                        .orElseGet(() -> wrong(program + " is a script for " + interpreter.get()
                                + ", which does not exist: install it"));
            }
            return ElfFile.read(program)
                    .map(elf -> look(program, elf))
                    .orElseGet(() -> wrong(
                            program + " is neither a program nor a script that begins with '#!'" + ": name a program"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Finding look(Path program, ElfFile elf) {
        if (elf.machine() != ElfFile.here() || !elf.wide()) {
            return wrong(program + " is for " + elf.architecture() + ", and the libwrapper for "
                    + ElfFile.architecture(ElfFile.here()) + ": it would run ungoverned; use a build for this machine");
        }
        Optional<String> loader = elf.interpreter();
        if (loader.isEmpty()) {
            return wrong(program + " is statically linked, so that nothing can be preloaded: what it does itself is"
                    + " ungoverned, only the programs that it starts are not; link it dynamically");
        }
        if (loader.get().contains("ld-musl")) {
            return wrong(program + " is built for musl (" + loader.get()
                    + "), and NVIDIA's driver needs glibc: use a build" + " for glibc");
        }
        if (hasRightsOfItsOwn(program)) {
            return wrong(
                    program + " has the set-user-ID or set-group-ID bit, and the loader ignores LD_PRELOAD for it: it"
                            + " would run ungoverned; start the application without it");
        }
        return Finding.right(SUBJECT, program + " takes a preload (" + loader.get() + ")");
    }

    private static Optional<String> script(Path program) throws IOException {
        try (var in = Files.newInputStream(program)) {
            String start = new String(in.readNBytes(LONGEST_LINE), StandardCharsets.ISO_8859_1);
            return start.startsWith("#!")
                    ? start.substring(2)
                            .strip()
                            .lines()
                            .findFirst()
                            .map(line -> interpreter(line.strip().split("\\s+")))
                    : Optional.empty();
        }
    }

    /** {@code #!/usr/bin/env bash} is about bash. */
    private static String interpreter(String[] words) {
        return words.length > 1 && words[0].endsWith("/env") ? words[1] : words[0];
    }

    private static boolean hasRightsOfItsOwn(Path program) {
        try {
            return ((int) Files.getAttribute(program, "unix:mode") & SET_ID) != 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Finding wrong(String text) {
        return Finding.wrong(SUBJECT, Reason.OUR_FAULT, text);
    }
}
