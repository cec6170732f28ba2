package io.sluice.bridge.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bridge.NativeBuild;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LedgerLayoutTest {
    private static final Path HEADER =
            Path.of(System.getProperty("sluice.home"), "shim-native-bridge/src/main/c/books/ledger_layout.h");
    private static final Pattern STRUCT = Pattern.compile("struct sluice_(\\w+) \\{(.*?)\\n\\};", Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile(
            "^\\s*(?:_Alignas\\(\\d+\\) )?(?:struct \\w+|uint\\d+_t|char) (\\w+)(?:\\[\\w+\\])?;", Pattern.MULTILINE);

    @Test
    void everyOffsetAndConstantIsTheSameInJavaAndC() throws Exception {
        assertThat(javaLayout())
                .isEqualTo(
                        new TreeMap<>(NativeControl.load(NativeBuild.control()).layout()));
    }

    @Test
    void noFieldOfTheHeaderIsLeftOutOfTheComparison() throws Exception {
        Set<String> declared = new TreeSet<>();
        Matcher struct = STRUCT.matcher(Files.readString(HEADER));
        while (struct.find()) {
            if (struct.group(1).equals("pair")) {
                continue; // not a place in the file
            }
            Matcher field = FIELD.matcher(struct.group(2));
            while (field.find()) {
                declared.add(struct.group(1) + "." + field.group(1));
            }
        }
        Set<String> compared =
                new TreeSet<>(NativeControl.load(NativeBuild.control()).layout().keySet());
        compared.removeIf(name -> !name.contains("."));
        assertThat(declared).hasSizeGreaterThan(60).isEqualTo(compared);
    }

    private static Map<String, Long> javaLayout() throws IllegalAccessException {
        Map<String, Long> layout = new TreeMap<>();
        Set<String> derived = Set.of("ROWS", "SLOTS", "ACCOUNTS", "LEDGER_FILE_BYTES", "LIMITS_FILE_BYTES");
        for (Field constant : LedgerLayout.class.getDeclaredFields()) {
            if (!constant.isSynthetic() && !derived.contains(constant.getName())) {
                layout.put(constant.getName(), number(constant));
            }
        }
        for (Class<?> struct : LedgerLayout.class.getDeclaredClasses()) {
            String prefix = struct.getSimpleName()
                    .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                    .toLowerCase(Locale.ROOT);
            for (Field field : struct.getDeclaredFields()) {
                if (!field.isSynthetic()) {
                    layout.put(prefix + "." + field.getName().toLowerCase(Locale.ROOT), number(field));
                }
            }
        }
        return layout;
    }

    private static long number(Field constant) throws IllegalAccessException {
        return ((Number) constant.get(null)).longValue();
    }
}
