package io.sluice.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tests.harness.Aarch64;
import io.sluice.tests.harness.Build;
import io.sluice.tests.harness.Sanitizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is loaded into an application loads on glibc 2.17 and every later one. ld.so leaves out a preload that asks for more,
 * and the application would run ungoverned.
 */
class GlibcFloorTest {
    private static final List<String> FOR_USE =
            List.of("libcuda.so.1", "libcuda.so", "libsluice-control.so", "libsluice-jni.so", "sluice-probe");
    private static final List<String> SIMULATED = List.of("libcuda.so.1", "libnvidia-ml.so.1", "libcudart.so.12");
    private static final int FLOOR_MINOR = 17;
    private static final Pattern IMPORT = Pattern.compile(" UND (\\S+?)@+(GLIBC_\\S+)");
    private static final Pattern NEEDED_VERSION = Pattern.compile("Name: (GLIBC_\\S+)");
    private static final Pattern NEEDED_LIBRARY = Pattern.compile("\\(NEEDED\\).*\\[(.+)]");
    private static final Pattern VERSION = Pattern.compile("GLIBC_2\\.(\\d+)(\\.\\d+)?");

    static Stream<Path> objects() {
        Stream<Path> own = Stream.concat(
                FOR_USE.stream().map(Build.BRIDGE::resolve), SIMULATED.stream().map(Build.SIMULATOR::resolve));
        Stream<Path> aarch64 = Stream.concat(
                FOR_USE.stream().map(Aarch64.BRIDGE::resolve),
                SIMULATED.stream().map(Aarch64.SIMULATOR::resolve));
        return Stream.concat(own, aarch64.filter(Files::exists));
    }

    @BeforeEach
    void isBuiltForUse() {
        assumeTrue(Sanitizer.PRESENT == Sanitizer.NONE, "a sanitizer needs a newer glibc itself");
    }

    @ParameterizedTest
    @MethodSource("objects")
    void needsNothingNewer(Path object) throws IOException {
        String text = readelf("--dyn-syms", object);
        assertThat(matches(IMPORT, text)
                        .filter(found -> isNewer(found.group(2)))
                        .map(found -> found.group(1) + " of " + found.group(2)))
                .as("functions in %s that glibc 2.%d has not: bind them in base/glibc_floor.h", object, FLOOR_MINOR)
                .isEmpty();
        assertThat(matches(NEEDED_VERSION, readelf("--version-info", object)).map(found -> found.group(1)))
                .as("versions that %s needs", object)
                .isNotEmpty()
                .noneMatch(GlibcFloorTest::isNewer);
    }

    /** Up to glibc 2.33 they were not in libc. */
    @ParameterizedTest
    @MethodSource("objects")
    void namesTheLibrariesThatHeldItsFunctionsThen(Path object) throws IOException {
        List<String> imports = matches(IMPORT, readelf("--dyn-syms", object))
                .map(found -> found.group(1))
                .toList();
        List<String> libraries = matches(NEEDED_LIBRARY, readelf("--dynamic", object))
                .map(found -> found.group(1))
                .toList();
        assertThat(libraries).contains("libc.so.6");
        if (imports.stream().anyMatch(name -> name.startsWith("dl"))) {
            assertThat(libraries).contains("libdl.so.2");
        }
        if (imports.stream().anyMatch(name -> name.startsWith("pthread_"))) {
            assertThat(libraries).contains("libpthread.so.0");
        }
    }

    /** A version that is no number, such as {@code GLIBC_ABI_DT_RELR}, came later. */
    private static boolean isNewer(String version) {
        var number = VERSION.matcher(version);
        return !number.matches() || Integer.parseInt(number.group(1)) > FLOOR_MINOR;
    }

    private static Stream<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }

    private static String readelf(String what, Path object) throws IOException {
        Process readelf = new ProcessBuilder("readelf", "--wide", what, object.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(readelf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(readelf.onExit().join().exitValue()).as("readelf %s", object).isZero();
        return text;
    }
}
