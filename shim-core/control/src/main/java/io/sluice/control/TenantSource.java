package io.sluice.control;

import io.sluice.policy.tenantfile.TenantFile;
import io.sluice.policy.tenantfile.TenantFileException;
import io.sluice.policy.tenantfile.TenantFileParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A valid tenant file with where it came from.
 *
 * @param origin how it is named to people: its absolute path
 * @param content its bytes
 */
public record TenantSource(TenantFile file, String origin, String content) {

    /** Reads a tenant file from where the user keeps it. */
    public static TenantSource read(Path path) throws TenantFileException {
        byte[] content = TenantFileParser.read(path);
        TenantFile file = TenantFileParser.parse(path.toString(), content);
        return new TenantSource(
                file, path.toAbsolutePath().normalize().toString(), new String(content, StandardCharsets.UTF_8));
    }

    /** The file is what the content says, so it need not be compared; a record's own comparison is linked at run time. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TenantSource that && origin.equals(that.origin) && content.equals(that.content);
    }

    @Override
    public int hashCode() {
        return content.hashCode();
    }
}
