package io.sluice.exporter;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.GpuMonitor;
import io.sluice.control.LedgerSweeper;
import io.sluice.control.RunDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Timer;
import java.util.TimerTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /metrics} and {@code /-/healthy} until it is closed. */
public final class Exporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
    private static final int SWEEP_MS = 3000;

    private final HTTPServer server;
    private final Timer sweeps;
    private final Gpus gpus;

    private Exporter(HTTPServer server, Timer sweeps, Gpus gpus) {
        this.server = server;
        this.sweeps = sweeps;
        this.gpus = gpus;
    }

    /** Where the GPUs are found; asked again after it has failed. */
    public interface GpuSource {
        GpuMonitor open() throws ControlException;
    }

    /**
     * @param address its port may be 0: any that is free
     * @param version of this release
     * @throws ControlException with {@link Reason#BUSY} if nobody can listen there
     */
    public static Exporter start(
            InetSocketAddress address, RunDirectory run, LedgerSweeper sweeper, GpuSource source, String version)
            throws ControlException {
        Gpus gpus = new Gpus(source);
        NodeCollector collector = new NodeCollector(run, sweeper, gpus, version);
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(collector);
        HTTPServer server;
        try {
            server = HTTPServer.builder()
                    .inetAddress(address.getAddress())
                    .port(address.getPort())
                    .registry(registry)
                    .buildAndStart();
        } catch (IOException e) {
            throw new ControlException(
                    Reason.BUSY,
                    "cannot listen on " + address.getAddress().getHostAddress() + " port " + address.getPort() + " ("
                            + e.getMessage() + "): choose another with --address or --port",
                    e);
        }
        Timer sweeps = new Timer("sweep", true);
        sweeps.schedule(new Sweep(collector), SWEEP_MS, SWEEP_MS);
        return new Exporter(server, sweeps, gpus);
    }

    private static final class Sweep extends TimerTask {
        private final NodeCollector collector;

        Sweep(NodeCollector collector) {
            this.collector = collector;
        }

        /** An exception would end the timer, and reading a mapped file that was cut off is an error. */
        @Override
        public void run() {
            try {
                collector.sweep();
            } catch (RuntimeException | InternalError e) {
                LOG.error("event=sweep_failed", e);
            }
        }
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        sweeps.cancel();
        server.close();
        gpus.close();
    }
}
