package io.sluice.tests;

import io.sluice.tests.harness.AgentJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/** An application as Spring Boot packs it: its loader at the root, classes and jars below BOOT-INF. */
final class FatJar {
    private FatJar() {}

    static Path write(Path file, String startClass) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, "org.springframework.boot.loader.launch.JarLauncher");
        attributes.putValue("Start-Class", startClass);
        attributes.putValue("Spring-Boot-Classes", "BOOT-INF/classes/");
        attributes.putValue("Spring-Boot-Lib", "BOOT-INF/lib/");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            addLoader(out);
            store(out, "BOOT-INF/", new byte[0]);
            store(out, "BOOT-INF/classes/", new byte[0]);
            store(out, "BOOT-INF/lib/", new byte[0]);
            addClients(out);
            for (Path jar : AgentJvm.jcuda()) {
                store(out, "BOOT-INF/lib/" + jar.getFileName(), Files.readAllBytes(jar));
            }
        }
        return file;
    }

    private static void addLoader(JarOutputStream out) throws IOException {
        try (JarFile loader = new JarFile(AgentJvm.library("spring-boot-loader").toFile())) {
            for (JarEntry entry : loader.stream().toList()) {
                if (!entry.isDirectory() && !entry.getName().startsWith("META-INF/MANIFEST")) {
                    try (InputStream in = loader.getInputStream(entry)) {
                        store(out, entry.getName(), in.readAllBytes());
                    }
                }
            }
        }
    }

    private static void addClients(JarOutputStream out) throws IOException {
        try (Stream<Path> paths = Files.walk(AgentJvm.clients().resolve("io/sluice/tests/client"))) {
            List<Path> classes = paths.filter(Files::isRegularFile).toList();
            for (Path path : classes) {
                String name = AgentJvm.clients().relativize(path).toString();
                store(out, "BOOT-INF/classes/" + name, Files.readAllBytes(path));
            }
        }
    }

    /** Uncompressed: Spring Boot's loader reads jars where they lie. */
    private static void store(JarOutputStream out, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }
}
