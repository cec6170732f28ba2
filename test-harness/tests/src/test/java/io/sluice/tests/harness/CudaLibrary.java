package io.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A library by which Java programs reach the CUDA driver, and the test client that is written with it. */
public enum CudaLibrary {
    JNA("JNA", "JnaClient", "jna"),
    JNR_FFI("jnr-ffi", "JnrFfiClient", "jnr-ffi jnr-a64asm jnr-x86asm jffi asm"),
    FFM("FFM", "FfmClient", ""),
    LWJGL("LWJGL", "LwjglClient", "lwjgl-cuda lwjgl"),
    JCUDA("JCuda", "JCudaClient", "jcuda"),
    BYTEDECO("bytedeco's presets", "BytedecoClient", "cuda javacpp"),
    BYTEDECO_RUNTIME("bytedeco's presets, runtime API", "BytedecoRuntimeClient", "cuda javacpp");

    private final String title;
    private final String client;
    private final String artifacts;

    /** @param artifacts the first is the library itself */
    CudaLibrary(String title, String client, String artifacts) {
        this.title = title;
        this.client = client;
        this.artifacts = artifacts;
    }

    /** With its version: what the tests run is what the table tells. */
    public String title() {
        return title + " " + (this == FFM ? "of JDK 22 and later" : version());
    }

    /** Whether a program can say which file it wants: some have native halves, which have it from their linker. */
    public boolean canAskFor(CudaName name) {
        return name == CudaName.SONAME || (this != JCUDA && this != BYTEDECO && this != BYTEDECO_RUNTIME);
    }

    /** {@code jvm} with this library on its class path, and the client that asks for {@code name}. */
    public AgentJvm client(AgentJvm jvm, CudaName name) throws IOException, InterruptedException {
        AgentJvm client = jvm.jars(jars())
                .options("-XX:TieredStopAtLevel=1")
                .program("io.sluice.tests.client." + this.client, name.argument());
        return switch (this) {
            case FFM -> {
                Jdk22 jdk = Jdk22.find();
                yield client.java(jdk.home())
                        .jars(List.of(jdk.compiledClients()))
                        .options("--enable-native-access=ALL-UNNAMED");
            }
            case LWJGL ->
                client.options("-Dorg.lwjgl.system.SharedLibraryExtractPath="
                        + jvm.node().folderOnDisk());
            case JCUDA -> {
                assumeTrue(
                        "amd64".equals(System.getProperty("os.arch")), "JCuda has native libraries for x86-64 alone");
                yield client;
            }
            case BYTEDECO, BYTEDECO_RUNTIME ->
                client.options("-Dorg.bytedeco.javacpp.cachedir=" + jvm.node().folderOnDisk());
            default -> client;
        };
    }

    private List<Path> jars() {
        return Stream.of(artifacts.split(" "))
                .flatMap(artifact -> testClassPath().filter(jar -> isOf(artifact, jar)))
                .toList();
    }

    private String version() {
        String jar = jars().get(0).getFileName().toString();
        return jar.replaceFirst("^.*?-(\\d[\\d.]*\\d).*$", "$1");
    }

    /** {@code ARTIFACT-1.2.3.jar}, also where more follows the version. */
    private static boolean isOf(String artifact, Path jar) {
        return jar.getFileName().toString().matches(artifact + "(-[a-z]+)*-\\d.*\\.jar");
    }

    private static Stream<Path> testClassPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(path.split(":")).map(Path::of);
    }
}
