package io.sluice.tests.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Obeys the commands of {@code client.c} that are about memory, on stdin, by way of any {@link Driver}. */
final class DriverCommands {
    private final Driver driver;
    private final List<Long> allocations = new ArrayList<>();

    private DriverCommands(Driver driver) {
        this.driver = driver;
    }

    static void obey(Driver driver) throws IOException {
        DriverCommands commands = new DriverCommands(driver);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(commands.answer(line.split(" ", -1)));
            System.out.flush();
        }
    }

    private String answer(String[] words) {
        return switch (words[0]) {
            case "init" -> String.valueOf(driver.init());
            case "context" -> String.valueOf(driver.createContext());
            case "alloc" -> allocate(Long.parseLong(words[1]));
            case "free" -> String.valueOf(driver.free(allocations.get(Integer.parseInt(words[1]))));
            case "info" -> {
                long[] freeAndTotal = new long[2];
                int result = driver.memoryInfo(freeAndTotal);
                yield result + " " + freeAndTotal[0] + " " + freeAndTotal[1];
            }
            default -> "-1 no such command";
        };
    }

    private String allocate(long bytes) {
        long[] address = new long[1];
        int result = driver.allocate(address, bytes);
        if (result != 0) {
            return result + " 0";
        }
        allocations.add(address[0]);
        return "0 " + (allocations.size() - 1);
    }
}
