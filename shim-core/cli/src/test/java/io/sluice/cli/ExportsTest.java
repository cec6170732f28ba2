package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code sluice env} prints, any shell reads back as it was, and runs nothing of it. */
class ExportsTest {
    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash"})
    void plainValue(String shell) throws Exception {
        assertThat(throughShell(shell, "/a/b:/c")).isEqualTo("/a/b:/c");
    }

    @ParameterizedTest
    @MethodSource("hostileValues")
    void hostileValueIsOnlyAValue(String value) throws Exception {
        assertThat(throughShell("sh", value)).isEqualTo(value);
        assertThat(throughShell("bash", value)).isEqualTo(value);
    }

    static List<String> hostileValues() {
        return List.of(
                "",
                " leading and trailing ",
                "it's",
                "'",
                "''''",
                "'; touch /tmp/pwned; '",
                "$(touch /tmp/pwned)",
                "`id`",
                "${HOME}",
                "a\nexport LD_PRELOAD=/evil",
                "\\",
                "\\'",
                "a\tb\"c\"",
                "!!",
                "*?[a-z]~",
                "-n",
                "é 日本 \u202e");
    }

    private static String throughShell(String shell, String value) throws Exception {
        String script = Exports.lines(Map.of("SLUICE_TEST", value)) + "printf '%s.' \"$SLUICE_TEST\"";
        Process process = new ProcessBuilder(shell, "-c", "eval \"$1\"", shell, script)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.substring(0, output.length() - 1);
    }
}
