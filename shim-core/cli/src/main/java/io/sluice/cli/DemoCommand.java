package io.sluice.cli;

import io.sluice.control.ControlException;
import io.sluice.control.ControlException.Reason;
import io.sluice.control.GpuInventory;
import io.sluice.control.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Two tenants at once, each through {@code sluice run}; one asks for more than its quota until it is refused. */
@Command(
        name = "demo",
        description = "Run two tenants at once, on a real GPU where there is one, else on the simulated GPU.")
final class DemoCommand implements Callable<Integer> {
    /** Odd limits, so that a total proves whose it is. */
    private static final DemoTenant ALICE = new DemoTenant("alice", 1_000_000_007, List.of("--rounds", "12"), false);

    private static final DemoTenant BOB =
            new DemoTenant("bob", 333_333_333, List.of("--rounds", "4", "--take", "104857600"), true);

    @Mixin
    private final CommonOptions.Sim sim = new CommonOptions.Sim();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        requireJCuda();
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> environment = System.getenv();
        Installation installation = Installation.find(environment);
        boolean simulated = announce(environment, out);
        List<DemoTenant> tenants = List.of(ALICE, BOB);
        try (DemoFolder folder = DemoFolder.create()) {
            boolean ran = runAll(tenants, installation, folder, simulated, out);
            Sweeper sweeper = new Sweeper(installation, spec.commandLine().getErr());
            Status status = Status.read(new RunDirectory(folder.runDirectory()), sweeper);
            out.println();
            out.print(StatusText.of(status));
            out.println();
            List<String> wrong = DemoVerdict.wrong(status, tenants);
            if (!ran || !wrong.isEmpty()) {
                out.println("The demo went wrong:");
                wrong.forEach(line -> out.println("  " + line));
                return ExitCode.OUR_FAULT;
            }
            out.println(DemoVerdict.sentence(BOB));
        } catch (IOException e) {
            throw new ControlException(Reason.OUR_FAULT, "the demo cannot keep its files (" + e + ")", e);
        }
        next(installation, simulated, out);
        return ExitCode.OK;
    }

    private static void requireJCuda() throws ControlException {
        String processor = System.getProperty("os.arch", "");
        if (!processor.equals("amd64")) {
            throw new ControlException(
                    Reason.OUR_FAULT,
                    "the demo's application uses JCuda, which has no native libraries for " + processor
                            + ": start an application of your own with 'sluice run --sim'");
        }
    }

    private boolean announce(Map<String, String> environment, PrintWriter out) throws ControlException {
        Optional<GpuInventory> real = sim.chosen() ? Optional.empty() : real(environment);
        if (real.isPresent()) {
            out.println("Two tenants share GPU 0, " + real.get().gpus().get(0).name() + ".");
        } else {
            out.println(
                    (sim.chosen() ? "" : "No NVIDIA driver here. ")
                            + "Two tenants share GPU 0, which is simulated on the CPU: results are right, speed means nothing.");
        }
        out.println();
        out.flush();
        return real.isEmpty();
    }

    private static Optional<GpuInventory> real(Map<String, String> environment) throws ControlException {
        try {
            return Optional.of(GpuInventory.ofDriver(environment));
        } catch (ControlException e) {
            if (e.reason() == Reason.NO_DRIVER) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean runAll(
            List<DemoTenant> tenants, Installation installation, DemoFolder folder, boolean simulated, PrintWriter out)
            throws ControlException, IOException, InterruptedException {
        for (DemoTenant tenant : tenants) {
            folder.write(tenant);
        }
        List<DemoProcess> processes = new java.util.ArrayList<>();
        for (DemoTenant tenant : tenants) {
            processes.add(DemoProcess.start(tenant, installation, folder, simulated, out));
        }
        boolean right = true;
        for (DemoProcess process : processes) {
            right &= process.waitFor() == 0;
        }
        return right;
    }

    private static void next(Installation installation, boolean simulated, PrintWriter out) throws ControlException {
        String sluice = installation.command().toString();
        String simOption = simulated ? "--sim " : "";
        out.println();
        out.println("Next, your own limit:");
        out.println("  printf 'tenant: me\\ngpus:\\n  - gpu: 0\\n    memory: 1GiB\\n' > me.yaml");
        out.println("  " + sluice + " check me.yaml");
        out.println("  " + sluice + " run --tenant me.yaml " + simOption + "-- java -cp '" + installation.demoApp()
                + "' demo.Main --take 104857600");
        out.println("  " + sluice + " status");
        out.flush();
    }
}
