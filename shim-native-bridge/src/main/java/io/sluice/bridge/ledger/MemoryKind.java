package io.sluice.bridge.ledger;

import java.util.Locale;

/** What charged memory was asked for as; numbered as in {@code enum sluice_kind} in {@code ledger_layout.h}. */
public enum MemoryKind {
    LINEAR(0),
    POOL(1),
    VMM(2),
    ARRAY(3),
    GRAPH(4),
    CONTEXT(5);

    private final int index;

    MemoryKind(int index) {
        this.index = index;
    }

    int index() {
        return index;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
