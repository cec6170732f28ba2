package io.sluice.policy;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a tenant: a DNS label (RFC 1123, section 2.1), so that it is safe as a file name and as a metric label.
 *
 * @param value 1 to 63 characters of {@code a-z}, {@code 0-9} and {@code -}; no {@code -} at either end
 */
public record TenantName(String value) {
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public TenantName {
        if (!DNS_LABEL.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value + "' is not a tenant name: use 1 to 63 characters of"
                    + " a-z, 0-9 and '-', with no '-' at either end");
        }
    }

    @Override
    public String toString() {
        return value;
    }

    // equals and hashCode are written out: a record's own are linked at run time, some 15 ms of each application's
    // start.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TenantName that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }
}
