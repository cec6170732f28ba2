package io.sluice.conformance;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What came of all checks. */
final class Report {
    private final List<Outcome> outcomes;

    Report(List<Outcome> outcomes) {
        this.outcomes = List.copyOf(outcomes);
    }

    long count(Verdict verdict) {
        return outcomes.stream().filter(outcome -> outcome.verdict() == verdict).count();
    }

    /** A line for each section of the documentation, and one for all. */
    String summary() {
        Map<Section, Map<Verdict, Integer>> bySection = new EnumMap<>(Section.class);
        for (Outcome outcome : outcomes) {
            bySection
                    .computeIfAbsent(outcome.check().section(), section -> new EnumMap<>(Verdict.class))
                    .merge(outcome.verdict(), 1, Integer::sum);
        }
        StringBuilder text = new StringBuilder(String.format("%n%-34s", ""));
        for (Verdict verdict : Verdict.values()) {
            text.append(String.format("%16s", verdict));
        }
        bySection.forEach((section, counts) -> {
            text.append(String.format("%n%-34s", section.title()));
            for (Verdict verdict : Verdict.values()) {
                text.append(String.format("%16d", counts.getOrDefault(verdict, 0)));
            }
        });
        text.append(String.format("%n%-34s", outcomes.size() + " checks"));
        for (Verdict verdict : Verdict.values()) {
            text.append(String.format("%16d", count(verdict)));
        }
        return text.append(System.lineSeparator()).toString();
    }

    /** One object a line and check, in the order of the run, so that two files can be compared by diff. */
    void writeJson(Path file) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(file.toFile(), JsonEncoding.UTF8)) {
            json.writeStartArray();
            for (Outcome outcome : outcomes) {
                json.writeRaw("\n");
                json.writeStartObject();
                json.writeStringField("check", outcome.check().id());
                json.writeStringField("section", outcome.check().section().title());
                json.writeStringField("verdict", outcome.verdict().toString());
                json.writeStringField("detail", outcome.detail());
                json.writeEndObject();
            }
            json.writeRaw("\n");
            json.writeEndArray();
            json.writeRaw("\n");
        }
    }
}
