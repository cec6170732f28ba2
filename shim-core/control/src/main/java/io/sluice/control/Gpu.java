package io.sluice.control;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;

/**
 * One GPU of this host as NVML reports it.
 *
 * @param index NVML's, which {@code CUDA_VISIBLE_DEVICES} does not change
 * @param name of the model
 * @param memory all of it
 */
public record Gpu(int index, GpuId id, String name, Bytes memory) {}
