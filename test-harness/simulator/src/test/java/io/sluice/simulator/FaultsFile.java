package io.sluice.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The faults.conf of this process' simulated GPUs. */
final class FaultsFile {
    /** Each process looks at the file every 10 ms, by a clock that ticks every 4 ms. */
    private static final long UNTIL_SEEN_MS = 40;

    private FaultsFile() {}

    static Path path() {
        return Path.of(System.getenv("SLUICE_SIM_DIR"), "faults.conf");
    }

    /** Returns when the next call of the driver will see it. */
    static void write(String text) throws IOException, InterruptedException {
        Path whole = path().resolveSibling("faults.new");
        Files.writeString(whole, text);
        Files.move(whole, path(), StandardCopyOption.REPLACE_EXISTING);
        Thread.sleep(UNTIL_SEEN_MS);
    }

    static void remove() throws IOException, InterruptedException {
        Files.delete(path());
        Thread.sleep(UNTIL_SEEN_MS);
    }
}
