package io.sluice.bridge.ledger;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import io.sluice.policy.Bytes;
import io.sluice.policy.TenantName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What only native code may do to a ledger: sweep dead processes, and read an account at one instant. Calls
 * {@code control.h} in {@code libsluice-control.so}. Safe for use by several threads.
 */
public final class NativeControl {
    private static final int TEXT_BYTES = 512;

    private final Calls calls;

    private NativeControl(Calls calls) {
        this.calls = calls;
    }

    /**
     * Loads the library.
     *
     * @param library the absolute path of {@code libsluice-control.so}
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    public static NativeControl load(Path library) {
        return new NativeControl(Native.load(library.toString(), Calls.class));
    }

    public String version() {
        return calls.sluice_version();
    }

    /**
     * What a sweep took back.
     *
     * @param processes dead ones whose slots are free now
     * @param bytes their memory, over all GPUs
     */
    public record SweepResult(int processes, Bytes bytes) {}

    /** Takes back the slots of the tenant's dead processes. */
    public SweepResult sweep(Path runDirectory, TenantName tenant) {
        LongByReference bytes = new LongByReference();
        try (Memory text = new Memory(TEXT_BYTES)) {
            int slots = calls.sluice_control_sweep(runDirectory.toString(), tenant.value(), bytes, text);
            return new SweepResult(checked(slots, text), Bytes.of(bytes.getValue()));
        }
    }

    /**
     * A process of the tenant that lives and has joined a ledger, also one that was removed since.
     *
     * @return its id, or empty where there is none
     */
    public OptionalInt holder(Path runDirectory, TenantName tenant) {
        try (Memory text = new Memory(TEXT_BYTES)) {
            int pid = checked(calls.sluice_control_holder(runDirectory.toString(), tenant.value(), text), text);
            return pid == 0 ? OptionalInt.empty() : OptionalInt.of(pid);
        }
    }

    /**
     * One row's books at one instant.
     *
     * @param used what is charged to the tenant
     * @param sumOfShares what the slots hold together; always equal to {@code used}
     */
    public record Audit(Bytes used, Bytes sumOfShares) {}

    /** The books of every row, in the order of {@link Ledger#gpus()}. */
    public List<Audit> audit(Path runDirectory, TenantName tenant) {
        long[] values = new long[2 * LedgerLayout.ROW_COUNT];
        try (Memory text = new Memory(TEXT_BYTES)) {
            int rows = checked(
                    calls.sluice_control_audit(
                            runDirectory.toString(), tenant.value(), values, LedgerLayout.ROW_COUNT, text),
                    text);
            List<Audit> audits = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                audits.add(new Audit(Bytes.of(values[2 * row]), Bytes.of(values[2 * row + 1])));
            }
            return audits;
        }
    }

    /** The layout as the C compiler sees it: field or constant → offset or value. */
    Map<String, Long> layout() {
        Map<String, Long> layout = new LinkedHashMap<>();
        PointerByReference name = new PointerByReference();
        LongByReference value = new LongByReference();
        for (int i = 0; calls.sluice_control_layout(i, name, value) != 0; i++) {
            layout.put(name.getValue().getString(0), value.getValue());
        }
        return layout;
    }

    private static int checked(int result, Memory text) {
        if (result < 0) {
            throw new IllegalStateException(text.getString(0));
        }
        return result;
    }

    interface Calls extends Library {
        String sluice_version();

        int sluice_control_sweep(String runDirectory, String tenant, LongByReference bytes, Memory text);

        int sluice_control_holder(String runDirectory, String tenant, Memory text);

        int sluice_control_audit(String runDirectory, String tenant, long[] values, int rows, Memory text);

        int sluice_control_layout(int index, PointerByReference name, LongByReference value);
    }
}
