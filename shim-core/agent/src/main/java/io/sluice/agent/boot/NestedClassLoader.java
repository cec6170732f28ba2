package io.sluice.agent.boot;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads the agent and the libraries that it uses from the folder {@code inst/} of the agent's jar, where no other class
 * loader looks for them. What is there goes before everything; all else comes from the JDK alone, so that nothing of the
 * application's, or of another agent's, is ever seen here.
 */
final class NestedClassLoader extends ClassLoader {
    private static final String FOLDER = "inst/";

    static {
        registerAsParallelCapable();
    }

    private static @Nullable NestedClassLoader ofJvm;

    private final File file;
    private final JarFile jar;
    private final ProtectionDomain domain;

    /**
     * One in a JVM, however often its command line and its environment name the agent: a native library belongs to one class
     * loader.
     */
    static synchronized NestedClassLoader ofJvm(File file) throws IOException {
        NestedClassLoader loader = ofJvm;
        if (loader == null) {
            loader = new NestedClassLoader(file);
            ofJvm = loader;
        }
        return loader;
    }

    private NestedClassLoader(File file) throws IOException {
        super(platform());
        this.file = file;
        this.jar = new JarFile(file, false);
        CodeSource source = new CodeSource(file.toURI().toURL(), (Certificate[]) null);
        this.domain = new ProtectionDomain(source, null, this, null);
    }

    /** Loads the modules of the JDK that the boot loader does not, and nothing else. */
    private static ClassLoader platform() {
        return ClassLoader.getSystemClassLoader().getParent();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                JarEntry entry = jar.getJarEntry(FOLDER + name.replace('.', '/') + ".class");
                loaded = entry == null ? super.loadClass(name, false) : define(name, entry);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> define(String name, JarEntry entry) throws ClassNotFoundException {
        try (InputStream in = jar.getInputStream(entry)) {
            byte[] bytes = read(in, (int) entry.getSize());
            return defineClass(name, bytes, 0, bytes.length, domain);
        } catch (IOException e) {
            throw new ClassNotFoundException(name + " cannot be read from " + file, e);
        }
    }

    private static byte[] read(InputStream in, int size) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(size);
        byte[] part = new byte[16384];
        for (int length = in.read(part); length >= 0; length = in.read(part)) {
            out.write(part, 0, length);
        }
        return out.toByteArray();
    }

    /** {@code native/…} lies beside {@code inst/}, for the agent alone to read. */
    @Override
    public @Nullable URL getResource(String name) {
        String place = name.startsWith("native/") ? name : FOLDER + name;
        if (jar.getJarEntry(place) == null) {
            return null;
        }
        try {
            return new URL("jar:" + file.toURI() + "!/" + place);
        } catch (MalformedURLException e) {
            return null;
        }
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String name) {
        JarEntry entry = jar.getJarEntry(name.startsWith("native/") ? name : FOLDER + name);
        try {
            return entry == null ? null : jar.getInputStream(entry);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public Enumeration<URL> getResources(String name) {
        URL found = getResource(name);
        return found == null
                ? Collections.<URL>emptyEnumeration()
                : Collections.enumeration(Collections.singleton(found));
    }
}
