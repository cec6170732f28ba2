package io.sluice.tests.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** What a library's addresses belong to, as its debug information says. */
public final class CodePoints {
    private CodePoints() {}

    /**
     * The names of all functions that the addresses lie in, inlined ones too. Asks addr2line, which comes with the compiler.
     *
     * @param addresses a file of addresses, one a line, counted from where the library is loaded
     */
    public static Set<String> functions(Path library, Path addresses) throws IOException {
        Path told = Files.createTempFile("sluice-test-", ".functions");
        try {
            Process process = new ProcessBuilder("addr2line", "-f", "-i", "-e", library.toString())
                    .redirectInput(addresses.toFile())
                    .redirectOutput(told.toFile())
                    .start();
            process.onExit().join();
            // A name, then a place in the source, in turns.
            return Files.readAllLines(told).stream()
                    .filter(line -> !line.contains(":"))
                    .collect(Collectors.toSet());
        } finally {
            Files.delete(told);
        }
    }
}
