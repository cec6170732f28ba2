package io.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Hands an open file to another process, as programs do that share GPU memory: over a Unix socket (SCM_RIGHTS). */
final class FileDescriptors {
    private static final C LIBC = com.sun.jna.Native.load("c", C.class);
    private static final int HEADER_BYTES = 56;

    private FileDescriptors() {}

    /** A socket on which descriptors arrive. */
    static int listen(Path path) {
        int socket = LIBC.socket(1, 2, 0);
        assertThat(LIBC.bind(socket, address(path), 110)).as("bind %s", path).isZero();
        return socket;
    }

    static void send(Path path, int fd) {
        int socket = LIBC.socket(1, 2, 0);
        assertThat(LIBC.connect(socket, address(path), 110))
                .as("connect %s", path)
                .isZero();
        Memory header = header();
        Pointer control = header.getPointer(32);
        control.setLong(0, 20); // with its own header
        control.setInt(8, 1);
        control.setInt(12, 1);
        control.setInt(16, fd);
        assertThat(LIBC.sendmsg(socket, header, 0)).isEqualTo(1);
        close(socket);
    }

    static int receive(int socket) {
        Memory header = header();
        assertThat(LIBC.recvmsg(socket, header, 0)).isEqualTo(1);
        return header.getPointer(32).getInt(16);
    }

    static void close(int fd) {
        assertThat(LIBC.close(fd)).isZero();
    }

    /** A msghdr of one byte of data and room for one descriptor, all in one piece of memory. */
    private static Memory header() {
        Memory memory = new Memory(HEADER_BYTES + 16 + 8 + 24);
        memory.clear();
        Pointer vector = memory.share(HEADER_BYTES);
        vector.setPointer(0, memory.share(HEADER_BYTES + 16));
        vector.setLong(8, 1);
        memory.setPointer(16, vector);
        memory.setLong(24, 1);
        memory.setPointer(32, memory.share(HEADER_BYTES + 24));
        memory.setLong(40, 24);
        return memory;
    }

    private static Memory address(Path path) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(bytes.length).as("length of %s", path).isLessThan(108);
        Memory address = new Memory(110);
        address.clear();
        address.setShort(0, (short) 1);
        address.write(2, bytes, 0, bytes.length);
        return address;
    }

    /** The functions of the C library that this needs. */
    interface C extends Library {
        int socket(int domain, int type, int protocol);

        int bind(int socket, Pointer address, int length);

        int connect(int socket, Pointer address, int length);

        long sendmsg(int socket, Pointer header, int flags);

        long recvmsg(int socket, Pointer header, int flags);

        int close(int fd);
    }
}
