package io.sluice.bridge.ledger;

import io.sluice.bridge.ledger.LedgerLayout.LimitsHeader;
import io.sluice.bridge.ledger.LedgerLayout.LimitsRow;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** A GPU is given a limit, which is then raised: a reader sees no GPU, or one with a limit that was written. */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "not listed yet")
@Outcome(id = "4096", expect = Expect.ACCEPTABLE, desc = "the first limit")
@Outcome(id = "9223372036854775807", expect = Expect.ACCEPTABLE, desc = "the second")
@Outcome(expect = Expect.FORBIDDEN, desc = "never written")
@State
public class LimitOfANewGpu {
    private static final GpuId GPU = GpuId.parse("GPU-01234567-89ab-cdef-0123-456789abcdef");
    private static final ThreadLocal<MappedFile[]> FILES = ThreadLocal.withInitial(() -> new MappedFile[1024]);
    private static int next;

    private final Limits limits;

    public LimitOfANewGpu() {
        MappedFile[] files = FILES.get();
        int number = next++ % files.length;
        if (files[number] == null) {
            files[number] = new MappedFile((MappedByteBuffer) ByteBuffer.allocateDirect(LedgerLayout.limitsRow(2)));
        }
        files[number].setInt(LimitsHeader.LIMIT_ROWS_USED, 0);
        files[number].setInt(LedgerLayout.limitsRow(0) + LimitsRow.LISTED, 0);
        files[number].setLong(LedgerLayout.limitsRow(0) + LimitsRow.MEMORY_LIMIT_BYTES, 0);
        limits = new Limits(files[number]);
    }

    @Actor
    public void writer() {
        limits.set(GPU, Bytes.of(4096));
        limits.set(GPU, Bytes.of(Long.MAX_VALUE));
    }

    @Actor
    public void reader(J_Result result) {
        result.r1 = limits.limit(GPU).map(Bytes::value).orElse(-1L);
    }
}
