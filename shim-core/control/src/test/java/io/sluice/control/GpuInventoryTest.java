package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.control.ControlException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuInventoryTest {
    @TempDir
    Path temp;

    @Test
    void libraryThatIsNoLibraryIsPassedOver() throws Exception {
        Files.writeString(temp.resolve("libnvidia-ml.so.1"), "not a library");
        Map<String, String> environment = Map.of("LD_LIBRARY_PATH", temp + ":relative:", "SLUICE_DRIVER", temp + "/x");
        try {
            assertThat(GpuInventory.ofDriver(environment).gpus()).isNotEmpty(); // this machine has a driver
        } catch (ControlException e) {
            assertThat(e.reason()).isEqualTo(Reason.NO_DRIVER);
            assertThat(e).hasMessageContaining("--sim");
        }
    }

    @Test
    void missingSimulatorIsOurFault() {
        ControlException refused = catchThrowableOfType(ControlException.class, () -> GpuInventory.ofSimulator(temp));
        assertThat(refused.reason()).isEqualTo(Reason.OUR_FAULT);
    }
}
