package io.sluice.simulator;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Prints the books of the simulated GPUs in a folder: {@code books [--csv] [FOLDER]}; see docs/simulated-gpu.md. */
public final class ShowBooks {
    static final int USAGE = 64;
    static final int NO_BOOKS = 69;

    private static final String SUFFIX = ".books";

    private ShowBooks() {}

    public static void main(String[] arguments) throws IOException {
        System.exit(run(Arrays.asList(arguments), System.out, System.err));
    }

    /** The exit code: 0, {@value #USAGE} for wrong arguments, {@value #NO_BOOKS} where there is nothing to print. */
    static int run(List<String> arguments, PrintStream out, PrintStream err) throws IOException {
        List<String> rest = new ArrayList<>(arguments);
        boolean csv = rest.remove("--csv");
        if (rest.size() > 1 || rest.stream().anyMatch(argument -> argument.startsWith("-"))) {
            err.println("books: usage: books [--csv] [FOLDER]; FOLDER is SLUICE_SIM_DIR, or its default");
            return USAGE;
        }
        Path folder = rest.isEmpty() ? defaultFolder() : Path.of(rest.get(0));
        List<String> cards = cardsIn(folder);
        if (cards.isEmpty()) {
            err.println("books: " + folder
                    + " has no books of a simulated GPU; name the SLUICE_SIM_DIR of a program that ran");
            return NO_BOOKS;
        }
        try {
            print(folder, cards, csv, out);
        } catch (IOException e) {
            err.println("books: " + e.getMessage() + "; print them with the version that wrote them");
            return NO_BOOKS;
        }
        return 0;
    }

    private static void print(Path folder, List<String> cards, boolean csv, PrintStream out) throws IOException {
        if (csv) {
            out.println(BooksPage.CSV_HEADER);
        }
        for (String card : cards) {
            EngineBooks books = EngineBooks.openAll(folder, card);
            BooksPage page = new BooksPage(card, books.read(), books.lost());
            (csv ? page.csv() : page.table()).forEach(out::println);
        }
    }

    private static List<String> cardsIn(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        }
    }

    /** As the driver chooses it. */
    private static Path defaultFolder() throws IOException {
        String chosen = Objects.requireNonNullElse(System.getenv("SLUICE_SIM_DIR"), "");
        Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        return Path.of(chosen.isEmpty() ? "/dev/shm/sluice-sim-" + uid : chosen);
    }
}
