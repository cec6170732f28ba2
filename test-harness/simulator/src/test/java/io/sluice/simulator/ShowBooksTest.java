package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is shown of who ran when. */
class ShowBooksTest {
    private static final int BLOCKS_OF_ONE_SM = 3;

    @TempDir
    private Path cards;

    private record Shown(int exitCode, List<String> lines, String complaint) {}

    private static Shown show(String... arguments) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = ShowBooks.run(
                Arrays.asList(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Shown(
                exitCode,
                out.toString(StandardCharsets.UTF_8).lines().toList(),
                err.toString(StandardCharsets.UTF_8).strip());
    }

    /** Three kernels of 1 ms, one of the two SMs each, one after another. */
    private long threeKernels() throws Exception {
        Card.install(cards, Card.of(64 << 20).with("length_ns.spin=parameter:0").with("sms=2"));
        try (Load load = Load.ready(cards, Load.stream(0, 3, 1_000_000, 0, BLOCKS_OF_ONE_SM, true))) {
            load.go();
            load.untilDone();
            return load.pid();
        }
    }

    @Test
    void aTableTellsWhoRanWhenAndForHowLong() throws Exception {
        long pid = threeKernels();
        Shown shown = show(cards.toString());
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.lines()).first().isEqualTo(Card.FIRST_UUID + ": 3 runs, 0 older ones overwritten");
        assertThat(shown.lines().get(2))
                .matches("\\s+0\\.000\\s+1\\.000\\s+\\S+\\s+" + pid + "\\s+1\\s+\\d+\\s+1  spin");
        assertThat(shown.lines().get(7)).matches("\\s+" + pid + "\\s+3\\s+3\\.000\\s+\\d+\\.\\d");
    }

    @Test
    void aFileForSpreadsheetsHasEachRunInNanoseconds() throws Exception {
        long pid = threeKernels();
        Shown shown = show("--csv", cards.toString());
        assertThat(shown.lines()).hasSize(4);
        assertThat(shown.lines().get(0)).startsWith("card,number,pid,").endsWith(",sms,sms_of_card,ended");
        List<String> header = List.of(shown.lines().get(0).split(","));
        for (String line : shown.lines().subList(1, 4)) {
            List<String> fields = List.of(line.split(","));
            assertThat(fields).hasSameSizeAs(header);
            assertThat(fields.get(header.indexOf("pid"))).isEqualTo(Long.toString(pid));
            assertThat(fields.get(header.indexOf("kernel"))).isEqualTo("spin");
            long start = Long.parseLong(fields.get(header.indexOf("start_ns")));
            assertThat(Long.parseLong(fields.get(header.indexOf("end_ns")))).isEqualTo(start + 1_000_000);
        }
    }

    @Test
    void whatCannotBeShownIsToldInOneLine() throws Exception {
        assertThat(show("--cvs").exitCode()).isEqualTo(ShowBooks.USAGE);
        Shown nothing = show(cards.resolve("nowhere").toString());
        assertThat(nothing.exitCode()).isEqualTo(ShowBooks.NO_BOOKS);
        assertThat(nothing.complaint()).contains(cards.resolve("nowhere") + " has no books");
        Files.writeString(cards.resolve("GPU-1.books"), "something else");
        assertThat(show(cards.toString()).complaint())
                .contains("GPU-1.books is not a simulated GPU's books of this version")
                .hasLineCount(1);
    }
}
