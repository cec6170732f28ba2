package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user who mistypes a line of cards.conf is told: file, line, key, and what to write instead. */
class CardsFileTest {
    @TempDir
    private Path cards;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            memory_bytes          | 2097151,-1,1e9,8GiB,  | whole number from 2097152 to 4398046511104
            reserved_bytes        | -1,x,4398046511105    | whole number from 0 to 4398046511104
            context_bytes         | -1,64MiB              | whole number from 0 to 4398046511104
            bar1_bytes            | 256M                  | whole number from 0 to 4398046511104
            sms                   | 0,-3,4294967296,a     | whole number from 1 to 4294967295
            clock_mhz             | 0,1000001,1.4         | whole number from 1 to 1000000
            nvml_index            | one                   | whole number from 0 to 4294967295
            memory_clock_mhz      | 0,1000001             | whole number from 1 to 1000000
            memory_bus_bits       | 0,2147483648          | whole number from 1 to 2147483647
            l2_bytes              | 40M                   | whole number from 0 to 2147483647
            threads_per_sm        | 1023                  | whole number from 1024 to 2147483647
            blocks_per_sm         | 0                     | whole number from 1 to 2147483647
            shared_bytes_per_sm   | 49151                 | whole number from 49152 to 2147483647
            shared_bytes_optin    | 49151,232449          | whole number from 49152 to 232448
            shared_bytes_reserved | 49153                 | whole number from 0 to 49152
            double_ratio          | 0,1:2                 | whole number from 1 to 2147483647
            ecc                   | 2,on                  | whole number from 0 to 1
            power_limit_w         | 0,4000001             | whole number from 1 to 4000000
            pcie_generation       | 0,7                   | whole number from 1 to 6
            pci_device_id         | 0x1ffffffff,10de      | whole number from 0 to 4294967295
            pci_subsystem_id      | 0xg                   | whole number from 0 to 4294967295
            instructions_per_us   | 0                     | whole number from 1 to 4294967295
            launch_ns             | 2us                   | whole number from 0 to 4294967295
            noise_percent         | 101                   | whole number from 0 to 100
            first_launch_ns       | -1                    | whole number from 0 to 4294967295
            event_ns              | 0.5                   | whole number from 0 to 4294967295
            queue_depth           | 0                     | whole number from 1 to 4294967295
            copy_start_ns         | ?                     | whole number from 0 to 4294967295
            copy_gb_s             | 0                     | whole number from 1 to 4294967295
            device_gb_s           | 0                     | whole number from 1 to 4294967295
            slice_us              | 0,10000001,2ms        | whole number from 1 to 10000000
            switch_us             | 1000001               | whole number from 0 to 1000000
            noise                 | yes,1,ON              | on or off
            late_memory_ms        | 60001,500-50,-,50-    | whole number up to 60000, or two as 50-500, the lower one first
            compute_capability    | 86,10.0,8             | one as 8.6
            uuid                  | GPU-1,gpu             | one in small letters as GPU-3c9619a8-4438-478e-9c35-2a3b01f5c6a9
            length_ns.train       | -1,parameter:,1ms     | nanoseconds, or parameter:0 for the kernel's first parameter
            """)
    void aBadValueIsToldWithItsLineAndWhatWouldDo(String key, String values, String takes) throws Exception {
        for (String value : values.split(",", -1)) {
            assertThat(complaint("[card]\nname=x\n%s=%s\n".formatted(key, value.strip())))
                    .as(value)
                    .contains(cards.resolve("cards.conf") + ":3: '" + key + "' does not take this value; give it ")
                    .contains(takes);
        }
    }

    @Test
    void whatIsNoKeyIsToldWithItsLine() throws Exception {
        assertThat(complaint("\n# a comment\n[card]\nmemory=8\n"))
                .contains("cards.conf:4: 'memory' is no key of a card; docs/simulated-gpu.md lists them");
        assertThat(complaint("[card]\nmemory_bytes\n"))
                .contains("cards.conf:2: 'memory_bytes' is no key with a value, as sms=16");
        assertThat(complaint("sms=2\n[card]\n")).contains("cards.conf:1: 'sms' stands before the first [card]");
    }

    @Test
    void cardsThatContradictEachOtherAreTold() throws Exception {
        String card = "[card]\nuuid=" + Card.FIRST_UUID + "\n";
        assertThat(complaint("")).contains("cards.conf: no [card]; describe at least one");
        assertThat(complaint("[card]\nsms=2\n")).contains("cards.conf: card 0 has no uuid; give it one");
        assertThat(complaint(card + card)).contains("cards.conf: card 1 has the uuid of another card");
        assertThat(complaint(card + "nvml_index=1\n"))
                .contains("cards.conf: card 0 has an nvml_index that is not below the number of cards");
    }

    /** The one line that a client gets to read, which finds no GPU. */
    private String complaint(String text) throws Exception {
        Files.writeString(cards.resolve("cards.conf"), text);
        ProcessBuilder builder = new ProcessBuilder(
                Native.library("simulator-churn").toString(),
                Native.library("libcuda.so.1").toString(),
                "empty",
                "0");
        builder.environment().put("SLUICE_SIM_DIR", cards.toString());
        Process process = builder.redirectErrorStream(true).start();
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", lines).isEqualTo(1);
        assertThat(lines).as("the driver's line, and the client's").hasSize(2);
        assertThat(lines.get(1)).contains("found " + Cuda.NO_DEVICE);
        return lines.get(0);
    }
}
