package io.sluice.bridge.ledger;

import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/** One GPU's arbiter: the file through which processes of all tenants take turns on it. Native code moves the turn. */
public final class ArbiterFile {
    /** Tenants run as different users, and each process writes it. */
    private static final String PERMISSIONS = "rw-rw-rw-";

    private static final int MAGIC = 0;
    private static final int VERSION = 8;
    private static final int TURN = 64;
    private static final int PARTIES = 128;
    private static final int PARTY_BYTES = 16;
    private static final int PARTY_COUNT = 128;
    private static final int PLACES = PARTIES + PARTY_COUNT * PARTY_BYTES;
    private static final int PLACE_BYTES = 64;
    private static final int PLACE_PARTY = 8;
    private static final int PLACE_COUNT = 256;
    private static final int SERIAL_SHIFT = 16;

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

    /**
     * The turn at one moment.
     *
     * @param serial grows with each turn
     * @param tenant that has it; empty where nobody does, or a tenant that was not asked about
     */
    public record Turn(long serial, Optional<TenantName> tenant) {}

    /**
     * Who has the turn now.
     *
     * @param among the tenants that are known by name; the file has no names
     * @return empty where there is no arbiter
     */
    public static Optional<Turn> turn(Path path, Collection<TenantName> among) throws IOException {
        MappedFile file;
        try {
            file = MappedFile.open(path, LedgerLayout.ARBITER_BYTES, false);
        } catch (LedgerException e) {
            return Optional.empty();
        }
        long turn = file.getLong(TURN);
        int place = (int) (turn & ((1 << SERIAL_SHIFT) - 1)) - 1;
        int party = place < 0 || place >= PLACE_COUNT ? -1 : file.getInt(PLACES + place * PLACE_BYTES + PLACE_PARTY);
        long key = party < 0 || party >= PARTY_COUNT ? 0 : file.getLong(PARTIES + party * PARTY_BYTES);
        Optional<TenantName> tenant =
                among.stream().filter(name -> key(name) == key).findAny();
        return Optional.of(new Turn(turn >>> SERIAL_SHIFT, tenant));
    }

    /** FNV-1a of the name, as {@code sluice_turns_open} has it. */
    private static long key(TenantName tenant) {
        long key = 0xcbf29ce484222325L;
        for (byte letter : tenant.value().getBytes(StandardCharsets.US_ASCII)) {
            key = (key ^ (letter & 0xff)) * 0x100000001b3L;
        }
        return key | 1;
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
