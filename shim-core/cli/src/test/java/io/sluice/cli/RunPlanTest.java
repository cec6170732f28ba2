package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunPlanTest {
    @Test
    void keepsWhatTheUserHadAfterOurs() {
        assertThat(RunPlan.before("/s/libcuda.so.1:/s/libcuda.so", "/u/liba.so /u/libb.so", "[: ]"))
                .isEqualTo("/s/libcuda.so.1:/s/libcuda.so:/u/liba.so:/u/libb.so");
        assertThat(RunPlan.before("/s", "", ":")).isEqualTo("/s");
    }

    @Test
    void runningUnderSluiceTwiceAddsNothingTwice() {
        assertThat(RunPlan.before("/s/a:/s/b", "/s/a:/s/b:/u/c", "[: ]")).isEqualTo("/s/a:/s/b:/u/c");
    }
}
