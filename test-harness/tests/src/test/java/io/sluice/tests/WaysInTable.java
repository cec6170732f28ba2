package io.sluice.tests;

import io.sluice.tests.harness.CudaLibrary;
import io.sluice.tests.harness.CudaName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** docs/ways-in.md, from what a test run found. One thread's. */
final class WaysInTable {
    private static final String ABOVE = """
            # Ways in

            By which Java library, and by which name, a program may ask for the CUDA driver, so that its quota holds. Written by
            `JavaWaysInTest` from what it finds: each cell is a JVM of its own on the simulated GPU, with a random limit.

            """;

    private static final String BELOW = """

            - **yes**: denied at the exact byte, and the ledger has what was granted, no more and no less.
            - **no**: the program gets the real driver, ungoverned. The agent's line on stderr says at each start that this can happen.
            - **–**: cannot be asked for. The native halves of JCuda and of bytedeco's presets are linked to `libcuda.so.1`, and the
              loader finds it by that name. The presets' runtime API runs on the [stand-in](simulated-gpu.md#the-runtime-api) here.

            [`sluice run`](commands.md) preloads the libwrapper and hooks `dlopen`, so that the name does not matter. For
            [the agent alone](agent.md) the loader has to find by its name what is loaded already, which no absolute path does.

            What becomes of `cuda`:

            - JNA and LWJGL ask for `libcuda.so`. Where `jna.library.path` or `org.lwjgl.librarypath` names the folder of a driver,
              they look there first, and end at its absolute path.
            - jnr-ffi searches `java.library.path`, which has the folders of `LD_LIBRARY_PATH`, and the system's folders, and ends at
              an absolute path.
            - FFM does nothing to a name. The table has what jextract generates, `libraryLookup(System.mapLibraryName("cuda"), …)`,
              which asks for `libcuda.so`. `System.loadLibrary("cuda")` ends at an absolute path of `java.library.path`.
            """;

    private final Map<Cell, Outcome> found = new HashMap<>();

    /** How a program came under its quota. */
    enum Governed {
        BY_RUN("`sluice run`"),
        BY_THE_AGENT("the agent alone");

        private final String title;

        Governed(String title) {
            this.title = title;
        }
    }

    enum Outcome {
        HOLDS("yes"),
        GOES_AROUND("no");

        private final String word;

        Outcome(String word) {
            this.word = word;
        }
    }

    record Cell(CudaLibrary library, Governed governed, CudaName name) {}

    void put(Cell cell, Outcome outcome) {
        found.put(cell, outcome);
    }

    boolean hasRows() {
        return !found.isEmpty();
    }

    /** The document; rows that this run has not found whole stand as in {@code document}. */
    String updated(String document) {
        String names = Stream.of(CudaName.values())
                .map(CudaName::title)
                .collect(Collectors.joining(" | ", "| library | governed by | ", " |\n"));
        String rows = Stream.of(CudaLibrary.values())
                .flatMap(library -> Stream.of(Governed.values()).map(governed -> row(library, governed, document)))
                .collect(Collectors.joining());
        return ABOVE + names + "|---|---|" + "---|".repeat(CudaName.values().length) + "\n" + rows + BELOW;
    }

    private String row(CudaLibrary library, Governed governed, String document) {
        String start = "| " + library.title() + " | " + governed.title + " | ";
        boolean whole = Stream.of(CudaName.values())
                .filter(library::canAskFor)
                .allMatch(name -> found.containsKey(new Cell(library, governed, name)));
        if (!whole) {
            Optional<String> before =
                    document.lines().filter(line -> line.startsWith(start)).findFirst();
            return before.map(line -> line + "\n").orElse("");
        }
        return Stream.of(CudaName.values())
                .map(name -> Optional.ofNullable(found.get(new Cell(library, governed, name)))
                        .map(outcome -> outcome.word)
                        .orElse("–"))
                .collect(Collectors.joining(" | ", start, " |\n"));
    }
}
