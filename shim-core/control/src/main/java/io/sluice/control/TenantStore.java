package io.sluice.control;

import io.sluice.control.ControlException.Reason;
import io.sluice.policy.TenantName;
import io.sluice.policy.tenantfile.TenantFileException;
import io.sluice.policy.tenantfile.TenantFileParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The tenant files that were applied last, so that {@code --tenant NAME} finds them after the original has moved. */
public final class TenantStore {
    private static final String FIRST_LINE = "# applied from ";
    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final RunDirectory run;

    public TenantStore(RunDirectory run) {
        this.run = run;
    }

    /** The file that was applied last for a tenant; empty if none ever was. */
    public Optional<TenantSource> find(TenantName tenant) throws ControlException {
        Path copy = run.tenantFile(tenant);
        if (!Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (Files.isSymbolicLink(copy)) {
            throw Folders.notPermitted(copy, "is a symbolic link: remove it and apply the tenant's file again");
        }
        try {
            String text = Files.readString(copy);
            int end = text.indexOf('\n');
            if (!text.startsWith(FIRST_LINE) || end < 0) {
                throw damaged(copy, "it does not begin with '" + FIRST_LINE + "…'");
            }
            String content = text.substring(end + 1);
            return Optional.of(new TenantSource(
                    TenantFileParser.parse(copy.toString(), content.getBytes(StandardCharsets.UTF_8)),
                    text.substring(FIRST_LINE.length(), end),
                    content));
        } catch (TenantFileException | IOException e) {
            throw damaged(copy, String.valueOf(e.getMessage()));
        }
    }

    /** Whether the file that was applied last for a tenant has this content. */
    static boolean holds(RunDirectory run, TenantName tenant, byte[] content) throws IOException {
        Path copy = run.tenantFile(tenant);
        if (!Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS) || Files.size(copy) < content.length) {
            return false;
        }
        byte[] whole = Files.readAllBytes(copy);
        int start = 0;
        while (start < whole.length && whole[start++] != '\n') {
            // The first line says where it came from.
        }
        return Arrays.equals(whole, start, whole.length, content, 0, content.length);
    }

    /** Where the file that was applied last came from; empty if none ever was, or the copy is damaged. */
    Optional<String> origin(TenantName tenant) {
        try {
            return find(tenant).map(TenantSource::origin);
        } catch (ControlException e) {
            return Optional.empty();
        }
    }

    /** The caller holds the run directory's lock. */
    void put(TenantSource source) throws IOException {
        // The origin is a path, and a path may hold a line break, which would end the comment.
        String origin = source.origin().replaceAll("\\p{Cntrl}", "?");
        String content = source.content().startsWith(BYTE_ORDER_MARK)
                ? source.content().substring(BYTE_ORDER_MARK.length())
                : source.content();
        WholeFile.write(
                run.tenantFile(source.file().tenant()),
                (FIRST_LINE + origin + "\n" + content).getBytes(StandardCharsets.UTF_8));
    }

    private static ControlException damaged(Path copy, String why) {
        return new ControlException(
                Reason.OUR_FAULT, copy + " is damaged (" + why + "): remove it and apply the tenant's file again");
    }
}
