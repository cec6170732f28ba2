package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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

    @Test
    void addsTheAgentToWhatTheUserTellsEveryJvm() {
        Path jar = Path.of("/s/sluice-agent.jar");
        String ours = "-javaagent:/s/sluice-agent.jar=explain";
        assertThat(RunPlan.agent(jar, "")).isEqualTo(ours);
        assertThat(RunPlan.agent(jar, "-Da='b  c' -Xmx1g")).isEqualTo("-Da='b  c' -Xmx1g " + ours);
        assertThat(RunPlan.agent(jar, ours + " -Xmx1g")).isEqualTo(ours + " -Xmx1g");
    }
}
