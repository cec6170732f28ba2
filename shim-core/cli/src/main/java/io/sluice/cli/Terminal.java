package io.sluice.cli;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The terminal that stdin and stdout are, drawn on as a whole: what was there before is there again afterwards. */
final class Terminal implements AutoCloseable {
    private static final File TTY = new File("/dev/tty");
    private static final String OTHER_SCREEN = "\u001b[?1049h\u001b[?25l";
    private static final String FIRST_SCREEN = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String CLEAR_REST_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final long LOOK_FOR_KEYS_MS = 50;

    private final PrintStream out;
    private final InputStream keys = System.in;
    private final String settings;
    private final boolean colours;
    private final Thread atExit = new Thread(this::restore);

    private Terminal(PrintStream out, String settings, boolean colours) {
        this.out = out;
        this.settings = settings;
        this.colours = colours;
    }

    /** Lines and columns. */
    record Size(int lines, int columns) {}

    /** Empty where stdin or stdout is something else, or the terminal can do nothing but print. */
    static Optional<Terminal> open(Map<String, String> environment) throws IOException, InterruptedException {
        if (environment.getOrDefault("TERM", "dumb").equals("dumb") || !isTerminal()) {
            return Optional.empty();
        }
        Optional<String> settings = stty("-g");
        if (settings.isEmpty()
                || stty("-icanon", "-echo", "min", "0", "time", "0").isEmpty()) {
            return Optional.empty();
        }
        boolean colours = environment.getOrDefault("NO_COLOR", "").isEmpty();
        PrintStream out = new PrintStream(new FileOutputStream(TTY), false, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(out, settings.get(), colours);
        Runtime.getRuntime().addShutdownHook(terminal.atExit);
        out.print(OTHER_SCREEN);
        return Optional.of(terminal);
    }

    boolean hasColours() {
        return colours;
    }

    Size size() throws IOException, InterruptedException {
        String[] words = stty("size").orElse("").split(" ");
        int lines = words.length == 2 ? Integer.parseInt(words[0]) : 0;
        int columns = words.length == 2 ? Integer.parseInt(words[1]) : 0;
        return lines > 0 && columns > 0 ? new Size(lines, columns) : new Size(24, TopText.NARROW);
    }

    /** As many lines as there is room for. */
    void draw(String text, Size size) {
        List<String> lines = text.lines().toList();
        StringBuilder drawn = new StringBuilder(HOME);
        for (int i = 0; i < Math.min(lines.size(), size.lines() - 1); i++) {
            drawn.append(lines.get(i)).append(CLEAR_REST_OF_LINE).append("\r\n");
        }
        out.print(drawn + CLEAR_BELOW + "q quits" + CLEAR_REST_OF_LINE);
        out.flush();
    }

    /** Waits so long; true at once where 'q' was pressed. */
    boolean awaitsQuit(Duration time) throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            while (keys.available() > 0) {
                int key = keys.read();
                if (key == 'q' || key == 'Q') {
                    return true;
                }
            }
            Thread.sleep(Math.max(1, Math.min(LOOK_FOR_KEYS_MS, left / 1_000_000)));
        }
        return false;
    }

    @Override
    public void close() {
        restore();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void restore() {
        out.print(FIRST_SCREEN);
        out.flush();
        try {
            stty(settings);
        } catch (IOException | InterruptedException e) {
            System.err.println("sluice: the terminal's settings could not be restored: run 'stty sane'");
        }
    }

    /** Asked of the system: what System.console() says depends on the JDK. */
    private static boolean isTerminal() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "test -t 0 && test -t 1")
                        .inheritIO()
                        .start()
                        .waitFor()
                == 0;
    }

    /** What it printed; empty where it failed. */
    private static Optional<String> stty(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        Process stty = new ProcessBuilder(command)
                .redirectInput(TTY)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        return stty.waitFor() == 0 ? Optional.of(said) : Optional.empty();
    }
}
