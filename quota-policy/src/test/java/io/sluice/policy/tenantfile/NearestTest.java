package io.sluice.policy.tenantfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> KEYS = List.of("version", "tenant", "on_failure", "gpus", "memory");

    @Test
    void findsSlipsOfTheFinger() {
        assertThat(Nearest.to("tenent", KEYS)).hasValue("tenant");
        assertThat(Nearest.to("memroy", KEYS)).hasValue("memory");
        assertThat(Nearest.to("onFailure", KEYS)).hasValue("on_failure");
        assertThat(Nearest.to("gpu", KEYS)).hasValue("gpus");
    }

    @Test
    void doesNotGuessWildly() {
        assertThat(Nearest.to("colour", KEYS)).isEmpty();
        assertThat(Nearest.to("", KEYS)).isEmpty();
        assertThat(Nearest.to("x".repeat(100_000), KEYS)).isEmpty();
    }
}
