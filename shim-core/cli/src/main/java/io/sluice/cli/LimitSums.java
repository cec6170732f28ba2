package io.sluice.cli;

import io.sluice.control.Gpu;
import io.sluice.control.GpuInventory;
import io.sluice.control.TenantSource;
import io.sluice.policy.Bytes;
import io.sluice.policy.tenantfile.GpuQuota;
import io.sluice.policy.tenantfile.MemoryLimit;
import io.sluice.policy.time.Share;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What several tenant files promise together. */
final class LimitSums {
    private LimitSums() {}

    /** With the GPUs at hand: bytes, and whether more is promised than there is. */
    static String perGpu(List<TenantSource> sources, GpuInventory inventory) {
        TextTable table = new TextTable(2, "GPU", "NAME", "TENANTS", "SUM OF LIMITS", "MEMORY", "PROMISED", "SM");
        for (Gpu gpu : inventory.gpus()) {
            BigInteger sum = BigInteger.ZERO;
            int tenants = 0;
            long shares = 0;
            for (TenantSource source : sources) {
                Optional<GpuQuota> quota = source.file().quotaFor(gpu.index(), gpu.id());
                Optional<Bytes> limit =
                        quota.map(present -> present.memory().limit().of(gpu.memory()));
                shares += quota.map(LimitSums::share).orElse(0L);
                sum = sum.add(BigInteger.valueOf(limit.map(Bytes::value).orElse(0L)));
                tenants += limit.isPresent() ? 1 : 0;
            }
            BigInteger percent = sum.multiply(BigInteger.valueOf(100))
                    .divide(BigInteger.valueOf(Math.max(1, gpu.memory().value())));
            table.add(
                    Integer.toString(gpu.index()),
                    gpu.name(),
                    Integer.toString(tenants),
                    bytes(sum),
                    gpu.memory().toString(),
                    percent + "%",
                    shares == 0 ? "-" : Share.percent(shares));
        }
        return table.toString();
    }

    /** In millionths; 0 for none. */
    private static long share(GpuQuota quota) {
        return quota.sm().map(sm -> sm.share().millionths()).orElse(0);
    }

    /** Without a GPU: amounts and percentages of each selector, as the files write them. */
    static String asWritten(List<TenantSource> sources) {
        Map<String, List<MemoryLimit>> limits = new LinkedHashMap<>();
        Map<String, Long> shares = new LinkedHashMap<>();
        for (TenantSource source : sources) {
            for (GpuQuota quota : source.file().gpus()) {
                limits.computeIfAbsent(quota.gpu().toString(), gpu -> new ArrayList<>())
                        .add(quota.memory().limit());
                shares.merge(quota.gpu().toString(), share(quota), Long::sum);
            }
        }
        TextTable table = new TextTable(1, "GPU", "TENANTS", "SUM OF LIMITS", "SM");
        limits.forEach((gpu, each) -> table.add(
                gpu,
                Integer.toString(each.size()),
                sum(each),
                shares.getOrDefault(gpu, 0L) == 0 ? "-" : Share.percent(shares.getOrDefault(gpu, 0L))));
        return table + "No GPU driver here: indices and percentages are shown as written.\n";
    }

    private static String sum(List<MemoryLimit> limits) {
        BigInteger bytes = BigInteger.ZERO;
        BigDecimal percent = BigDecimal.ZERO;
        for (MemoryLimit limit : limits) {
            if (limit instanceof MemoryLimit.Exact exact) {
                bytes = bytes.add(BigInteger.valueOf(exact.bytes().value()));
            } else if (limit instanceof MemoryLimit.Part part) {
                percent = percent.add(part.percent());
            }
        }
        List<String> parts = new ArrayList<>();
        if (bytes.signum() > 0 || percent.signum() == 0) {
            parts.add(bytes(bytes));
        }
        if (percent.signum() > 0) {
            parts.add(percent.toPlainString() + "%");
        }
        return String.join(" + ", parts);
    }

    private static String bytes(BigInteger sum) {
        return sum.bitLength() < Long.SIZE ? Bytes.of(sum.longValueExact()).toString() : sum + " B";
    }
}
