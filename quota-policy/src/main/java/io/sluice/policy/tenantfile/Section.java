package io.sluice.policy.tenantfile;

import static io.sluice.policy.tenantfile.Quoted.quoted;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One mapping of a tenant file. Making it finds every key that does not belong there: unknown, given twice, or
 * documented but not built yet.
 */
final class Section {
    private final YamlNode.Mapping mapping;
    private final String path;
    private final Problems problems;
    private final Map<String, YamlNode> values = new HashMap<>();
    private final Set<String> misspelt = new HashSet<>();

    /**
     * @param path of this mapping, empty for the file itself
     * @param keys that are allowed here
     * @param laterKeys that the format documents here and this release does not enforce
     */
    Section(YamlNode.Mapping mapping, String path, Problems problems, List<String> keys, Set<String> laterKeys) {
        this.mapping = mapping;
        this.path = path;
        this.problems = problems;
        Set<String> seen = new HashSet<>();
        for (YamlNode.Entry entry : mapping.entries()) {
            String key = entry.key().text();
            if (!seen.add(key)) {
                problems.add(entry.key(), pathOf(key), quoted(key) + " is given twice: keep one of them");
            } else if (keys.contains(key)) {
                values.put(key, entry.value());
            } else if (laterKeys.contains(key)) {
                problems.add(
                        entry.key(),
                        pathOf(key),
                        quoted(key) + " is not supported by this release: it would not"
                                + " be enforced, so the file is refused; remove it");
            } else {
                problems.add(entry.key(), pathOf(key), unknown(key, keys));
                Nearest.to(key, keys).ifPresent(misspelt::add);
            }
        }
    }

    String pathOf(String key) {
        String shown = quoted(key);
        String name = shown.substring(1, shown.length() - 1);
        return path.isEmpty() ? name : path + "." + name;
    }

    Optional<YamlNode> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** The value of a key that must be there; says so if it is not, unless its slip was found. */
    Optional<YamlNode> required(String key, String allowed) {
        Optional<YamlNode> value = value(key);
        if (value.isEmpty() && !misspelt.contains(key)) {
            problems.add(mapping, pathOf(key), quoted(key) + " is missing: write " + allowed);
        }
        return value;
    }

    /** One of a few words, or empty after saying what is wrong. */
    Optional<String> word(String key, List<String> allowed, Set<String> laterWords) {
        Optional<YamlNode> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        YamlNode node = value.get();
        String allowedWords = String.join(" or ", allowed);
        if (node instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.STRING) {
            if (allowed.contains(scalar.text())) {
                return Optional.of(scalar.text());
            }
            if (laterWords.contains(scalar.text())) {
                problems.add(
                        node, pathOf(key), scalar.shown() + " is not supported by this release: write " + allowedWords);
                return Optional.empty();
            }
            problems.add(
                    node,
                    pathOf(key),
                    scalar.shown() + " is not a choice" + didYouMean(scalar.text(), allowed) + ": write "
                            + allowedWords);
            return Optional.empty();
        }
        problems.add(node, pathOf(key), node.shown() + " is not a choice: write " + allowedWords);
        return Optional.empty();
    }

    private String unknown(String key, List<String> keys) {
        String where = path.isEmpty() ? "a tenant file" : "'" + path + "'";
        return quoted(key) + " is not a key of " + where + didYouMean(key, keys) + ": allowed are "
                + String.join(", ", keys);
    }

    private static String didYouMean(String word, List<String> words) {
        return Nearest.to(word, words)
                .map(near -> " (did you mean '" + near + "'?)")
                .orElse("");
    }
}
