package io.sluice.bridge.libwrapper;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeBuild;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenialStormTest {
    private static final int POSTS_EACH = Boolean.getBoolean("sluice.soak") ? 200_000 : 2_000;

    @TempDir
    Path folder;

    /** Also under a sanitizer: the program runs the libwrapper's own code, with a listener that is slow and then gone. */
    @Test
    void noDenialIsLostToldTwiceOrWaitsForEver() throws Exception {
        long seed = Long.getLong("sluice.seed", System.nanoTime());
        Path printed = folder.resolve("storm.out");
        Process storm = new ProcessBuilder(
                        NativeBuild.folder().resolve("test/denial_storm").toString(),
                        Integer.toString(POSTS_EACH),
                        Long.toString(seed))
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        boolean ended = storm.waitFor(300, TimeUnit.SECONDS);
        storm.destroyForcibly();
        String output = Files.readString(printed);
        assertThat(ended).as("seed %d: it hung after: %s", seed, output).isTrue();
        assertThat(storm.exitValue()).as("seed %d: %s", seed, output).isZero();
    }
}
