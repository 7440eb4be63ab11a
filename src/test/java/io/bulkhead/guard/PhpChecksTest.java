package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the PHP and the Composer of this machine. */
class PhpChecksTest {

    private static final String COMMAND = "command: php artisan queue:work";

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));

    @BeforeEach
    void anApp() throws Exception {
        for (String program : new String[] {"php", "composer"}) {
            Assumptions.assumeTrue(
                    Files.isExecutable(Path.of("/usr/bin", program)), program + " is missing: apt install composer");
        }
        rig = new NodeRig(folder);
        rig.write("artisan", "<?php");
        rig.write("composer.json", "{\"require\":{\"php\":\">=7.0\",\"ext-json\":\"*\"}}");
        composer();
    }

    private void composer() throws Exception {
        NodeRig.run(folder, "env", "COMPOSER_ALLOW_SUPERUSER=1", "composer", "update", "--no-interaction", "--quiet");
    }

    @Test
    void aHealthyApp() throws Exception {
        assertThat(folder.resolve("vendor/autoload.php")).exists();
        assertThat(rig.look(COMMAND)).isEmpty();
        assertThat(rig.look("command: {shell: 'exec php artisan queue:work'}")).isEmpty();
    }

    @Test
    void aVersionThatThePackagesDoNotTake() throws Exception {
        rig.write("composer.json", "{\"require\":{\"php\":\">=99.1\"},\"config\":{\"platform\":{\"php\":\"99.1.0\"}}}");
        composer();
        assertThat(folder.resolve("vendor/composer/platform_check.php")).exists();
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith(
                        "ERROR composer: /usr/bin/php is not the PHP that the installed packages want | Your Composer dependencies"
                                + " require a PHP version \">= 99.1.0\". You are running ");
        assertThat(rig.look("command: {shell: 'exec php artisan queue:work'}")).hasSize(1);
        assertThat(rig.look("command: sleep 1")).isEmpty();
    }

    @Test
    void anExtensionThatIsNotThere() throws Exception {
        rig.write("composer.json", "{\"require\":{\"ext-nosuch\":\"*\",\"ext-ctype\":\"*\"}}");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR composer: /usr/bin/php lacks 1 extension of PHP that the app wants | ext-nosuch, wanted by"
                                + " composer.json | install it, on Debian: apt install php-nosuch");
    }

    @Test
    void extensionsOfPackagesAndTheirPolyfills() throws Exception {
        String packages =
                "{\"packages\":[{\"name\":\"a/queue\",\"require\":{\"ext-nosuch\":\"*\"}},{\"name\":\"a/tool\",\"require\":{\"ext-other\":\"*\"}}%s],"
                        + "\"dev-package-names\":[\"a/tool\"]}";
        rig.write("vendor/composer/installed.json", packages.formatted(""));
        assertThat(rig.look(COMMAND)).singleElement().asString().contains("| ext-nosuch, wanted by a/queue |");
        rig.write(
                "vendor/composer/installed.json",
                packages.formatted(",{\"name\":\"a/polyfill\",\"provide\":{\"ext-nosuch\":\"*\"}}"));
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void packagesThatAreNotInstalled() throws Exception {
        rig.write("composer.json", "{\"require\":{\"monolog/monolog\":\"^3\"}}");
        NodeRig.run(folder, "rm", "-r", "vendor");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR composer: the packages of composer.json are not installed | ./vendor/autoload.php is missing |"
                                + " cd . && composer install --no-dev");
    }

    @Test
    void aBrokenDescription() throws Exception {
        rig.write("composer.json", "{\"require\": ");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR composer: ./composer.json is no valid JSON");
    }

    @Test
    void aCacheThatIsOlderThanItsSource() throws Exception {
        Path cache = rig.write("bootstrap/cache/config.php", "<?php return [];");
        Path settings = rig.write(".env", "A=1\n");
        Files.setLastModifiedTime(settings, FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(rig.look(COMMAND)).isEmpty();
        Files.setLastModifiedTime(cache, FileTime.from(Instant.now().minusSeconds(120)));
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("WARNING config-cache: Laravel's configuration is cached, and older")
                .contains("bootstrap/cache/config.php: ")
                .contains(".env: ")
                .endsWith("| cd . && php artisan config:cache");
    }
}
