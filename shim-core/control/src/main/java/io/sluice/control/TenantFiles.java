package io.sluice.control;

import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.Problem;
import io.sluice.policy.tenantfile.TenantFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One tenant file, or each {@code *.yaml} and {@code *.yml} of a folder. Names that begin with a dot are not looked at,
 * so neither is what Kubernetes keeps beside the files of a ConfigMap.
 *
 * @param paths all files, as the user would name them
 * @param sources by path: those that are right and are about a tenant of their own
 * @param problems all that is wrong with the others
 */
public record TenantFiles(List<Path> paths, Map<Path, TenantSource> sources, List<Problem> problems) {

    /** A folder without a tenant file is a problem; so is a path that is not there. */
    public static TenantFiles read(Path path) {
        List<Path> paths;
        try {
            paths = list(path);
        } catch (IOException | UncheckedIOException e) {
            return nothing(path, "cannot be listed (" + e.getMessage() + ")");
        }
        if (paths.isEmpty()) {
            return nothing(path, "no *.yaml or *.yml file in this folder");
        }
        Map<Path, TenantSource> sources = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        Map<TenantName, Path> first = new LinkedHashMap<>();
        Set<TenantName> twice = new LinkedHashSet<>();
        for (Path file : paths) {
            try {
                TenantSource source = TenantSource.read(file);
                TenantName tenant = source.file().tenant();
                Path other = first.putIfAbsent(tenant, file);
                if (other != null) {
                    twice.add(tenant);
                    problems.add(problem(
                            file, "tenant", "'" + tenant + "' is also the tenant of " + other + ": keep one of them"));
                }
                sources.put(file, source);
            } catch (TenantFileException e) {
                problems.addAll(e.problems());
            }
        }
        sources.values().removeIf(source -> twice.contains(source.file().tenant()));
        return new TenantFiles(paths, sources, problems);
    }

    /** Files that are wrong, or whose tenant has another file. */
    List<Path> rejected() {
        return paths.stream().filter(path -> !sources.containsKey(path)).toList();
    }

    private static List<Path> list(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(TenantFiles::isTenantFile).sorted().toList();
        }
    }

    private static boolean isTenantFile(Path path) {
        String name = String.valueOf(path.getFileName());
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml"));
    }

    private static TenantFiles nothing(Path path, String sentence) {
        return new TenantFiles(List.of(), Map.of(), List.of(problem(path, "", sentence)));
    }

    private static Problem problem(Path path, String key, String sentence) {
        return new Problem(path.toString(), 0, 0, key, sentence);
    }
}
