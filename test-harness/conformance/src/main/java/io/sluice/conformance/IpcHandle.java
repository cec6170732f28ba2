package io.sluice.conformance;

import com.sun.jna.Memory;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;
import java.util.HexFormat;

/** A CUipcMemHandle or CUipcEventHandle, which functions take by value. JNA has to see its field. */
@FieldOrder("reserved")
public final class IpcHandle extends Structure implements Structure.ByValue {
    public static final int BYTES = 64;

    public byte[] reserved = new byte[BYTES];

    /** From what a function has put out. */
    public static IpcHandle of(Memory memory) {
        IpcHandle handle = new IpcHandle();
        handle.reserved = memory.getByteArray(0, BYTES);
        return handle;
    }

    /** As text, to hand it to another process. */
    public String toHex() {
        return HexFormat.of().formatHex(reserved);
    }

    public static IpcHandle ofHex(String text) {
        IpcHandle handle = new IpcHandle();
        handle.reserved = HexFormat.of().parseHex(text);
        return handle;
    }
}
