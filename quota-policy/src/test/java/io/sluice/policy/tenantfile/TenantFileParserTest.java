package io.sluice.policy.tenantfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TenantFileParserTest {
    private static final GpuId GPU = GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455556666");
    private static final GpuId OTHER = GpuId.parse("GPU-0f0f0f0f-1111-2222-3333-444455557777");

    @Test
    void readsTheSmallestFile() throws Exception {
        TenantFile file = parse("tenant: alice\ngpus:\n  - gpu: 0\n    memory: 8GiB\n");

        assertThat(file.tenant()).isEqualTo(new TenantName("alice"));
        assertThat(file.onFailure()).isEqualTo(OnFailure.DENY);
        assertThat(file.gpus())
                .containsExactly(new GpuQuota(
                        new GpuSelector.Index(0),
                        MemoryQuota.of(new MemoryLimit.Exact(Bytes.of(8L << 30))),
                        Optional.empty()));
    }

    @Test
    void readsTheLongFormToTheSameQuota() throws Exception {
        assertThat(parse("tenant: a\ngpus: [{gpu: 0, memory: {limit: 8GiB, on_excess: deny}}]"))
                .isEqualTo(parse("tenant: a\ngpus: [{gpu: 0, memory: 8GiB}]"));
    }

    @Test
    void mostSpecificEntryWinsWhateverTheOrder() throws Exception {
        TenantFile file = parse("tenant: a\ngpus:\n- {gpu: '*', memory: 1B}\n- {gpu: 0, memory: 2B}\n- {gpu: " + GPU
                + ", memory: 3B}\n- {gpu: 1, memory: 4B}\n");

        assertThat(limit(file, 0, GPU)).isEqualTo(3);
        assertThat(limit(file, 1, GPU)).isEqualTo(3);
        assertThat(limit(file, 0, OTHER)).isEqualTo(2);
        assertThat(limit(file, 7, OTHER)).isEqualTo(1);
    }

    @Test
    void gpuThatNoEntryMatchesHasNoQuota() throws Exception {
        assertThat(parse("tenant: a\ngpus: [{gpu: 0, memory: 8GiB}]").quotaFor(1, OTHER))
                .isEmpty();
    }

    @Test
    void saysWhereWhatAndTheNearestKey() {
        assertThat(problems("tenant: alice\ngpus:\n  - gpu: 0\n    memry: 8GiB\n"))
                .containsExactly(
                        "t.yaml:4:5: gpus[0].memry: 'memry' is not a key of 'gpus[0]' (did you mean 'memory'?):"
                                + " allowed are gpu, memory, sm");
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(problems("gpus:\n  - gpu: 0\n"))
                .containsExactly(
                        "t.yaml:1:1: tenant: 'tenant' is missing: write a DNS label, such as alice",
                        "t.yaml:2:5: gpus[0].memory: 'memory' is missing: write " + MemoryLimits.ALLOWED);
    }

    @Test
    void refusesByNameWhatIsDocumentedAndNotBuilt() {
        String tail = " is not supported by this release: it would not be enforced, so the file is refused; remove it";
        assertThat(problems("""
                        tenant: a
                        owner: a
                        labels: {}
                        gpus:
                        - gpu: 0
                          memory: 1GiB
                        """))
                .containsExactly("t.yaml:2:1: owner: 'owner'" + tail, "t.yaml:3:1: labels: 'labels'" + tail);
    }

    @Test
    void readsTheShareOfTheGpusTime() throws TenantFileException {
        assertThat(share("30%")).contains(new Share(300_000));
        assertThat(share("{share: 12.5%}")).contains(new Share(125_000));
        assertThat(share("100%")).contains(new Share(1_000_000));
        assertThat(share("0.1%")).contains(new Share(1_000));
        assertThat(parse("tenant: a\ngpus: [{gpu: 0, memory: 8GiB}]")
                        .gpus()
                        .get(0)
                        .sm())
                .isEmpty();
        for (String wrong : List.of("0%", "0.01%", "100.1%", "30", "0.3", "-5%", "30 %", "~", "{}", "all")) {
            assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: 8GiB, sm: " + wrong + "}]"))
                    .as(wrong)
                    .hasSize(1)
                    .allMatch(problem ->
                            problem.startsWith("t.yaml:2:") && problem.endsWith("write " + SmShares.ALLOWED));
        }
    }

    private static Optional<Share> share(String text) throws TenantFileException {
        return sm(text).map(SmQuota::share);
    }

    private static Optional<SmQuota> sm(String text) throws TenantFileException {
        return parse("tenant: a\ngpus: [{gpu: 0, memory: 8GiB, sm: " + text + "}]")
                .gpus()
                .get(0)
                .sm();
    }

    @Test
    void readsWhatMayBeUsedOfOthersTimeAndHowLongTurnsAre() throws TenantFileException {
        assertThat(sm("30%")).contains(new SmQuota(Share.ofPercent(30), Optional.empty(), Priority.NORMAL));
        assertThat(sm("{share: 30%, max: 60%, priority: latency}"))
                .contains(new SmQuota(Share.ofPercent(30), Optional.of(Share.ofPercent(60)), Priority.LATENCY));
        assertThat(sm("{share: 30%, max: 30%, priority: batch}"))
                .contains(new SmQuota(Share.ofPercent(30), Optional.of(Share.ofPercent(30)), Priority.BATCH));
        assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: 8GiB, sm: {share: 30%, max: 29.9%}}]"))
                .containsExactly("t.yaml:2:53: gpus[0].sm.max: less than the share of 30%: write that or more, or leave"
                        + " 'max' out");
        assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: 8GiB, sm: {share: 30%, priority: fast}}]"))
                .singleElement()
                .asString()
                .startsWith("t.yaml:2:58: gpus[0].sm.priority: 'fast'")
                .contains("latency or normal or batch");
        assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: 8GiB, sm: {max: 30%}}]"))
                .singleElement()
                .asString()
                .contains("gpus[0].sm.share");
    }

    @Test
    void readsHowMuchPageLockedMemoryThereMayBe() throws TenantFileException {
        String gpus = "gpus: [{gpu: 0, memory: 8GiB}]";
        assertThat(parse("tenant: a\npinned: 4GiB\n" + gpus).pinned()).contains(Bytes.of(4L << 30));
        assertThat(parse("tenant: a\npinned: 0B\n" + gpus).pinned()).contains(Bytes.ZERO);
        assertThat(parse("tenant: a\n" + gpus).pinned()).isEmpty();
        assertThat(problems("tenant: a\npinned: 10%\n" + gpus))
                .containsExactly(
                        "t.yaml:2:9: pinned: '10%' is a part of no GPU here: write " + MemoryLimits.ALLOWED_ON_HOST);
    }

    @Test
    void readsWhatHappensAtTheLimit() throws TenantFileException {
        MemoryQuota quota = parse("tenant: a\ngpus: [{gpu: 0, memory: {limit: 8GiB, warn: 90%, on_excess: wait,"
                        + " wait_max: 1500ms}}]")
                .gpus()
                .get(0)
                .memory();
        assertThat(quota.warnAt(Bytes.of(1000))).contains(Bytes.of(900));
        assertThat(quota.onExcess()).isEqualTo(new OnExcess.Wait(Duration.ofMillis(1500)));
        assertThat(parse("tenant: a\ngpus: [{gpu: 0, memory: {limit: 8GiB, on_excess: wait}}]")
                        .gpus()
                        .get(0)
                        .memory()
                        .onExcess())
                .isEqualTo(new OnExcess.Wait(Duration.ofSeconds(30)));
        assertThat(parse("tenant: a\ngpus: [{gpu: 0, memory: {limit: 8GiB, on_excess: spill}}]")
                        .gpus()
                        .get(0)
                        .memory()
                        .onExcess())
                .isEqualTo(new OnExcess.Spill());
    }

    @Test
    void refusesATimeToWaitThatIsNone() {
        assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: {limit: 1B, on_excess: wait, wait_max: 30}}]"))
                .containsExactly(
                        "t.yaml:2:64: gpus[0].memory.wait_max: '30' is not a time: write " + WaitTimes.ALLOWED);
        assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: {limit: 1B, on_excess: wait, wait_max: 25h}}]"))
                .containsExactly("t.yaml:2:64: gpus[0].memory.wait_max: '25h' is too long: write " + WaitTimes.ALLOWED);
        assertThat(problems("tenant: a\ngpus: [{gpu: 0, memory: {limit: 1B, wait_max: 1s}}]"))
                .containsExactly(
                        "t.yaml:2:47: gpus[0].memory.wait_max: nothing waits here: write 'on_excess: wait' too,"
                                + " or leave 'wait_max' out");
    }

    @Test
    void collectsEveryProblemInTheOrderOfTheFile() {
        assertThat(problems("version: 9\ntenant: Alice\non_failure: denny\ngpus:\n- {gpu: -1, memory: 8}\n- 7\n"))
                .containsExactly(
                        "t.yaml:1:10: version: '9' is not a version of this format that this release knows: write 1,"
                                + " or leave it out",
                        "t.yaml:2:9: tenant: 'Alice' is not a tenant name: write 1 to 63 characters of a-z, 0-9 and"
                                + " '-', with no '-' at either end",
                        "t.yaml:3:13: on_failure: 'denny' is not a choice (did you mean 'deny'?): write deny or"
                                + " forward",
                        "t.yaml:5:9: gpus[0].gpu: '-1' is not a GPU: write the NVML index of a GPU, its UUID (GPU-…),"
                                + " or \"*\" for each GPU",
                        "t.yaml:5:21: gpus[0].memory: '8' has no unit: write " + MemoryLimits.ALLOWED,
                        "t.yaml:6:3: gpus[1]: '7' is not a GPU's entry: write 'gpu' and 'memory'");
    }

    @Test
    void refusesTheSameKeyOrGpuTwice() {
        assertThat(problems("tenant: a\ntenant: b\ngpus: [{gpu: 0, memory: 1B}, {gpu: 0, memory: 2B}]"))
                .containsExactly(
                        "t.yaml:2:1: tenant: 'tenant' is given twice: keep one of them",
                        "t.yaml:3:30: gpus[1].gpu: the GPU '0' already has an entry above: keep one of them");
    }

    @Test
    void explainsTheUnquotedStar() {
        assertThat(problems("tenant: a\ngpus:\n  - gpu: *\n    memory: 1GiB\n"))
                .singleElement()
                .asString()
                .contains("t.yaml:3:")
                .endsWith("(for every GPU write \"*\" in quotes)");
    }

    private static long limit(TenantFile file, int index, GpuId gpu) {
        return file.quotaFor(index, gpu)
                .orElseThrow()
                .memory()
                .limit()
                .of(Bytes.of(1L << 33))
                .value();
    }

    private static TenantFile parse(String text) throws TenantFileException {
        return TenantFileParser.parse("t.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> problems(String text) {
        return catchThrowableOfType(TenantFileException.class, () -> parse(text)).problems().stream()
                .map(Problem::toString)
                .toList();
    }
}
