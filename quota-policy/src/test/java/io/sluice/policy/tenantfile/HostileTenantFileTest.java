package io.sluice.policy.tenantfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in the file, the answer is a few sentences, soon. */
@Timeout(20)
class HostileTenantFileTest {
    @TempDir
    Path folder;

    @Test
    void emptyFiles() {
        assertThat(message("")).isEqualTo("t.yaml:1:1: the file is empty: a tenant file needs 'tenant' and 'gpus'");
        assertThat(message("# only a comment\n")).contains("the file is empty");
        assertThat(message("---\n")).contains("nothing is not a tenant file");
    }

    @Test
    void binary() {
        byte[] noise = new byte[4096];
        new Random(1).nextBytes(noise);
        assertThat(message(noise)).startsWith("t.yaml:1:1: not UTF-8 text");
        assertThat(message(new byte[4096]))
                .isEqualTo("t.yaml:1:1: not YAML text: it holds characters that cannot be" + " printed");
    }

    @Test
    void sparseGibibyteIsNotRead() throws Exception {
        Path file = folder.resolve("huge.yaml");
        try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
            huge.setLength(1L << 30);
        }
        assertThat(message(file)).isEqualTo(file + ": larger than 1 MiB: this is not a tenant file");
    }

    @Test
    void whatIsNotAFile() {
        assertThat(message(folder)).contains("a directory, where a tenant file is expected");
        assertThat(message(folder.resolve("none"))).contains("no such file");
        assertThat(message(Path.of("/dev/zero"))).contains("not a regular file");
    }

    @Test
    void aliasBomb() {
        String bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
                + IntStream.range('b', 'j')
                        .mapToObj(c ->
                                (char) c + ": &" + (char) c + " [" + ("*" + (char) (c - 1) + ",").repeat(9) + "]\n")
                        .collect(Collectors.joining());
        assertThat(message(bomb)).contains("more than 64 aliases");
    }

    @Test
    void aliasToItself() {
        assertThat(message("tenant: a\ngpus: &g [*g]\n")).contains("names no anchor above it");
    }

    @Test
    void deepNesting() {
        assertThat(message("[".repeat(500_000))).contains("nested deeper than 16 levels");
        assertThat(message("? ".repeat(400_000))).contains("nested deeper than 16 levels");
        assertThat(message("- ".repeat(400_000))).contains("nested deeper than 16 levels");
    }

    @Test
    void aMillionMistakes() {
        String mistakes =
                IntStream.range(0, 100_000).mapToObj(i -> "k" + i + ": 1\n").collect(Collectors.joining());
        assertThat(message(mistakes).lines()).hasSize(51).last().asString().contains("too much is wrong");
    }

    @Test
    void twoDocuments() {
        assertThat(message("tenant: a\n---\ntenant: b\n")).contains("t.yaml:2:1: a second document begins here");
    }

    @Test
    void escapeSequencesDoNotReachTheTerminal() {
        String message = message("tenant: \"\\e[31m\\u202Ex\"\n\"a\\nb\": 1\ngpus: [{gpu: 0, memory: 1B}]\n");
        assertThat(message).contains("'\\u001b[31m\\u202ex'").contains("'a\\u000ab'");
        assertThat(message.chars().filter(c -> c != '\n' && Character.isISOControl(c)))
                .isEmpty();
    }

    private static String message(String text) {
        return message(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String message(byte[] content) {
        return String.valueOf(
                catchThrowableOfType(TenantFileException.class, () -> TenantFileParser.parse("t.yaml", content))
                        .getMessage());
    }

    private static String message(Path path) {
        return String.valueOf(catchThrowableOfType(TenantFileException.class, () -> TenantFileParser.parse(path))
                .getMessage());
    }
}
