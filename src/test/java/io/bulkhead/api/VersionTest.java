package io.bulkhead.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionTest {

    @Test
    void theProgramSaysTheVersionThatIsBuilt() throws Exception {
        String pom =
                Files.readString(Path.of(System.getProperty("basedir", ".")).resolve("pom.xml"));
        String own = pom.substring(pom.indexOf("<artifactId>bulkhead</artifactId>"));
        assertThat(own.substring(own.indexOf("<version>") + "<version>".length(), own.indexOf("</version>")))
                .isEqualTo(Version.TEXT);
    }
}
