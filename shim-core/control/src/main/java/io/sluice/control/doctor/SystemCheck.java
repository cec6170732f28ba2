package io.sluice.control.doctor;

import io.sluice.control.ControlException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Can Sluice work on a system like this at all? NVIDIA's driver needs glibc, and so does every program that it governs. */
public final class SystemCheck implements Check {
    private static final String SUBJECT = "system";

    private final Path maps;

    /** @param maps {@code /proc/self/maps}: which C library this JVM runs on */
    public SystemCheck(Path maps) {
        this.maps = maps;
    }

    @Override
    public List<Finding> look() {
        String machine = System.getProperty("os.arch", "") + ", " + System.getProperty("os.name", "");
        if (ElfFile.here() == 0) {
            return List.of(Finding.wrong(
                    SUBJECT,
                    Reason.OUR_FAULT,
                    machine + ": Sluice knows x86-64 and aarch64 under Linux; use one of them"));
        }
        try {
            if (Files.readString(maps).contains("/ld-musl-")) {
                return List.of(Finding.wrong(
                        SUBJECT,
                        Reason.OUR_FAULT,
                        "this system's C library is musl, and NVIDIA's driver needs glibc: use an image with glibc, such as"
                                + " debian or ubi, instead of alpine"));
            }
            return List.of(Finding.right(SUBJECT, machine + ", glibc"));
        } catch (IOException e) {
            return List.of(Finding.wrong(
                    SUBJECT, Reason.OUR_FAULT, maps + " cannot be read (" + e.getMessage() + "): mount /proc"));
        }
    }
}
