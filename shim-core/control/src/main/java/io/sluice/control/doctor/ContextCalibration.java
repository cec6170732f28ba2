package io.sluice.control.doctor;

import io.sluice.control.ContextFigures;
import io.sluice.control.ContextMeasure;
import io.sluice.control.ControlException;
import io.sluice.control.GpuMonitor;
import io.sluice.control.RunDirectory;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Measures what a context takes of each GPU and keeps that for this node. The one look that changes something. */
public final class ContextCalibration implements Check {
    private static final String SUBJECT = "context";

    private final RunDirectory run;
    private final String driver;
    private final Monitor monitor;

    /** Starts NVML. */
    @FunctionalInterface
    public interface Monitor {
        GpuMonitor open() throws ControlException;
    }

    /** @param driver a path, or a name for the loader */
    public ContextCalibration(RunDirectory run, String driver, Monitor monitor) {
        this.run = run;
        this.driver = driver;
        this.monitor = monitor;
    }

    @Override
    public List<Finding> look() {
        try (GpuMonitor gpus = monitor.open()) {
            Map<GpuId, Bytes> measured = ContextMeasure.measure(driver, gpus);
            ContextFigures.keep(run, measured);
            List<Finding> findings = new ArrayList<>();
            measured.forEach((gpu, bytes) ->
                    findings.add(Finding.right(SUBJECT, "takes " + bytes + " of " + gpu + ": charged from now on")));
            return findings;
        } catch (ControlException e) {
            return List.of(Finding.wrong(SUBJECT, e));
        }
    }
}
