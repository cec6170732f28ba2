package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script alone, in a home of its own, with a java and a mvn that only note how they were called. */
class BinSluiceTest {
    private static final Path HOME = Path.of(System.getProperty("sluice.home", "../.."));

    @TempDir
    Path temp;

    private Path home;
    private Path tools;

    /** What came back from one call. */
    private record Result(int exitCode, String out, String err) {}

    @BeforeEach
    void setUp() throws Exception {
        home = temp.resolve("a home");
        tools = Files.createDirectories(temp.resolve("tools").resolve("bin"));
        Files.createDirectories(home.resolve("bin"));
        Files.copy(HOME.resolve("bin/sluice"), home.resolve("bin/sluice"));
        program(tools.resolve("java"), "printf '%s\\n' \"$@\" >\"" + temp + "/java-args\"; cat \"" + temp + "/plan\"");
        program(tools.resolve("javac"), "exit 0");
        plan("export SLUICE_TENANT='al'\\''ice'\n");
    }

    @Test
    void becomesTheApplication() throws Exception {
        built();
        Result result =
                sluice("in\n", "run", "--tenant", "a b.yaml", "--", "sh", "-c", "cat; echo $SLUICE_TENANT $$; exit 37");
        assertThat(result.exitCode).isEqualTo(37);
        assertThat(result.out).matches("in\nal'ice \\d+\n");
        assertThat(Files.readAllLines(temp.resolve("java-args"))).endsWith("plan-run", "--tenant", "a b.yaml");
    }

    @Test
    void keepsItsProcessId() throws Exception {
        built();
        Process process = start("run", "--tenant", "a", "--", "sh", "-c", "echo $$");
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(out.strip()).isEqualTo(Long.toString(process.pid()));
    }

    @Test
    void argumentsArriveUntouched() throws Exception {
        built();
        Result result = sluice("", "run", "--tenant", "a", "--", "printf", "[%s]", "a b", "", "*", "it's", "--", "-x");
        assertThat(result.out).isEqualTo("[a b][][*][it's][--][-x]");
    }

    @Test
    void exitsAsEnvDoesIfThereIsNoSuchCommand() throws Exception {
        built();
        assertThat(sluice("", "run", "--tenant", "a", "--", "no-such-command").exitCode)
                .isEqualTo(127);
        Result notExecutable = sluice("", "run", "--tenant", "a", "--", "/etc/passwd");
        assertThat(notExecutable.exitCode).isEqualTo(126);
        assertThat(notExecutable.err).isEqualTo("sluice: /etc/passwd cannot be executed\n");
    }

    @Test
    void failedPlanStartsNothing() throws Exception {
        built();
        program(tools.resolve("java"), "echo 'sluice: no' >&2; echo 'touch " + temp + "/evil'; exit 78");
        Result result = sluice(
                "",
                "run",
                "--tenant",
                "a",
                "--",
                "touch",
                temp.resolve("started").toString());
        assertThat(result).isEqualTo(new Result(78, "", "sluice: no\n"));
        assertThat(temp.resolve("started")).doesNotExist();
        assertThat(temp.resolve("evil")).doesNotExist();
    }

    @Test
    void withoutACommandJavaIsAskedToExplain() throws Exception {
        built();
        plan("usage\n");
        assertThat(sluice("", "run", "--tenant", "a").out).isEqualTo("usage\n");
        assertThat(Files.readAllLines(temp.resolve("java-args"))).endsWith("run", "--tenant", "a");
        sluice("", "run", "--help", "--", "ls");
        assertThat(Files.readAllLines(temp.resolve("java-args"))).endsWith("run", "--help");
    }

    @Test
    void worksThroughALinkFromAnywhere() throws Exception {
        built();
        Path link = Files.createSymbolicLink(temp.resolve("link"), home.resolve("bin/sluice"));
        Process process =
                process(List.of(link.toString(), "status"), Path.of("/")).start();
        assertThat(process.waitFor()).isZero();
        assertThat(Files.readAllLines(temp.resolve("java-args"))).contains("-Dsluice.home=" + home, "status");
    }

    @Test
    void twoFirstCallsBuildOnce() throws Exception {
        for (String tool : List.of("gcc", "make")) {
            program(tools.resolve(tool), "exit 0");
        }
        program(
                tools.resolve("mvn"),
                "echo built >>\"" + temp + "/builds\"; sleep 1; cd '" + home + "'; " + makeParts());
        Process first = start("status");
        Process second = start("status");
        assertThat(List.of(first.waitFor(), second.waitFor())).containsOnly(0);
        assertThat(Files.readAllLines(temp.resolve("builds"))).hasSize(1);
        String said = err(first) + err(second);
        assertThat(said.lines()).singleElement().asString().startsWith("sluice: building itself with Maven, once");
    }

    @Test
    void saysWhichToolIsMissing() throws Exception {
        for (String tool : List.of("bash", "readlink", "env", "cat", "gcc")) {
            program(tools.resolve(tool), "exec /usr/bin/" + tool + " \"$@\"");
        }
        ProcessBuilder builder = process(List.of(home.resolve("bin/sluice").toString(), "status"), temp);
        builder.environment().put("PATH", tools.toString());
        Process process = builder.start();
        assertThat(err(process)).isEqualTo("sluice: cannot build itself, since this is missing: mvn, make\n");
        assertThat(process.waitFor()).isEqualTo(70);
    }

    @Test
    void failedBuildIsToldAndExits() throws Exception {
        for (String tool : List.of("gcc", "make")) {
            program(tools.resolve(tool), "exit 0");
        }
        program(tools.resolve("mvn"), "echo '[ERROR] disk full'; exit 1");
        Result result = sluice("", "status");
        assertThat(result.exitCode).isEqualTo(70);
        assertThat(result.err).contains("[ERROR] disk full").contains("the build failed");
    }

    private void built() throws Exception {
        Process process = process(List.of("sh", "-c", makeParts()), home).start();
        assertThat(process.waitFor()).isZero();
    }

    /** Shell commands that make what the script looks for, read out of the script itself. */
    private String makeParts() throws IOException {
        List<String> commands = new ArrayList<>();
        for (String line : Files.readAllLines(home.resolve("bin/sluice"))) {
            if (line.matches(" {4}[a-z-]+/.*target/.*")) {
                commands.add("mkdir -p " + Path.of(line.strip()).getParent() + " && touch " + line.strip());
            }
        }
        assertThat(commands).hasSizeGreaterThan(5);
        return String.join("; ", commands);
    }

    private void plan(String text) throws IOException {
        Files.writeString(temp.resolve("plan"), text);
    }

    private static void program(Path path, String script) throws IOException {
        Files.writeString(path, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private ProcessBuilder process(List<String> command, Path folder) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("JAVA_HOME", temp.resolve("tools").toString());
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        return builder;
    }

    private Process start(String... args) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/sluice").toString()));
        command.addAll(List.of(args));
        return process(command, temp).start();
    }

    private Result sluice(String input, String... args) throws Exception {
        Process process = start(args);
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), out, err(process));
    }

    private static String err(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
