package io.sluice.policy.tenantfile;

import io.sluice.policy.GpuId;

/** Which GPUs an entry of a tenant file is about. Declared from the most specific to the least. */
public sealed interface GpuSelector {

    /** @param index the NVML index on this host */
    boolean matches(int index, GpuId gpu);

    /** A greater number wins over a smaller one where several entries match one GPU. */
    int specificity();

    /** One GPU or MIG slice by its UUID. */
    record Uuid(GpuId gpu) implements GpuSelector {
        @Override
        public boolean matches(int index, GpuId candidate) {
            return gpu.uuid().equals(candidate.uuid());
        }

        @Override
        public int specificity() {
            return 2;
        }

        @Override
        public String toString() {
            return gpu.toString();
        }
    }

    /** One GPU by its NVML index on the host, whatever {@code CUDA_VISIBLE_DEVICES} makes of it. */
    record Index(int index) implements GpuSelector {
        public Index {
            if (index < 0) {
                throw new IllegalArgumentException("the index of a GPU cannot be negative: " + index);
            }
        }

        @Override
        public boolean matches(int candidate, GpuId gpu) {
            return index == candidate;
        }

        @Override
        public int specificity() {
            return 1;
        }

        @Override
        public String toString() {
            return Integer.toString(index);
        }
    }

    /** Every GPU that no other entry matches, each with an account of its own. */
    record Any() implements GpuSelector {
        @Override
        public boolean matches(int index, GpuId gpu) {
            return true;
        }

        @Override
        public int specificity() {
            return 0;
        }

        @Override
        public String toString() {
            return "*";
        }
    }
}
