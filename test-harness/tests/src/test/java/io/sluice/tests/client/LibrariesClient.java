package io.sluice.tests.client;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JCuda client in an application that works with JNA and SLF4J besides: it says on stderr from which jars these
 * come and what they do.
 */
public final class LibrariesClient {
    private LibrariesClient() {}

    public static void main(String[] arguments) throws IOException {
        int pid = NativeLibrary.getInstance("c").getFunction("getpid").invokeInt(new Object[0]);
        boolean right = pid == ProcessHandle.current().pid();
        System.err.println("app: jna from " + jarOf(NativeLibrary.class) + (right ? " works" : " is broken"));
        Logger log = LoggerFactory.getLogger("app");
        System.err.println("app: slf4j from " + jarOf(Logger.class) + ", logs by " + jarOf(log.getClass()));
        JCudaClient.main(arguments);
    }

    private static String jarOf(Class<?> type) {
        String location =
                type.getProtectionDomain().getCodeSource().getLocation().getPath();
        return String.valueOf(Path.of(location).getFileName());
    }
}
