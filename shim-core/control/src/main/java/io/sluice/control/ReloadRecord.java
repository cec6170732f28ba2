package io.sluice.control;

import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the last attempt to load a tenant's file ended, for whoever watches the node. One line: {@code ok} or
 * {@code failed}, then when it last went well, in ms since 1970, or {@code never}.
 *
 * @param lastSuccess empty if it never went well
 */
public record ReloadRecord(boolean successful, Optional<Instant> lastSuccess) {
    private static final Pattern LINE = Pattern.compile("(ok|failed) ([0-9]{1,18}|never)\n");

    /** Empty if nothing was ever loaded for the tenant, or the record cannot be read. */
    public static Optional<ReloadRecord> read(RunDirectory run, TenantName tenant) {
        try {
            Matcher line = LINE.matcher(Files.readString(run.reloadRecord(tenant), StandardCharsets.US_ASCII));
            if (line.matches()) {
                String when = line.group(2);
                return Optional.of(new ReloadRecord(
                        line.group(1).equals("ok"),
                        when.equals("never")
                                ? Optional.empty()
                                : Optional.of(Instant.ofEpochMilli(Long.parseLong(when)))));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // Only watchers read it: the next reload writes it anew.
        }
        return Optional.empty();
    }

    /** The caller holds the run directory's lock, as for {@link #failed}. */
    static void succeeded(RunDirectory run, TenantName tenant) throws IOException {
        write(run, tenant, "ok " + Instant.now().toEpochMilli());
    }

    /** When it last went well stays. */
    static void failed(RunDirectory run, TenantName tenant) throws IOException {
        String when = read(run, tenant)
                .flatMap(ReloadRecord::lastSuccess)
                .map(instant -> Long.toString(instant.toEpochMilli()))
                .orElse("never");
        write(run, tenant, "failed " + when);
    }

    private static void write(RunDirectory run, TenantName tenant, String line) throws IOException {
        WholeFile.write(run.reloadRecord(tenant), (line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
