package io.sluice.policy.tenantfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class AnyTenantFileTest {
    @Property(tries = 300)
    void anyTextIsRefusedOrRead(@ForAll String text) throws Exception {
        try {
            TenantFileParser.parse("t.yaml", text.getBytes(StandardCharsets.UTF_8));
        } catch (TenantFileException e) {
            assertThat(e.problems()).isNotEmpty();
        }
    }

    /** A valid file with one byte changed is read or refused with a place; nothing else escapes. */
    @Property(tries = 1000)
    void anyDamageIsRefusedOrRead(@ForAll int place, @ForAll byte damage) throws Exception {
        byte[] content = Files.readAllBytes(Path.of("src/test/resources/tenant-files/good/whole.yaml"));
        content[Math.floorMod(place, content.length)] = damage;
        try {
            TenantFileParser.parse("t.yaml", content);
        } catch (TenantFileException e) {
            assertThat(e.getMessage()).startsWith("t.yaml:");
        }
    }
}
