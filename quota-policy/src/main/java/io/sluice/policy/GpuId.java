package io.sluice.policy;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One GPU or one MIG slice, by the UUID that {@code cuDeviceGetUuid_v2} and NVML report for it. A GPU's index changes
 * with {@code CUDA_VISIBLE_DEVICES} and between CUDA and NVML; its UUID does not.
 *
 * @param uuid the 16 bytes, most significant first, as the driver returns them
 * @param mig whether this is a MIG slice; only the text form differs
 */
public record GpuId(UUID uuid, boolean mig) {
    private static final Pattern TEXT = Pattern.compile("(GPU|MIG)-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    public static boolean isGpuId(String text) {
        return TEXT.matcher(text).matches();
    }

    /**
     * @param text {@code GPU-…} or {@code MIG-…}, as nvidia-smi prints it
     * @throws IllegalArgumentException if it is neither
     */
    public static GpuId parse(String text) {
        if (!isGpuId(text)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a GPU UUID: use the form GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
        }
        return new GpuId(UUID.fromString(text.substring(4)), text.startsWith("MIG"));
    }

    public static GpuId ofBytes(byte[] sixteen) {
        ByteBuffer bytes = ByteBuffer.wrap(sixteen);
        return new GpuId(new UUID(bytes.getLong(), bytes.getLong()), false);
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }

    @Override
    public String toString() {
        return (mig ? "MIG-" : "GPU-") + uuid.toString().toLowerCase(Locale.ROOT);
    }

    // equals and hashCode are written out: a record's own are linked at run time, some 15 ms of each application's
    // start.

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GpuId that && mig == that.mig && uuid.equals(that.uuid);
    }

    @Override
    public int hashCode() {
        return uuid.hashCode();
    }
}
