package io.sluice.bridge.generator;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.api.DriverApi;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class GenerateFunctionTableTest {
    private static final Path HOME = Path.of(System.getProperty("sluice.home"));

    @Test
    void theTableInTheDocsSaysWhatTheEntriesDo() throws Exception {
        String generated =
                GenerateFunctionTable.generate(DriverApi.read(HOME.resolve("shim-native-bridge/src/main/api")));
        assertThat(Files.readString(HOME.resolve("docs/driver-functions.md")))
                .as("docs/driver-functions.md is out of date: run GenerateFunctionTable on it")
                .isEqualTo(generated);
    }
}
