package io.sluice.bridge.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeBuild;
import io.sluice.bridge.api.DriverFunction.Entry;
import io.sluice.bridge.api.DriverFunction.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DriverApiTest {
    private static final Path FOLDER = Path.of(System.getProperty("sluice.home"), "shim-native-bridge/src/main/api");

    private final List<DriverFunction> functions = read();

    @Test
    void everyNameOfTheApiIsDescribedOnce() {
        assertThat(functions)
                .extracting(DriverFunction::name)
                .hasSize(675)
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    void aNameHasARoleExactlyWhereAQuotaConcernsIt() {
        assertThat(functions)
                .allSatisfy(f -> assertThat(f.role() == Role.FORWARD)
                        .as(f.name() + ": role " + f.role() + ", entry " + f.entry())
                        .isEqualTo(f.entry() == Entry.JUMP || f.entry() == Entry.CLOSE));
    }

    /** Also fails where a hook has been written for a name that the description does not call a hook. */
    @Test
    void everyHookInTheDescriptionIsCompiledAndNoOther() throws Exception {
        Set<String> described = functions.stream()
                .filter(f -> f.entry() == Entry.HOOK || f.entry() == Entry.LAUNCH)
                .map(f -> "sluice_hook_" + f.name())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(symbols("sluice_hook_", "Tt")).isEqualTo(described);
    }

    @Test
    void everyNameOfTheApiIsExportedByTheLibwrapper() throws Exception {
        assertThat(symbols("cu", "T"))
                .isEqualTo(functions.stream().map(DriverFunction::name).collect(Collectors.toCollection(TreeSet::new)));
    }

    /** All suffixed forms of a call mean the same to a quota. */
    @Test
    void formsOfOneCallHaveOneRole() {
        assertThat(functions)
                .allSatisfy(f -> functions.stream()
                        .filter(other -> other.base().equals(f.base()) && other.version() == f.version())
                        .forEach(other -> assertThat(other.role())
                                .as(other.name() + " beside " + f.name())
                                .isEqualTo(f.role())));
    }

    /** @param types as nm tells them: T is exported, t is not */
    private static Set<String> symbols(String prefix, String types) throws IOException, InterruptedException {
        Process nm = new ProcessBuilder(
                        "nm",
                        "--defined-only",
                        "--format=posix",
                        NativeBuild.libwrapper().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(nm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(nm.waitFor()).isZero();
        return output.lines()
                .map(line -> line.split(" "))
                .filter(column -> column[0].startsWith(prefix) && types.contains(column[1]))
                .map(column -> column[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<DriverFunction> read() {
        try {
            return DriverApi.read(FOLDER);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
