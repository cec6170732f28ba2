package io.sluice.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One simulated GPU as a test wants it; {@link #install} writes cards.conf. */
record Card(String uuid, long memoryBytes, List<String> more) {
    static final String FIRST_UUID = "GPU-11111111-2222-3333-4444-555555555555";
    static final String SECOND_UUID = "GPU-1abcdef0-2222-3333-4444-666666666666";
    static final long BLOCK = 2 << 20;

    /** A card whose contexts take nothing, so that a test can count every block, and whose lengths are exact. */
    static Card of(long memoryBytes) {
        return new Card(FIRST_UUID, memoryBytes, List.of("context_bytes=0", "late_memory_ms=0", "noise=off"));
    }

    Card withUuid(String other) {
        return new Card(other, memoryBytes, more);
    }

    Card with(String line) {
        List<String> lines = new ArrayList<>(more);
        lines.add(line);
        return new Card(uuid, memoryBytes, List.copyOf(lines));
    }

    static void install(Path folder, Card... cards) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Card card : cards) {
            text.append("[card]\nname=Test GPU\nuuid=").append(card.uuid());
            text.append("\nmemory_bytes=").append(card.memoryBytes()).append('\n');
            card.more().forEach(line -> text.append(line).append('\n'));
        }
        Files.writeString(folder.resolve("cards.conf"), text);
    }
}
