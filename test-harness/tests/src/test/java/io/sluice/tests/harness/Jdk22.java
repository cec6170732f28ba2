package io.sluice.tests.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A JDK that has foreign functions for everybody, which came with 22. Its clients cannot be compiled with the others and
 * lie in {@code src/test/java22}.
 */
record Jdk22(Path home) {
    private static final String VARIABLE = "SLUICE_TEST_JDK_22";
    private static final Path TESTS = Build.HOME.resolve("test-harness/tests");
    private static final Path CLASSES = TESTS.resolve("target/java22");
    private static boolean compiled; // guarded by the class

    /** Where SLUICE_TEST_JDK_22 says, else the one that runs the tests, else one of /usr/lib/jvm. */
    static Jdk22 find() throws IOException {
        String named = System.getenv(VARIABLE);
        if (named != null) {
            assertThat(Path.of(named)).as(VARIABLE).matches(Jdk22::isRecent, "is the home of a JDK 22 or later");
            return new Jdk22(Path.of(named));
        }
        Path installed = Path.of("/usr/lib/jvm");
        try (Stream<Path> homes = Files.isDirectory(installed) ? Files.list(installed) : Stream.empty()) {
            return Stream.concat(Stream.of(Path.of(System.getProperty("java.home"))), homes.sorted())
                    .filter(Jdk22::isRecent)
                    .findFirst()
                    .map(Jdk22::new)
                    .orElseGet(() -> abort("no JDK 22 or later in /usr/lib/jvm, and " + VARIABLE + " names none"));
        }
    }

    private static boolean isRecent(Path home) {
        if (!Files.isExecutable(home.resolve("bin/javac"))) {
            return false;
        }
        try {
            Properties release = new Properties();
            release.load(new StringReader(Files.readString(home.resolve("release"))));
            String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
            return Runtime.Version.parse(version).feature() >= 22;
        } catch (IOException | IllegalArgumentException e) {
            return false; // not a JDK, or older than 9
        }
    }

    /** The folder of their classes. They are compiled once in a test run, since that takes longer than to run them. */
    Path compiledClients() throws IOException, InterruptedException {
        synchronized (Jdk22.class) {
            if (!compiled) {
                compile();
                compiled = true;
            }
            return CLASSES;
        }
    }

    private void compile() throws IOException, InterruptedException {
        Process javac = new ProcessBuilder(List.of(
                        home.resolve("bin/javac").toString(),
                        "-cp",
                        AgentJvm.clients().toString(),
                        "-d",
                        CLASSES.toString(),
                        TESTS.resolve("src/test/java22/io/sluice/tests/client/FfmClient.java")
                                .toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(javac.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(javac.waitFor()).as("javac:%n%s", said).isZero();
    }
}
