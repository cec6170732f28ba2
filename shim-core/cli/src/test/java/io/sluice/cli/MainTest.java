package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.Apply;
import io.sluice.control.Gpu;
import io.sluice.control.GpuInventory;
import io.sluice.control.Overcommit;
import io.sluice.control.RunDirectory;
import io.sluice.control.TenantSource;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user types, and what comes back. */
class MainTest {
    private static final GpuId GPU = GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455556666");

    @TempDir
    Path temp;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void unknownCommandIsAUsageErrorWithASuggestion() {
        assertThat(sluice("staus")).isEqualTo(64);
        assertThat(err.toString())
                .isEqualTo("sluice: unknown command 'staus' (did you mean 'status'?): commands are run, env, apply,"
                        + " check, status, top, doctor, forget, exporter, demo\nsluice: 'sluice --help' tells more\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "--frobnicate", ""})
    void whatDoesNotExistIsAUsageError(String word) {
        assertThat(sluice(word)).isEqualTo(64);
        assertThat(err.toString()).startsWith("sluice: ");
    }

    @Test
    void usageErrorsOfCommands() {
        assertThat(sluice()).isEqualTo(64);
        assertThat(sluice("run")).isEqualTo(64);
        assertThat(sluice("run", "--tenant", "a")).isEqualTo(64);
        assertThat(sluice("run", "--tenant", "a", "java")).isEqualTo(64);
        assertThat(sluice("plan-run")).isEqualTo(64);
        assertThat(sluice("check")).isEqualTo(64);
        assertThat(sluice("forget")).isEqualTo(64);
        assertThat(sluice("exporter", "--port", "65536")).isEqualTo(64);
        assertThat(sluice("forget", "../alice")).isEqualTo(64);
        assertThat(sluice("status", "--jsn")).isEqualTo(64);
        assertThat(err.toString()).doesNotContain("Exception").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "env", "apply", "check", "status", "top", "doctor", "forget", "exporter", "demo"})
    void everyCommandHasHelp(String command) {
        assertThat(sluice(command, "--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: sluice " + command);
    }

    @Test
    void checkAddsUpLimits() throws Exception {
        write("a.yaml", "tenant: a\ngpus: [{gpu: 0, memory: 1GiB}]\n");
        write("b.yml", "tenant: b\ngpus: [{gpu: 0, memory: 2GiB}, {gpu: '*', memory: 12.5%}]\n");
        write("ignored.txt", "nothing");
        write(".hidden.yaml", "nothing");

        assertThat(sluice("check", temp.toString())).as(err.toString()).isZero();
        assertThat(out.toString()).contains("a.yaml: tenant a is valid").contains("b.yml: tenant b is valid");
    }

    @Test
    void checkSaysEverythingThatIsWrongInAllFiles() throws Exception {
        write("a.yaml", "tenant: a\nsm: 30%\ngpus: [{gpu: 0, memory: 8}]\n");
        write("b.yaml", "tenant: b\ngpus: [{gpu: 0, memory: 1GiB}]\n");
        write("c.yaml", "tenant: b\ngpus: [{gpu: 0, memory: 1GiB}]\n");

        assertThat(sluice("check", temp.toString())).isEqualTo(78);
        assertThat(err.toString().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).startsWith("sluice: " + temp));
        assertThat(err.toString())
                .contains("a.yaml:2:1: sm: 'sm' is not a key of a tenant file")
                .contains("a.yaml:3:25: gpus[0].memory: '8' has no unit")
                .contains("c.yaml: tenant: 'b' is also the tenant of " + temp.resolve("b.yaml"));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void statusOfNothingSaysWhatToDo() {
        assertThat(sluice("status", "--run-dir", temp.resolve("none").toString()))
                .isZero();
        assertThat(out.toString()).startsWith("No tenant in " + temp.resolve("none"));
    }

    @Test
    void statusIsATableThatFitsATerminal() throws Exception {
        RunDirectory run = applied();

        assertThat(sluice("status", "--run-dir", run.root().toString())).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "TENANT                            GPU         LIMIT  USED  PEAK  DENIED  LAUNCHES  SM  PROCESSES",
                        "alice                             0 (sim)  1.91 MiB   0 B   0 B       0         0   -          0",
                        "quite-a-long-name-for-a-tenant-7  0 (sim)     4 GiB   0 B   0 B       0         0   -          0");
    }

    @Test
    void statusAsJsonHasItsDocumentedFields() throws Exception {
        RunDirectory run = applied();

        assertThat(sluice("status", "--json", "--run-dir", run.root().toString()))
                .isZero();
        assertThat(out.toString())
                .startsWith(
                        "{\"version\":1,\"run_directory\":\"" + run.root() + "\",\"tenants\":[{\"tenant\":\"alice\","
                                + "\"gpus\":[{\"gpu\":\"" + GPU + "\",\"index\":0,\"name\":\"Some \\\"GPU\\\" 3000\","
                                + "\"simulated\":true,\"limit_bytes\":1999993,\"used_bytes\":0,\"peak_bytes\":0,"
                                + "\"allocations\":0,\"denials\":{\"limit\":0,\"device_full\":0,\"failure\":0},"
                                + "\"refused_calls\":0,\"launches\":0,\"ungoverned_calls\":0,\"warnings\":0,"
                                + "\"waited_seconds\":0.0,\"spilled_bytes\":0,"
                                + "\"sm_share\":null,\"sm_max\":null,\"gpu_busy_seconds\":0.0,\"throttled_seconds\":0.0,\"turn_wait_seconds\":0.0}],"
                                + "\"pinned\":{\"limit_bytes\":null,\"used_bytes\":0,\"peak_bytes\":0,"
                                + "\"denials\":{\"limit\":0,\"failure\":0}},"
                                + "\"unlisted_gpu_denials\":0,\"processes\":[]}")
                .endsWith("],\"closed\":[],\"unreadable\":[]}\n");
    }

    @Test
    void statusShowsTheOthersWhenOneLedgerIsTorn() throws Exception {
        RunDirectory run = applied();
        Files.write(run.root().resolve("tenants/alice/ledger"), new byte[10]);

        assertThat(sluice("status", "--run-dir", run.root().toString())).isEqualTo(70);
        assertThat(out.toString()).contains("quite-a-long-name").doesNotContain("alice ");
        assertThat(err.toString())
                .contains("sluice: tenant 'alice': " + run.root())
                .contains("remove it");
    }

    @Test
    void statusOfAForeignRunDirectoryIsRefused() throws Exception {
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp);
        assertThat(sluice("status", "--run-dir", link.toString())).isEqualTo(77);
    }

    private RunDirectory applied() throws Exception {
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        Gpu gpu = new Gpu(0, GPU, "Some \"GPU\" 3000", Bytes.of(8L << 30));
        Apply apply = new Apply(
                run, new GpuInventory(List.of(gpu), true), (folder, name) -> OptionalInt.empty(), Overcommit.WARN);
        apply.apply(TenantSource.read(write("a.yaml", "tenant: alice\ngpus: [{gpu: 0, memory: 1999993B}]\n")));
        apply.apply(TenantSource.read(
                write("b.yaml", "tenant: quite-a-long-name-for-a-tenant-7\ngpus: [{gpu: '*', memory: 50%}]\n")));
        return run;
    }

    private Path write(String name, String content) throws Exception {
        return Files.writeString(temp.resolve(name), content);
    }

    private int sluice(String... args) {
        return Main.execute(new PrintWriter(out), new PrintWriter(err), args);
    }
}
