package io.sluice.bridge.ledger;

import java.io.IOException;
import java.nio.file.Path;

/** One GPU's arbiter: the file through which processes of all tenants take turns on it. Only native code looks inside. */
public final class ArbiterFile {
    /** Tenants run as different users, and each process writes it. */
    private static final String PERMISSIONS = "rw-rw-rw-";

    private static final int MAGIC = 0;
    private static final int VERSION = 8;

    private ArbiterFile() {}

    /** Makes it where there is none of this version. Processes that use another one go on with that. */
    public static void ensure(Path path) throws IOException {
        if (!isCurrent(path)) {
            MappedFile.create(path, LedgerLayout.ARBITER_BYTES, LedgerLayout.ARBITER_BYTES, PERMISSIONS, file -> {
                file.setLong(MAGIC, LedgerLayout.ARBITER_MAGIC);
                file.setInt(VERSION, LedgerLayout.ARBITER_VERSION);
            });
        }
    }

    private static boolean isCurrent(Path path) throws IOException {
        try {
            MappedFile file = MappedFile.open(path, LedgerLayout.ARBITER_BYTES, false);
            return file.getLong(MAGIC) == LedgerLayout.ARBITER_MAGIC
                    && file.getInt(VERSION) == LedgerLayout.ARBITER_VERSION;
        } catch (LedgerException e) {
            return false;
        }
    }
}
