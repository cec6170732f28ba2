package io.sluice.tests.harness;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;

/**
 * One simulated GPU.
 *
 * @param index its number in CUDA's order when all cards are visible
 * @param nvmlIndex its number in NVML's order, by which tenant files name it
 */
public record Card(int index, int nvmlIndex, GpuId id, Bytes memory) {}
