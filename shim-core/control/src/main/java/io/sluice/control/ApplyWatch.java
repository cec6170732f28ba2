package io.sluice.control;

import io.sluice.control.ApplyFiles.Failure;
import io.sluice.control.ApplyFiles.Outcome;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Applies tenant files whenever they change. What cannot be applied is tried again at each look and said once. A file
 * that is taken away takes no limit away: nothing ever becomes unlimited by that.
 */
public final class ApplyWatch {
    /** How long changes stay unnoticed that the kernel does not tell. */
    private static final int POLL_MS = 2000;
    /** What looks wrong is looked at again after this time: it may be half written. */
    private static final int SETTLE_MS = 100;

    private final ApplyFiles apply;
    private final Path path;
    private final Map<Path, TenantSource> holding = new HashMap<>();
    private Set<String> said = new HashSet<>();

    public ApplyWatch(ApplyFiles apply, Path path) {
        this.apply = apply;
        this.path = path;
    }

    /**
     * Never returns.
     *
     * @param tell takes what is new after each look
     * @throws InterruptedException when it is told to end
     */
    public void run(Consumer<Outcome> tell) throws InterruptedException, IOException, ControlException {
        try (FolderWatch watch = FolderWatch.of(path)) {
            while (true) {
                Outcome outcome = look();
                if (Thread.interrupted()) {
                    throw new InterruptedException(); // what it broke off is no failure
                }
                tell.accept(outcome);
                watch.await(POLL_MS);
            }
        }
    }

    private Outcome look() throws InterruptedException, ControlException {
        TenantFiles files = TenantFiles.read(path);
        List<Apply.Result> applied = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        if (isDoubtful(files)) {
            Outcome right = applyChanged(files, false);
            applied.addAll(right.applied());
            warnings.addAll(right.warnings());
            Thread.sleep(SETTLE_MS);
            files = TenantFiles.read(path);
        }
        Outcome outcome = applyChanged(files, true);
        applied.addAll(outcome.applied());
        warnings.addAll(outcome.warnings());
        warnings.addAll(gone(files));
        return new Outcome(applied, warnings, outcome.failures());
    }

    private boolean isDoubtful(TenantFiles files) {
        return files.problems().stream().anyMatch(problem -> !said.contains(problem.toString()))
                || holding.keySet().stream().anyMatch(file -> !files.paths().contains(file));
    }

    /** @param withProblems whether the files that are wrong count, too */
    private Outcome applyChanged(TenantFiles files, boolean withProblems) throws ControlException {
        Map<Path, TenantSource> changed = new LinkedHashMap<>(files.sources());
        changed.entrySet().removeIf(entry -> entry.getValue().equals(holding.get(entry.getKey())));
        boolean unsaid = files.problems().stream().anyMatch(problem -> !said.contains(problem.toString()));
        Outcome outcome = apply.apply(
                changed.values(),
                withProblems && unsaid ? files.rejected() : List.of(),
                withProblems ? files.problems() : List.of());
        Set<TenantName> done = new HashSet<>();
        outcome.applied().forEach(result -> done.add(result.tenant()));
        changed.forEach((file, source) -> {
            if (done.contains(source.file().tenant())) {
                holding.put(file, source);
            }
        });
        if (withProblems) {
            files.rejected().forEach(holding::remove); // what comes next there is a change, also what held before
        }
        return withProblems ? onlyNew(outcome) : outcome;
    }

    private Outcome onlyNew(Outcome outcome) {
        Set<String> lines = new HashSet<>(outcome.warnings());
        outcome.failures().forEach(failure -> lines.add(failure.line()));
        List<String> warnings =
                outcome.warnings().stream().filter(line -> !said.contains(line)).toList();
        List<Failure> failures = outcome.failures().stream()
                .filter(failure -> !said.contains(failure.line()))
                .toList();
        said = lines;
        return new Outcome(outcome.applied(), warnings, failures);
    }

    private List<String> gone(TenantFiles files) {
        Set<TenantName> present = new HashSet<>();
        files.sources().values().forEach(source -> present.add(source.file().tenant()));
        List<String> lines = new ArrayList<>();
        List<Path> missing = holding.keySet().stream()
                .filter(file -> !files.paths().contains(file))
                .sorted()
                .toList();
        for (Path file : missing) {
            TenantSource source = holding.remove(file);
            if (source != null && !present.contains(source.file().tenant())) {
                TenantName tenant = source.file().tenant();
                lines.add(file + " is gone: the limits of tenant '" + tenant + "' stay as they are; 'sluice forget "
                        + tenant + "' removes them once it is idle");
            }
        }
        return lines;
    }
}
