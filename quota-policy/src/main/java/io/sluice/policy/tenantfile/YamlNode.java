package io.sluice.policy.tenantfile;

import java.util.List;

/** A YAML document with its places, before it means anything. Lines and columns count from 1. */
sealed interface YamlNode {
    int line();

    int column();

    /** What a person calls it: {@code a list}, {@code '8'}. */
    String shown();

    /** How a plain scalar reads in YAML 1.2's core schema, which is JSON's view of it; a quoted one is a string. */
    enum Kind {
        STRING,
        INTEGER,
        NUMBER,
        BOOLEAN,
        NULL
    }

    record Scalar(String text, Kind kind, int line, int column) implements YamlNode {
        @Override
        public String shown() {
            return kind == Kind.NULL && text.isEmpty() ? "nothing" : Quoted.quoted(text);
        }
    }

    record Sequence(List<YamlNode> items, int line, int column) implements YamlNode {
        @Override
        public String shown() {
            return "a list";
        }
    }

    record Mapping(List<Entry> entries, int line, int column) implements YamlNode {
        @Override
        public String shown() {
            return "a mapping";
        }
    }

    record Entry(Scalar key, YamlNode value) {}
}
