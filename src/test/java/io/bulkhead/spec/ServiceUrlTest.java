package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.ServiceUrl.Kind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may stand in {@code externals: {NAME: {url: …}}}. */
class ServiceUrlTest {

    @TempDir
    Path folder;

    @Test
    void everyPartIsRead() {
        ServiceUrl url = ServiceUrl.of("postgresql://sh%40p:p%2Fa+s%3As@[::1]:5433/my%20shop?sslmode=require&schema=x")
                .orElseThrow();

        assertThat(url.kind()).isEqualTo(Kind.POSTGRES);
        assertThat(url.host()).isEqualTo("::1");
        assertThat(url.port()).isEqualTo(5433);
        assertThat(url.user()).isEqualTo("sh@p");
        assertThat(url.password()).isEqualTo("p/a+s:s");
        assertThat(url.database()).isEqualTo("my shop");
        assertThat(url.tls()).isEqualTo("require");
        assertThat(url.toString()).isEqualTo("postgres://sh@p:********@[::1]:5433/my shop");
    }

    @Test
    void whatIsLeftOutIsTheUsual() {
        assertThat(ServiceUrl.of("mariadb://db").orElseThrow())
                .extracting(ServiceUrl::kind, ServiceUrl::port, ServiceUrl::user, ServiceUrl::password)
                .containsExactly(Kind.MYSQL, 3306, "", "");
        assertThat(ServiceUrl.of("redis://:secret@cache:7000").orElseThrow())
                .extracting(ServiceUrl::kind, ServiceUrl::port, ServiceUrl::user, ServiceUrl::password)
                .containsExactly(Kind.REDIS, 7000, "", "secret");
    }

    private String problems(String text) {
        SpecReader.Reading reading = Reader.in(folder).read(text);
        assertThat(reading.failed()).as(text).isTrue();
        return ProblemText.plain(reading.problems());
    }

    @Test
    void whatCannotBeAskedIsRefusedWithoutShowingThePassword() {
        for (String url : List.of(
                "rediss://me:hunter2@cache",
                "mongodb://me:hunter2@db",
                "postgres:///shop?host=/run/postgresql&password=hunter2",
                "postgres://me:hunter2, x@db")) {
            assertThat(problems("externals:\n  db: {address: 5432, url: \"" + url + "\"}\napps: {}\n"))
                    .contains("\"url\"")
                    .contains("db: {address: 5432")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void connectionsNameAnExternal() {
        assertThat(
                        problems(
                                "externals: {postgres: {address: 5432}}\napps:\n  a: {command: x, connections: {postgers: 3}}\n"))
                .contains("\"connections\" names \"postgers\", which is no external")
                .contains("postgres");
    }
}
