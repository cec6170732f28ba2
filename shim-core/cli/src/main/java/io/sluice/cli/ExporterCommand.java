package io.sluice.cli;

import io.sluice.bridge.ledger.NativeControl;
import io.sluice.control.ControlException;
import io.sluice.control.GpuMonitor;
import io.sluice.control.RunDirectory;
import io.sluice.exporter.Exporter;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves the metrics of the node. */
@Command(name = "exporter", description = "Serve the metrics of this node to Prometheus, until it is stopped.")
final class ExporterCommand implements Callable<Integer> {
    private static final int LARGEST_PORT = 65535;

    @Option(
            names = "--port",
            defaultValue = "9808",
            paramLabel = "PORT",
            description = "default: ${DEFAULT-VALUE}; 0: any")
    private int port;

    @Option(
            names = "--address",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description = "default: ${DEFAULT-VALUE}; 0.0.0.0 lets other machines in")
    private String address = "";

    @Mixin
    private final CommonOptions.Sim sim = new CommonOptions.Sim();

    @Mixin
    private final CommonOptions.RunDir runDir = new CommonOptions.RunDir();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Map<String, String> environment = System.getenv();
        Installation installation = Installation.find(environment);
        RunDirectory run = runDir.resolve(environment);
        NativeControl control = NativeControl.load(installation.controlLibrary());
        InetSocketAddress socket = socket();
        return UntilStopped.run(() -> {
            try (Exporter exporter = Exporter.start(
                    socket, run, control::sweep, () -> gpus(installation, environment), Version.number())) {
                PrintWriter out = spec.commandLine().getOut();
                out.println("metrics of " + run.root() + " are at http://" + host(socket.getAddress()) + ":"
                        + exporter.port() + "/metrics");
                out.flush();
                new CountDownLatch(1).await();
                return ExitCode.OK;
            }
        });
    }

    private GpuMonitor gpus(Installation installation, Map<String, String> environment) throws ControlException {
        return sim.chosen() ? GpuMonitor.ofSimulator(installation.simulator()) : GpuMonitor.ofDriver(environment);
    }

    private InetSocketAddress socket() {
        if (port < 0 || port > LARGEST_PORT) {
            throw new ParameterException(spec.commandLine(), "--port: " + port + " is no port: write 0 to 65535");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(address), port);
        } catch (UnknownHostException e) {
            throw new ParameterException(
                    spec.commandLine(), "--address: '" + address + "' is no address of this machine", e);
        }
    }

    private static String host(InetAddress address) {
        String text = address.getHostAddress();
        return text.contains(":") ? "[" + text + "]" : text;
    }
}
