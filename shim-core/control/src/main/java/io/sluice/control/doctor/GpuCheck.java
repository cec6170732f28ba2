package io.sluice.control.doctor;

import io.sluice.control.ControlException;
import io.sluice.control.Gpu;
import io.sluice.control.GpuInventory;
import java.util.ArrayList;
import java.util.List;

/** Which GPUs NVML reports. */
public final class GpuCheck implements Check {
    private static final String SUBJECT = "GPUs";

    private final Inventory inventory;

    /** Asks NVML. */
    @FunctionalInterface
    public interface Inventory {
        GpuInventory ask() throws ControlException;
    }

    public GpuCheck(Inventory inventory) {
        this.inventory = inventory;
    }

    @Override
    public List<Finding> look() {
        try {
            GpuInventory found = inventory.ask();
            List<Finding> findings = new ArrayList<>();
            for (Gpu gpu : found.gpus()) {
                findings.add(Finding.right(
                        SUBJECT,
                        gpu.index() + ": " + gpu.name() + ", " + gpu.memory() + ", " + gpu.id()
                                + (found.simulated() ? " (simulated)" : "")));
            }
            return findings;
        } catch (ControlException e) {
            return List.of(Finding.wrong(SUBJECT, e));
        }
    }
}
