package io.sluice.exporter;

import io.sluice.control.ControlException;
import io.sluice.control.GpuMonitor;
import io.sluice.control.GpuState;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The GPUs of the node, from a driver that may come later, go, and come back. */
final class Gpus implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gpus.class);

    private final Exporter.GpuSource source;
    private @Nullable GpuMonitor monitor;
    private String complaint = "";

    /** @param present by index; empty where there is no driver */
    record Reading(List<GpuState> present, String driverVersion, boolean simulated) {}

    Gpus(Exporter.GpuSource source) {
        this.source = source;
    }

    Reading read() {
        try {
            GpuMonitor open = monitor;
            if (open == null) {
                open = source.open();
                monitor = open;
            }
            Reading reading = new Reading(open.read(), open.driverVersion(), open.simulated());
            complaint = "";
            return reading;
        } catch (ControlException | UnsatisfiedLinkError e) {
            close();
            String sentence = String.valueOf(e.getMessage());
            if (!sentence.equals(complaint)) {
                LOG.warn("event=no_gpus what=\"{}\"", sentence);
                complaint = sentence;
            }
            return new Reading(List.of(), "", false);
        }
    }

    @Override
    public void close() {
        GpuMonitor open = monitor;
        monitor = null;
        if (open != null) {
            open.close();
        }
    }
}
