package io.sluice.cli;

import io.sluice.control.ControlException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One tenant's application, started as a user would start it, its lines passed on with the tenant's name before them. */
final class DemoProcess {
    private final Process process;
    private final Thread reader;

    private DemoProcess(Process process, Thread reader) {
        this.process = process;
        this.reader = reader;
    }

    static DemoProcess start(
            DemoTenant tenant, Installation installation, DemoFolder folder, boolean simulated, PrintWriter out)
            throws ControlException, IOException {
        List<String> command = new ArrayList<>(List.of(
                installation.command().toString(),
                "run",
                "--tenant",
                folder.tenantFile(tenant).toString(),
                "--run-dir",
                folder.runDirectory().toString()));
        if (simulated) {
            command.add("--sim");
        }
        command.addAll(List.of(
                "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder.temporary(tenant),
                "-cp",
                installation.demoApp(),
                "demo.Main"));
        command.addAll(tenant.arguments());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (simulated) {
            builder.environment().put("SLUICE_SIM_DIR", folder.simulatedCards().toString());
        }
        Process process = builder.start();
        process.getOutputStream().close();
        Thread reader = new Thread(() -> passOn(process, tenant.name(), out), "demo-" + tenant.name());
        reader.setDaemon(true);
        reader.start();
        return new DemoProcess(process, reader);
    }

    int waitFor() throws InterruptedException {
        int exitCode = process.waitFor();
        reader.join();
        return exitCode;
    }

    private static void passOn(Process process, String tenant, PrintWriter out) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.println(String.format("%-5s | %s", tenant, line)); // one println: whole lines from two threads
                out.flush();
            }
        } catch (IOException e) {
            out.println(tenant + " | (its output could not be read: " + e.getMessage() + ")");
        }
    }
}
