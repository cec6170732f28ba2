package io.sluice.policy.tenantfile;

import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.YamlNode.Kind;
import io.sluice.policy.tenantfile.YamlNode.Mapping;
import io.sluice.policy.tenantfile.YamlNode.Scalar;
import io.sluice.policy.tenantfile.YamlNode.Sequence;
import io.sluice.policy.time.Priority;
import io.sluice.policy.time.Share;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The one reader of tenant files. {@code tenant-file.schema.json} beside this class says the same for editors; where a
 * schema cannot say it (whole numbers of bytes, a GPU given twice), this class decides.
 */
public final class TenantFileParser {
    private static final List<String> FILE_KEYS = List.of("version", "tenant", "on_failure", "gpus", "pinned");
    private static final Set<String> LATER_FILE_KEYS = Set.of("owner", "labels");
    private static final List<String> GPU_KEYS = List.of("gpu", "memory", "sm");
    private static final List<String> SM_KEYS = List.of("share", "max", "priority");
    private static final List<String> MEMORY_KEYS = List.of("limit", "warn", "on_excess", "wait_max");

    private static final int MOST_GPUS = 1024;
    private static final String A_TENANT = "a DNS label, such as alice";
    private static final String A_GPU = "the NVML index of a GPU, its UUID (GPU-…), or \"*\" for each GPU";
    private static final String SOME_GPUS = "a list of GPUs, each with 'gpu' and 'memory'";

    private final Problems problems;

    private TenantFileParser(String file) {
        problems = new Problems(file);
    }

    /** Reads a regular file of at most 1 MiB. */
    public static TenantFile parse(Path path) throws TenantFileException {
        return parse(path.toString(), read(path));
    }

    /**
     * The bytes of a tenant file, before they mean anything.
     *
     * @throws TenantFileException if there is no readable regular file of at most 1 MiB there
     */
    public static byte[] read(Path path) throws TenantFileException {
        String wrong;
        try {
            if (Files.isDirectory(path)) {
                wrong = "a directory, where a tenant file is expected";
            } else if (!Files.exists(path)) {
                wrong = "no such file";
            } else if (!Files.isRegularFile(path)) {
                wrong = "not a regular file";
            } else if (Files.size(path) > YamlReader.LARGEST_BYTES) {
                wrong = "larger than 1 MiB: this is not a tenant file";
            } else {
                try (InputStream in = Files.newInputStream(path)) {
                    return in.readNBytes(YamlReader.LARGEST_BYTES + 1);
                }
            }
        } catch (IOException e) {
            wrong = "cannot be read: " + e.getClass().getSimpleName();
        }
        throw new TenantFileException(new Problem(path.toString(), 0, 0, "", wrong));
    }

    /**
     * @param file how the user names the file, for messages
     * @throws TenantFileException with everything that is wrong
     */
    public static TenantFile parse(String file, byte[] content) throws TenantFileException {
        YamlNode root = YamlReader.read(file, content);
        TenantFileParser parser = new TenantFileParser(file);
        Optional<TenantFile> parsed = Optional.empty();
        try {
            parsed = parser.file(root);
        } catch (Problems.TooMany e) {
            throw parser.problems.toException();
        }
        if (parsed.isEmpty() || !parser.problems.isEmpty()) {
            throw parser.problems.toException();
        }
        return parsed.get();
    }

    private Optional<TenantFile> file(YamlNode root) {
        if (!(root instanceof Mapping mapping)) {
            problems.add(root, "", root.shown() + " is not a tenant file: write 'tenant: NAME' and 'gpus: …'");
            return Optional.empty();
        }
        Section section = new Section(mapping, "", problems, FILE_KEYS, LATER_FILE_KEYS);
        section.value("version").ifPresent(this::version);
        Optional<TenantName> tenant = section.required("tenant", A_TENANT).flatMap(this::tenant);
        OnFailure onFailure = section.word("on_failure", List.of("deny", "forward"), Set.of())
                .filter("forward"::equals)
                .map(word -> OnFailure.FORWARD)
                .orElse(OnFailure.DENY);
        List<GpuQuota> gpus =
                section.required("gpus", SOME_GPUS).map(this::gpus).orElse(List.of());
        Optional<Bytes> pinned = section.value("pinned").flatMap(this::pinned);
        return tenant.map(name -> new TenantFile(name, onFailure, gpus, pinned));
    }

    private void version(YamlNode node) {
        if (!(node instanceof Scalar scalar
                && scalar.kind() == Kind.INTEGER
                && scalar.text().equals("1"))) {
            problems.add(
                    node,
                    "version",
                    node.shown() + " is not a version of this format that this release knows:"
                            + " write 1, or leave it out");
        }
    }

    private Optional<TenantName> tenant(YamlNode node) {
        if (node instanceof Scalar scalar && scalar.kind() == Kind.STRING) {
            try {
                return Optional.of(new TenantName(scalar.text()));
            } catch (IllegalArgumentException e) {
                problems.add(
                        node,
                        "tenant",
                        scalar.shown() + " is not a tenant name: write 1 to 63 characters of a-z,"
                                + " 0-9 and '-', with no '-' at either end");
                return Optional.empty();
            }
        }
        String quotes = node instanceof Scalar scalar && scalar.kind() != Kind.NULL ? " (if it is one, quote it)" : "";
        problems.add(node, "tenant", node.shown() + " is not a tenant name" + quotes + ": write " + A_TENANT);
        return Optional.empty();
    }

    private List<GpuQuota> gpus(YamlNode node) {
        if (!(node instanceof Sequence list) || list.items().isEmpty()) {
            String found = node instanceof Sequence ? "an empty list" : node.shown();
            problems.add(node, "gpus", found + " is not allowed here: write " + SOME_GPUS);
            return List.of();
        }
        if (list.items().size() > MOST_GPUS) {
            problems.add(node, "gpus", "more than " + MOST_GPUS + " entries: this is not a tenant file");
            return List.of();
        }
        List<GpuQuota> quotas = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < list.items().size(); i++) {
            String path = "gpus[" + i + "]";
            YamlNode item = list.items().get(i);
            gpu(item, path).ifPresent(quota -> {
                if (!seen.add(quota.gpu().toString())) {
                    problems.add(
                            item,
                            path + ".gpu",
                            "the GPU '" + quota.gpu() + "' already has an entry above: keep one of them");
                }
                quotas.add(quota);
            });
        }
        return quotas;
    }

    private Optional<GpuQuota> gpu(YamlNode node, String path) {
        if (!(node instanceof Mapping mapping)) {
            problems.add(node, path, node.shown() + " is not a GPU's entry: write 'gpu' and 'memory'");
            return Optional.empty();
        }
        Section section = new Section(mapping, path, problems, GPU_KEYS, Set.of());
        Optional<GpuSelector> gpu = section.required("gpu", A_GPU).flatMap(value -> selector(value, path + ".gpu"));
        Optional<MemoryQuota> memory =
                section.required("memory", MemoryLimits.ALLOWED).flatMap(value -> memory(value, path + ".memory"));
        Optional<SmQuota> sm = section.value("sm").flatMap(value -> sm(value, path + ".sm"));
        return gpu.flatMap(selector -> memory.map(quota -> new GpuQuota(selector, quota, sm)));
    }

    private Optional<GpuSelector> selector(YamlNode node, String path) {
        if (node instanceof Scalar scalar) {
            String text = scalar.text();
            if (scalar.kind() == Kind.INTEGER && text.matches("0|[1-9][0-9]{0,3}")) {
                return Optional.of(new GpuSelector.Index(Integer.parseInt(text)));
            }
            if (scalar.kind() == Kind.STRING && text.equals("*")) {
                return Optional.of(new GpuSelector.Any());
            }
            if (scalar.kind() == Kind.STRING && text.startsWith("MIG-")) {
                problems.add(
                        node, path, scalar.shown() + ": MIG slices are not supported by this release: write " + A_GPU);
                return Optional.empty();
            }
            if (scalar.kind() == Kind.STRING && GpuId.isGpuId(text)) {
                return Optional.of(new GpuSelector.Uuid(GpuId.parse(text)));
            }
        }
        problems.add(node, path, node.shown() + " is not a GPU: write " + A_GPU);
        return Optional.empty();
    }

    /** The short form is the limit itself. */
    private Optional<MemoryQuota> memory(YamlNode node, String path) {
        if (!(node instanceof Mapping mapping)) {
            return limit(node, path).map(MemoryQuota::of);
        }
        Section section = new Section(mapping, path, problems, MEMORY_KEYS, Set.of());
        OnExcess onExcess = onExcess(section);
        Optional<MemoryLimit> warn = section.value("warn").flatMap(value -> limit(value, path + ".warn"));
        Optional<MemoryLimit> limit =
                section.required("limit", MemoryLimits.ALLOWED).flatMap(value -> limit(value, path + ".limit"));
        return limit.map(amount -> new MemoryQuota(amount, warn, onExcess));
    }

    /** The short form is the share itself. */
    private Optional<SmQuota> sm(YamlNode node, String path) {
        if (!(node instanceof Mapping mapping)) {
            return share(node, path).map(share -> new SmQuota(share, Optional.empty(), Priority.NORMAL));
        }
        Section section = new Section(mapping, path, problems, SM_KEYS, Set.of());
        Optional<YamlNode> most = section.value("max");
        Optional<Share> max = most.flatMap(value -> share(value, section.pathOf("max")));
        Priority priority = section.word("priority", List.of("latency", "normal", "batch"), Set.of())
                .map(word -> Priority.valueOf(word.toUpperCase(Locale.ROOT)))
                .orElse(Priority.NORMAL);
        Optional<Share> share =
                section.required("share", SmShares.ALLOWED).flatMap(value -> share(value, section.pathOf("share")));
        if (most.isPresent()
                && max.isPresent()
                && share.isPresent()
                && max.get().compareTo(share.get()) < 0) {
            problems.add(
                    most.get(),
                    section.pathOf("max"),
                    "less than the share of " + share.get() + ": write that or more, or leave 'max' out");
        }
        return share.map(part -> new SmQuota(part, max, priority));
    }

    private Optional<Share> share(YamlNode node, String path) {
        return parsed(node, path, "a share", SmShares.ALLOWED, SmShares::parse);
    }

    private OnExcess onExcess(Section section) {
        String word = section.word("on_excess", List.of("deny", "wait", "spill"), Set.of())
                .orElse("deny");
        Optional<YamlNode> most = section.value("wait_max");
        if (most.isPresent() && !word.equals("wait")) {
            problems.add(
                    most.get(),
                    section.pathOf("wait_max"),
                    "nothing waits here: write 'on_excess: wait' too, or leave 'wait_max' out");
        }
        return switch (word) {
            case "wait" ->
                new OnExcess.Wait(most.flatMap(node -> waitTime(node, section.pathOf("wait_max")))
                        .orElse(WaitTimes.DEFAULT));
            case "spill" -> new OnExcess.Spill();
            default -> new OnExcess.Deny();
        };
    }

    private Optional<Duration> waitTime(YamlNode node, String path) {
        return parsed(node, path, "a time", WaitTimes.ALLOWED, WaitTimes::parse);
    }

    private Optional<Bytes> pinned(YamlNode node) {
        return parsed(node, "pinned", "an amount of memory", MemoryLimits.ALLOWED_ON_HOST, MemoryLimits::parseBytes);
    }

    private Optional<MemoryLimit> limit(YamlNode node, String path) {
        return parsed(node, path, "an amount of memory", MemoryLimits.ALLOWED, MemoryLimits::parse);
    }

    /** What a text stands for, or empty after saying what is wrong with it. */
    private <T> Optional<T> parsed(YamlNode node, String path, String what, String allowed, Function<String, T> parse) {
        if (node instanceof Scalar scalar && scalar.kind() != Kind.NULL && scalar.kind() != Kind.BOOLEAN) {
            try {
                return Optional.of(parse.apply(scalar.text()));
            } catch (IllegalArgumentException e) {
                problems.add(node, path, String.valueOf(e.getMessage()));
                return Optional.empty();
            }
        }
        problems.add(node, path, node.shown() + " is not " + what + ": write " + allowed);
        return Optional.empty();
    }
}
