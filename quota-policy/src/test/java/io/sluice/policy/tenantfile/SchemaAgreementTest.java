package io.sluice.policy.tenantfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The schema that editors use and the parser that decides say the same of every file in {@code tenant-files}. */
class SchemaAgreementTest {
    private static final Path CORPUS = Path.of("src/test/resources/tenant-files");
    private static final Schema SCHEMA = schema();

    @ParameterizedTest
    @MethodSource("good")
    void bothAccept(Path file) throws Exception {
        assertThat(schemaErrors(file)).isEmpty();
        TenantFileParser.parse(file);
    }

    @ParameterizedTest
    @MethodSource("bad")
    void bothRefuse(Path file) throws Exception {
        assertThat(schemaErrors(file)).isNotEmpty();
        assertThatThrownBy(() -> TenantFileParser.parse(file)).isInstanceOf(TenantFileException.class);
    }

    @ParameterizedTest
    @MethodSource("beyondSchema")
    void parserRefusesWhatNoSchemaCanSay(Path file) throws Exception {
        assertThat(schemaErrors(file)).isEmpty();
        assertThatThrownBy(() -> TenantFileParser.parse(file)).isInstanceOf(TenantFileException.class);
    }

    static List<Path> good() throws IOException {
        return files("good");
    }

    static List<Path> bad() throws IOException {
        return files("bad");
    }

    static List<Path> beyondSchema() throws IOException {
        return files("beyond-schema");
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(folder))) {
            return files.sorted().toList();
        }
    }

    private static List<com.networknt.schema.Error> schemaErrors(Path file) throws IOException {
        LoadSettings lenient =
                LoadSettings.builder().setAllowDuplicateKeys(true).build();
        Object loaded = new Load(lenient).loadFromString(Files.readString(file));
        return SCHEMA.validate(json(loaded), InputFormat.JSON);
    }

    private static Schema schema() {
        try (InputStream in = TenantFileParser.class.getResourceAsStream("tenant-file.schema.json")) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(in, InputFormat.JSON);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> json(String.valueOf(entry.getKey())) + ":" + json(entry.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(SchemaAgreementTest::json).collect(Collectors.joining(",", "[", "]"));
        }
        return value instanceof String text ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"' : "" + value;
    }
}
