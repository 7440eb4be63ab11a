package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of an app's own code: its build, its Prisma client, and two habits. */
class CodeChecksTest {

    private static final String COMMAND = "command: node dist/main";
    private static final String PRODUCTION = "environment: {NODE_ENV: production}";

    private static final String SCHEMA =
            "datasource db {\n  provider = \"postgresql\"\n}\n\ngenerator client {\n  provider = \"prisma-client-js\"\n}\nmodel A {\n  id Int @id\n}\n";

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));

    @BeforeEach
    void anApp() throws IOException {
        rig = new NodeRig(folder);
        describe("\"typeorm\":\"*\"");
        rig.installed("typeorm", "1.0.0");
        rig.write("src/main.ts", "");
        rig.write("dist/main.js", "require('typeorm')\n");
    }

    private void describe(String dependencies) throws IOException {
        rig.write(
                "package.json",
                "{\"name\":\"app\",\"main\":\"dist/main.js\",\"scripts\":{\"build\":\"tsc\",\"start:prod\":\"NODE_ENV=x node dist/main\"},"
                        + "\"dependencies\":{" + dependencies + "}}");
    }

    @Test
    void aHealthyApp() throws Exception {
        assertThat(rig.look(COMMAND, PRODUCTION)).isEmpty();
        assertThat(rig.look("command: node .", PRODUCTION)).isEmpty();
        assertThat(rig.look("command: npm run start:prod", PRODUCTION)).isEmpty();
    }

    @Test
    void aBuildThatIsNotThere() throws Exception {
        NodeRig.run(folder, "rm", "-r", "dist");
        String missing =
                "ERROR build: ./dist/main%s does not exist: the app has not been built | ./dist is missing | cd . && npm run build";
        assertThat(rig.look(COMMAND)).containsExactly(missing.formatted(""));
        assertThat(rig.look("command: node .")).containsExactly(missing.formatted(".js"));
        assertThat(rig.look("command: npm run start:prod")).containsExactly(missing.formatted(""));
        assertThat(rig.look("command: {shell: 'exec node --enable-source-maps -r ./x.js dist/main'}"))
                .containsExactly(missing.formatted(""));
        Files.createDirectory(folder.resolve("dist"));
        assertThat(rig.look(COMMAND)).singleElement().asString().contains("| ./dist is empty |");
        rig.write("dist/server.js", "");
        assertThat(rig.look(COMMAND)).singleElement().asString().contains("| ./dist has server.js |");
    }

    @Test
    void commandsThatDoNotTellTheirFile() throws Exception {
        NodeRig.run(folder, "rm", "-r", "dist");
        assertThat(rig.look("command: {shell: 'cd sub && node dist/main'}")).isEmpty();
        assertThat(rig.look("command: [node, -e, 'setInterval(() => {}, 1000)']"))
                .isEmpty();
        assertThat(rig.look("command: {shell: 'node $MAIN'}")).isEmpty();
    }

    @Test
    void aBuildThatIsOlderThanTheSource() throws Exception {
        Files.setLastModifiedTime(
                folder.resolve("dist/main.js"), FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(rig.look(COMMAND)).singleElement().asString().startsWith("INFO build: dist is older than src");
    }

    @Test
    void synchronizeInProduction() throws Exception {
        rig.write("dist/app.module.js", "// synchronize: true would be wrong\nx({\n  synchronize : true,\n})");
        assertThat(rig.look(COMMAND, PRODUCTION))
                .singleElement()
                .asString()
                .startsWith("WARNING synchronize: synchronize: true with NODE_ENV=production")
                .contains("| dist/app.module.js:3 |");
        assertThat(rig.look(COMMAND)).as("elsewhere it is what people want").isEmpty();
        rig.write("dist/app.module.js", "x({type:'pg',synchronize:!0})");
        assertThat(rig.look(COMMAND, PRODUCTION)).singleElement().asString().contains("dist/app.module.js:1");
        rig.write("dist/app.module.js", "x({synchronize: false, other: true}) /*\n * synchronize: true */");
        assertThat(rig.look(COMMAND, PRODUCTION)).isEmpty();
        rig.write("ormconfig.json", "{\"synchronize\": true}");
        assertThat(rig.look(COMMAND, PRODUCTION)).singleElement().asString().contains("ormconfig.json:1");
    }

    @Test
    void aCollectionAtTheEnd() throws Exception {
        rig.write("dist/main.js", "require('typeorm')\nprocess.on('beforeExit', () => {\n  global.gc();\n});");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("INFO exit-collection: global.gc() in a beforeExit handler does nothing")
                .contains("| dist/main.js:2 |");
        rig.write("dist/main.js", "require('typeorm')\nprocess.on('beforeExit', () => flush());");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void aPrismaClientThatWasNotGenerated() throws Exception {
        withPrisma();
        assertThat(rig.look(COMMAND)).isEmpty();
        NodeRig.run(folder, "rm", "-r", "node_modules/.prisma");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR prisma: Prisma's client has not been generated: the app would end at its first line that asks"
                                + " for it | ./node_modules/.prisma/client is missing | cd . && npx prisma generate");
        rig.write(
                "node_modules/.prisma/client/default.js",
                "throw new Error('@prisma/client did not initialize yet. Please run \"prisma generate\"')");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR prisma:")
                .contains("holds no client");
    }

    @Test
    void aPrismaClientOfAnotherSchema() throws Exception {
        withPrisma();
        rig.write("prisma/schema.prisma", SCHEMA.replace("id Int @id", "id Int @id\n  name String"));
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR prisma: Prisma's client was generated from another schema");
    }

    @Test
    void aPrismaClientInAFolderOfItsOwn() throws Exception {
        withPrisma();
        NodeRig.run(folder, "rm", "-r", "node_modules/.prisma");
        rig.write(
                "prisma/schema.prisma",
                SCHEMA.replace("prisma-client-js\"", "prisma-client\"\n  output = \"../src/generated\""));
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR prisma:")
                .contains("./src/generated is missing");
        rig.write("src/generated/client.ts", "export {}");
        assertThat(rig.look(COMMAND)).isEmpty();
        Files.setLastModifiedTime(
                folder.resolve("src/generated"), FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(rig.look(COMMAND)).singleElement().asString().startsWith("WARNING prisma: Prisma's client is older");
    }

    /** As Prisma 7 leaves it: it writes the schema anew, with other blanks. */
    private void withPrisma() throws IOException {
        describe("\"@prisma/client\":\"*\"");
        rig.installed("@prisma/client", "7.0.0");
        rig.write("dist/main.js", "require('@prisma/client')");
        rig.write("prisma/schema.prisma", SCHEMA);
        rig.write("node_modules/.prisma/client/default.js", "module.exports = { ...require('#main-entry-point') }");
        rig.write(
                "node_modules/.prisma/client/schema.prisma",
                SCHEMA.replace("\n}", "\n}\n").replace("  id", "    id"));
    }
}
