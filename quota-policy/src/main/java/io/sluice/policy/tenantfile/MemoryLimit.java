package io.sluice.policy.tenantfile;

import io.sluice.policy.Bytes;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** How much of a GPU's memory a tenant may hold, as the tenant file says it. */
public sealed interface MemoryLimit {

    /** @param gpuMemory all the memory of the GPU or slice that the limit is about */
    Bytes of(Bytes gpuMemory);

    /** The same number of bytes on every GPU. */
    record Exact(Bytes bytes) implements MemoryLimit {
        @Override
        public Bytes of(Bytes gpuMemory) {
            return bytes;
        }

        @Override
        public String toString() {
            return bytes.toString();
        }
    }

    /**
     * A part of the GPU, rounded down to a whole byte: 33.3% of 1,000 bytes are 333 bytes.
     *
     * @param percent from 0 to 100
     */
    record Part(BigDecimal percent) implements MemoryLimit {
        private static final BigDecimal ALL = BigDecimal.valueOf(100);

        public Part {
            if (percent.signum() < 0 || percent.compareTo(ALL) > 0) {
                throw new IllegalArgumentException("a part of a GPU is from 0% to 100%: " + percent + "%");
            }
        }

        @Override
        public Bytes of(Bytes gpuMemory) {
            return Bytes.of(BigDecimal.valueOf(gpuMemory.value())
                    .multiply(percent)
                    .divide(ALL, 0, RoundingMode.FLOOR)
                    .longValueExact());
        }

        @Override
        public String toString() {
            return percent.toPlainString() + "%";
        }
    }
}
