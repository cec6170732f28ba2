package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.ptr.IntByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedFunctionsTest {
    private static final int ATTRIBUTES = 134;
    private static final List<String> CARDS = List.of("default", "T4", "A10", "A100-80GB", "H100");

    @TempDir
    private Path cards;

    @Test
    void thePageInTheDocsSaysWhatWorks() throws Exception {
        Path home = Path.of(System.getProperty("sluice.home"));
        Path document = home.resolve("docs/simulated-gpu-functions.md");
        String found = new FunctionsPage(home.resolve("test-harness/simulator/src/main/c")).text(CARDS, answers());
        if (Boolean.getBoolean("sluice.write-docs")) {
            Files.writeString(document, found);
        }
        assertThat(Files.exists(document) ? Files.readString(document) : "")
                .as("docs/simulated-gpu-functions.md is out of date: write it anew with 'mvn verify -pl"
                        + " test-harness/simulator -am -Dtest=SimulatedFunctionsTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.write-docs=true'")
                .isEqualTo(found);
    }

    private Map<Integer, List<Integer>> answers() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int card = 0; card < CARDS.size(); card++) {
            text.append("[card]\n").append(card == 0 ? "" : "model=%s\n".formatted(CARDS.get(card)));
            text.append("nvml_index=%d\nuuid=GPU-0000000%d-2222-3333-4444-555555555555\n".formatted(card, card));
        }
        Files.writeString(cards.resolve("cards.conf"), text);
        Map<Integer, List<Integer>> answers = new TreeMap<>();
        try (Child child = Child.start(cards, Map.of(), SimulatedFunctionsTest.class, "tellAttributes")) {
            for (int attribute = 1; attribute <= ATTRIBUTES; attribute++) {
                List<Integer> row = new ArrayList<>();
                for (String value : child.line().split(" ")) {
                    row.add(Integer.valueOf(value));
                }
                answers.put(attribute, row);
            }
            child.awaitSuccess();
        }
        return answers;
    }

    static void tellAttributes() {
        Cuda.initialised();
        Function get = Cuda.library().getFunction("cuDeviceGetAttribute");
        for (int attribute = 1; attribute <= ATTRIBUTES; attribute++) {
            List<String> row = new ArrayList<>();
            for (int card = 0; card < CARDS.size(); card++) {
                IntByReference value = new IntByReference();
                Cuda.check(get.invokeInt(new Object[] {value, attribute, card}));
                row.add(String.valueOf(value.getValue()));
            }
            Child.tell(String.join(" ", row));
        }
    }
}
