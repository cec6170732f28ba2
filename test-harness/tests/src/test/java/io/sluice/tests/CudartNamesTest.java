package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tests.harness.Build;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bytedeco.cuda.global.cudart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that was linked to NVIDIA's runtime library finds every name of it in the stand-in, under the version that it asks
 * for: the loader ends a program at the call of a name that is not there. bytedeco's presets call nearly all there are.
 */
class CudartNamesTest {
    private static final Pattern IMPORT = Pattern.compile(" UND (\\w+@libcudart\\.so\\.12)");
    private static final Pattern EXPORT = Pattern.compile(" [1-9]\\d* (\\w+)@@(libcudart\\.so\\.12)");

    @TempDir
    private Path folder;

    @Test
    void everyNameThatThePresetsImportIsExported() throws IOException {
        Path presets = folder.resolve("libjnicudart.so");
        String place = "/org/bytedeco/cuda/"
                + (System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x86_64")
                + "/libjnicudart.so";
        try (InputStream library = cudart.class.getResourceAsStream(place)) {
            assertThat(library).as(place).isNotNull();
            Files.copy(library, presets);
        }
        Set<String> imported = names(IMPORT, presets);
        assertThat(imported).hasSizeGreaterThan(300);
        assertThat(names(EXPORT, Build.SIMULATOR.resolve("libcudart.so.12"))).containsAll(imported);
    }

    private static Set<String> names(Pattern pattern, Path library) throws IOException {
        Process readelf = new ProcessBuilder("readelf", "--wide", "--dyn-syms", library.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(readelf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return pattern.matcher(text)
                .results()
                .map(CudartNamesTest::nameAndVersion)
                .collect(Collectors.toSet());
    }

    private static String nameAndVersion(MatchResult found) {
        return found.groupCount() == 1 ? found.group(1) : found.group(1) + "@" + found.group(2);
    }
}
