package io.sluice.policy.tenantfile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What has been found wrong so far. Stops the reading at {@value #MOST}, since a file can be wrong a million times. */
final class Problems {
    private static final int MOST = 50;

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(YamlNode place, String key, String sentence) {
        found.add(new Problem(file, place.line(), place.column(), key, sentence));
        if (found.size() == MOST) {
            found.add(new Problem(file, 0, 0, "", "too much is wrong to list the rest"));
            throw new TooMany();
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    TenantFileException toException() {
        // A problem with the file as a whole (line 0) comes last.
        found.sort(Comparator.comparingInt((Problem p) -> p.line() == 0 ? Integer.MAX_VALUE : p.line())
                .thenComparingInt(Problem::column));
        return new TenantFileException(found);
    }

    /** Ends the reading of a file that has more wrong than anyone reads. */
    static final class TooMany extends RuntimeException {
        TooMany() {
            super("too much is wrong", null, false, false);
        }
    }
}
