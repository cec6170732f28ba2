package io.sluice.tests.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** Obeys the commands of {@code client.c} that are about memory and kernels, on stdin, by way of any {@link Driver}. */
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

    private String answer(String[] words) throws IOException {
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
            case "kernel" -> kernel(Path.of(words[1]), words[2], Path.of(words[3]), Path.of(words[4]));
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

    /** Runs {@code name(out, in, n)} over the 32-bit elements of a file. */
    private String kernel(Path image, String name, Path in, Path out) throws IOException {
        byte[] ptx = (Files.readString(image) + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] elements = Files.readAllBytes(in);
        int count = elements.length / 4;
        long[] module = new long[1];
        long[] function = new long[1];
        long[] from = new long[1];
        long[] to = new long[1];
        List<IntSupplier> steps = List.of(
                () -> driver.loadModule(module, ptx),
                () -> driver.getFunction(function, module[0], name),
                () -> driver.allocate(from, elements.length),
                () -> driver.allocate(to, elements.length),
                () -> driver.copyToDevice(from[0], elements),
                () -> driver.launch(function[0], (count + 63) / 64, 64, new long[] {to[0], from[0], count}),
                driver::synchronize,
                () -> driver.copyToHost(elements, to[0]),
                () -> driver.free(from[0]),
                () -> driver.free(to[0]),
                () -> driver.unloadModule(module[0]));
        for (int i = 0; i < steps.size(); i++) {
            int result = steps.get(i).getAsInt();
            if (result != 0) {
                return result + " step " + (i + 1);
            }
        }
        Files.write(out, elements);
        return "0 done";
    }
}
