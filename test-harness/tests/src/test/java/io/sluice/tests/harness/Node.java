package io.sluice.tests.harness;

import io.sluice.control.Container;
import io.sluice.policy.Bytes;
import io.sluice.policy.GpuId;
import io.sluice.policy.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/** One test's own machine: simulated GPUs, a run directory, and the processes that the test starts. */
public final class Node {
    private static final long MIB = 1L << 20;

    private final long seed;
    private final Random random;
    private final Path folder;
    private final List<Card> cards;
    private final List<Client> clients = new ArrayList<>();
    private final List<Path> onDisk = new ArrayList<>();
    private final List<Process> services = new ArrayList<>();
    private int files;

    private Node(long seed, Path folder, int cardCount) throws IOException {
        this.seed = seed;
        this.random = new Random(seed);
        this.folder = folder;
        this.cards = deal(cardCount, random);
        Files.createDirectory(simulatedGpus());
        Files.createDirectory(
                runDirectory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(simulatedGpus().resolve("cards.conf"), describe(cards));
    }

    static Node create(int cards) throws IOException {
        Build.require(Build.LIBWRAPPER, Build.ALIAS, Build.SIMULATED_DRIVER);
        long seed = Long.getLong("sluice.seed", new Random().nextLong());
        return new Node(seed, Files.createTempDirectory(place(), "sluice-test-"), cards);
    }

    /** In memory, but for a container's own, where Sluice refuses to keep tenants. */
    private static Path place() {
        boolean refused = Container.here().keepsItsMemory(System.getenv());
        return Path.of(refused ? System.getProperty("java.io.tmpdir") : "/dev/shm");
    }

    private static List<Card> deal(int count, Random random) {
        List<Card> cards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            UUID uuid = randomUuid(random);
            Bytes memory = Bytes.of((600 + random.nextInt(400)) * MIB + random.nextInt((int) MIB) | 1);
            cards.add(new Card(i, count - 1 - i, new GpuId(uuid, false), memory));
        }
        return List.copyOf(cards);
    }

    /** As {@link UUID#randomUUID()}, but repeatable. */
    private static UUID randomUuid(Random random) {
        byte[] name = new byte[16];
        random.nextBytes(name);
        return UUID.nameUUIDFromBytes(name);
    }

    /** NVML counts the cards the other way round than CUDA, as it does on machines with cards of several kinds. */
    private static String describe(List<Card> cards) {
        StringBuilder text = new StringBuilder();
        for (Card card : cards) {
            text.append("[card]\nname=Test GPU ").append(card.index());
            text.append("\nuuid=").append(card.id());
            text.append("\nmemory_bytes=").append(card.memory().value());
            text.append("\nreserved_bytes=").append((37 + card.index()) * MIB); // which NVML counts, and CUDA does not
            text.append("\nnvml_index=").append(card.nvmlIndex());
            text.append("\nlate_memory_ms=0\n"); // a killed process' bytes are asked for at once
        }
        return text.toString();
    }

    /** What the random numbers of this test began with. */
    public long seed() {
        return seed;
    }

    public Random random() {
        return random;
    }

    /** A random odd number of bytes, from {@code low} (in MiB) up to {@code high}. */
    public long oddBytes(int lowMib, int highMib) {
        return (lowMib * MIB + random.nextLong(0, (highMib - lowMib) * MIB)) | 1;
    }

    public List<Card> cards() {
        return cards;
    }

    public Card card() {
        return cards.get(0);
    }

    public Path simulatedGpus() {
        return folder.resolve("gpus");
    }

    public Path runDirectory() {
        return folder.resolve("run");
    }

    /** A new file of the test's own. */
    public Path file(String name) {
        return folder.resolve(++files + "-" + name);
    }

    /** A new folder of the test's own that is there even for a process that sees another {@code /dev/shm}. */
    public Path folderOnDisk() throws IOException {
        Path made = Files.createTempDirectory("sluice-test-");
        onDisk.add(made);
        return made;
    }

    /** A tenant with a limit on the first card. */
    public Tenant tenant(String name, long limitBytes) throws IOException {
        return tenant(name, Map.of(card(), limitBytes));
    }

    /** A tenant with a limit on each of the given cards, and on no other. */
    public Tenant tenant(String name, Map<Card, Long> limitBytes) throws IOException {
        return new Tenant(this, new TenantName(name), limitBytes);
    }

    /** A tenant file about the first card. */
    public Path tenantFile(String tenant, long kilobytes) throws IOException {
        return Files.writeString(file(tenant + ".yaml"), """
                tenant: %s
                gpus:
                  - gpu: %s
                    memory: %dkB
                """.formatted(tenant, card().id(), kilobytes));
    }

    /** A client that no quota concerns. */
    public Client bareClient(Way way) throws IOException {
        return start(way.command(), Map.of());
    }

    /** Starts a process on this node; what the caller's environment says about CUDA or Sluice does not reach it. */
    public Client start(List<String> command, Map<String, String> environment) throws IOException {
        Path errors = file("stderr");
        Process process =
                builder(command, environment).redirectError(errors.toFile()).start();
        Client client = new Client(process, errors);
        clients.add(client);
        return client;
    }

    /** A process of this node that is not a client: the caller sees to its end. */
    public ProcessBuilder builder(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> variables = builder.environment();
        variables
                .keySet()
                .removeIf(name -> name.startsWith("SLUICE_")
                        || name.startsWith("LD_")
                        || name.startsWith("CUDA_")
                        || name.equals("JAVA_TOOL_OPTIONS"));
        variables.putAll(Sanitizer.PRESENT.environment());
        variables.put("SLUICE_SIM_DIR", simulatedGpus().toString());
        variables.put("SLUICE_RUN_DIR", runDirectory().toString());
        variables.put("LD_LIBRARY_PATH", Build.SIMULATOR.toString());
        variables.putAll(environment);
        String preload = Sanitizer.PRESENT.preload(variables.getOrDefault("LD_PRELOAD", ""));
        if (!preload.isEmpty()) {
            variables.put("LD_PRELOAD", preload);
        }
        return builder;
    }

    /** Starts a {@code sluice} command that goes on until it is stopped. */
    public Service service(String... arguments) throws IOException {
        return service(Command.words(arguments), Map.of());
    }

    public Service service(List<String> command, Map<String, String> environment) throws IOException {
        Path out = Files.createFile(file("service-out"));
        Path err = Files.createFile(file("service-err"));
        Process process = builder(command, environment)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        services.add(process);
        return new Service(process, out, err);
    }

    /** What {@code sluice run} would set for a process of {@code tenant}. */
    Map<String, String> governedEnvironment(TenantName tenant) {
        Map<String, String> environment = new HashMap<>();
        environment.put("SLUICE_TENANT", tenant.value());
        environment.put("SLUICE_DRIVER", Build.SIMULATED_DRIVER.toString());
        environment.put("LD_PRELOAD", Build.LIBWRAPPER + ":" + Build.ALIAS);
        return environment;
    }

    /** Kills what still runs and removes all files. Returns what a sanitizer had to say, empty if nothing. */
    String close() throws IOException {
        for (Process service : services) {
            service.destroyForcibly().onExit().join();
        }
        StringBuilder complaints = new StringBuilder();
        for (Client client : clients) {
            client.kill();
            if (Sanitizer.complains(client.errors())) {
                complaints.append(client.errors());
            }
        }
        delete(folder);
        for (Path made : onDisk) {
            delete(made);
        }
        return complaints.toString();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
