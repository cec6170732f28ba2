package io.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How an application gets hold of the CUDA driver. */
public enum Way {
    LINKED("linked"),
    DLOPEN_SONAME("soname"),
    DLOPEN_NAME("name"),
    DLOPEN_ABSOLUTE_PATH("path"),
    DLOPEN_OF_THE_OLDEST_GLIBC("path-oldest"),
    DLOPEN_OF_NO_VERSION("path-unversioned"),
    DLMOPEN("path-dlmopen"),
    DLOPEN_DEEPBIND("path-deepbind"),
    PROC_ADDRESS_V1("proc1"),
    PROC_ADDRESS_V2("proc2"),
    PROC_ADDRESS_OF_ITSELF("proc-self"),
    JCUDA("jcuda");

    private final String argument;

    Way(String argument) {
        this.argument = argument;
    }

    public List<String> command() {
        if (this == JCUDA) {
            assumeTrue("amd64".equals(System.getProperty("os.arch")), "JCuda has native libraries for x86-64 alone");
            assumeTrue(Sanitizer.PRESENT != Sanitizer.THREAD, "a JVM under TSan reports the races of the JVM");
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    "io.sluice.tests.client.JCudaClient");
        }
        assumeTrue(
                (this != DLMOPEN && this != DLOPEN_DEEPBIND) || Sanitizer.PRESENT == Sanitizer.NONE,
                "no sanitizer's runtime can be loaded so");
        Path program = Build.CLIENTS.resolve(this == LINKED ? "client-linked" : "client");
        Build.require(program);
        List<String> command = new ArrayList<>(Sanitizer.PRESENT.commandPrefix());
        command.addAll(List.of(program.toString(), argument));
        if (argument.startsWith("path")) {
            command.add(Build.SIMULATED_DRIVER.toString());
        }
        return command;
    }
}
