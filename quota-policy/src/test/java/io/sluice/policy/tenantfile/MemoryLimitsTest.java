package io.sluice.policy.tenantfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.policy.Bytes;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryLimitsTest {
    @ParameterizedTest
    @CsvSource({
        "0B, 0",
        "1999993B, 1999993",
        "1KiB, 1024",
        "1.5KiB, 1536",
        "0.5kB, 500",
        "3MiB, 3145728",
        "1.25GiB, 1342177280",
        "8GiB, 8589934592",
        "2TiB, 2199023255552",
        "1MB, 1000000",
        "1.000000001GB, 1000000001",
        "1TB, 1000000000000",
        "9223372036854775807B, 9223372036854775807"
    })
    void unitsMeanWhatTheyMean(String text, long bytes) {
        assertThat(MemoryLimits.parse(text)).isEqualTo(new MemoryLimit.Exact(Bytes.of(bytes)));
    }

    @ParameterizedTest
    @CsvSource({
        "8, has no unit",
        "8G, did you mean 'GiB'?",
        "8gib, did you mean 'GiB'?",
        "8MBit, unknown unit 'MBit'",
        "1.5B, 'is not a whole number of bytes, but 1.5'",
        "0.1GiB, is not a whole number of bytes",
        "9223372036854775808B, is more than 9223372036854775807 bytes",
        "101%, is more than the GPU has",
        "-1GiB, is not an amount of memory",
        "1e3MB, is not an amount of memory",
        "08GiB, is not an amount of memory",
        "8 GiB, is not an amount of memory",
        "unlimited, is not an amount of memory"
    })
    void refusesWithAReason(String text, String reason) {
        assertThatThrownBy(() -> MemoryLimits.parse(text)).hasMessageContaining("'" + text + "'");
        assertThatThrownBy(() -> MemoryLimits.parse(text)).hasMessageContaining(reason);
    }

    @Test
    void partOfAGpuIsRoundedDown() {
        assertThat(MemoryLimits.parse("33.3%").of(Bytes.of(1000))).isEqualTo(Bytes.of(333));
        assertThat(MemoryLimits.parse("0%").of(Bytes.of(1000))).isEqualTo(Bytes.ZERO);
        assertThat(MemoryLimits.parse("100%").of(Bytes.of(Long.MAX_VALUE))).isEqualTo(Bytes.of(Long.MAX_VALUE));
    }

    @Property
    void anyNumberOfBytesReadsBackAsItself(@ForAll @LongRange(min = 0) long bytes) {
        assertThat(MemoryLimits.parse(bytes + "B").of(Bytes.ZERO)).isEqualTo(Bytes.of(bytes));
    }

    @Property
    void noPartIsMoreThanTheWhole(
            @ForAll @LongRange(min = 0) long memory, @ForAll @LongRange(min = 0, max = 9999) long p) {
        String percent = p / 100 + "." + (p % 100 < 10 ? "0" : "") + p % 100 + "%";
        Bytes part = MemoryLimits.parse(percent).of(Bytes.of(memory));
        assertThat(part).isLessThanOrEqualTo(Bytes.of(memory));
        assertThat(part.value() / 100.0).isLessThanOrEqualTo(memory * (p / 10_000.0) / 100.0 + 1e4);
    }
}
