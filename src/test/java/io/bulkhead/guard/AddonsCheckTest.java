package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.e2e.NodePackages;
import io.bulkhead.linux.Identity;
import io.bulkhead.linux.Users;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Add-ons made by gcc, loaded by real binaries of Node: 108 is the number of Node 18, 127 of Node 22. */
class AddonsCheckTest {

    private static final String COMMAND = "command: node app.js";

    /** What NODE_MODULE_INIT() makes (node.h); an add-on needs no more. */
    private static final String FOR_ONE_VERSION =
            "#define CAT(a,b) a##b\n#define NAME(v) CAT(node_register_module_v,v)\nvoid NAME(ABI)(void){}\n";

    /** Node-API: for every version. */
    private static final String FOR_ALL = "void *napi_register_module_v1(void *env, void *exports){return exports;}\n";

    private static final String FATAL =
            "#include <signal.h>\n__attribute__((constructor)) void f(void){raise(SIGSEGV);}\n" + FOR_ALL;
    private static final String HANGS =
            "#include <unistd.h>\n__attribute__((constructor)) void f(void){for(;;)pause();}\n" + FOR_ALL;

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));

    @BeforeEach
    void anApp() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "gcc is missing: apt install gcc");
        rig = new NodeRig(folder);
        rig.write("app.js", "");
        rig.write("package.json", "{\"name\":\"app\"}");
        rig.with("PATH", bin() + ":/usr/bin:/bin");
    }

    private static Path bin() throws Exception {
        return NodePackages.installed().binOf(22);
    }

    private Path addon(String name, String file, String source, int abi) throws Exception {
        Path made = rig.installed(name, "1.0.0").resolve(file);
        Files.createDirectories(made.getParent());
        Path text = Files.writeString(folder.resolve("addon.c"), source);
        NodeRig.run(folder, "gcc", "-shared", "-fPIC", "-DABI=" + abi, "-o", made.toString(), text.toString());
        return made;
    }

    @Test
    void whatLoadsIsWell() throws Exception {
        addon("one", "build/Release/one.node", FOR_ONE_VERSION, 127);
        addon("all", "prebuilds/linux-x64/node.napi.node", FOR_ALL, 0);
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void oneThatWasMadeForAnotherVersion() throws Exception {
        addon("old", "build/Release/old.node", FOR_ONE_VERSION, 108);
        addon("all", "build/Release/all.node", FOR_ALL, 0);
        List<String> found = rig.look(COMMAND);
        assertThat(found)
                .singleElement()
                .asString()
                .startsWith("ERROR native-addons: 1 native add-on cannot be loaded by " + bin() + "/node | old 1.0.0: "
                        + "./node_modules/old/build/Release/old.node: ")
                .endsWith(" | cd . && PATH=" + bin() + ":$PATH npm rebuild old");
        rig.with("PATH", NodePackages.installed().binOf(18) + ":/usr/bin:/bin");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void whatIsNoLibraryOfThisMachine() throws Exception {
        rig.installed("mac", "1.0.0");
        rig.write("node_modules/mac/build/Release/mac.node", "\u00cf\u00fa\u00ed\u00fe");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR native-addons:")
                .contains("mac.node: ");
    }

    @Test
    void oneOfAnOptionalPackageIsAWarning() throws Exception {
        addon("old", "build/Release/old.node", FOR_ONE_VERSION, 108);
        rig.write(
                "node_modules/.package-lock.json",
                "{\"packages\":{\"node_modules/old\":{\"version\":\"1.0.0\",\"optional\":true}}}");
        assertThat(rig.look(COMMAND)).singleElement().asString().startsWith("WARNING native-addons:");
    }

    @Test
    void whatIsForOthersIsLeftAlone() throws Exception {
        rig.installed("many", "1.0.0");
        for (String other : List.of(
                "darwin-arm64/node.napi.node",
                "linux-arm64/node.napi.node",
                "win32-x64/node.napi.node",
                "linux-x64/node.napi.musl.node",
                "linux-x64/electron.napi.node",
                "linux-x64/node.abi93.node")) {
            rig.write("node_modules/many/prebuilds/" + other, "not for us");
        }
        assertThat(rig.look(COMMAND)).isEmpty();
        rig.write("node_modules/many/prebuilds/linux-x64/node.abi127.glibc.node", "for us");
        assertThat(rig.look(COMMAND)).singleElement().asString().startsWith("ERROR native-addons: 1 native");
        addon("many", "build/Release/many.node", FOR_ALL, 0);
        assertThat(rig.look(COMMAND)).as("a build comes first").isEmpty();
    }

    @Test
    void oneThatEndsNodeIsNamedAndTheOthersAreTriedToo() throws Exception {
        addon("a", "build/Release/a.node", FATAL, 0);
        addon("b", "build/Release/b.node", FOR_ONE_VERSION, 108);
        addon("c", "build/Release/c.node", FOR_ALL, 0);
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR native-addons: 2 native add-ons")
                .contains("a.node: loading it ends node (signal 11)")
                .contains("b.node: ");
    }

    @Test
    void oneThatHangsIsGivenUp() throws Exception {
        addon("a", "build/Release/a.node", FOR_ALL, 0);
        addon("z", "build/Release/z.node", HANGS, 0);
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("WARNING native-addons: loading the native add-ons took more than");
    }

    /** As the app's user, who need not be able to enter the folder that we stand in. */
    @Test
    void theyAreLoadedAsTheUser() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        Users.User nobody = Users.user("nobody").orElseThrow();
        Identity who = new Identity(nobody.uid(), nobody.gid(), List.of(), nobody.name(), Path.of("/nonexistent"));
        Path seen = folder.resolve("seen");
        addon(
                "who",
                "build/Release/who.node",
                "#include <stdio.h>\n#include <unistd.h>\n__attribute__((constructor)) void f(void){FILE *o=fopen(\""
                        + seen + "/uid\",\"w\");if(o){fprintf(o,\"%d\",getuid());fclose(o);}}\n" + FOR_ALL,
                0);
        Files.createDirectories(seen);
        NodeRig.run(folder, "chmod", "777", seen.toString());
        for (Path at = folder; at != null && at.getNameCount() > 1; at = at.getParent()) {
            open(at);
        }
        rig.with("PATH", "/usr/bin:/bin");
        assertThat(rig.as(who).look(COMMAND)).isEmpty();
        assertThat(Files.readString(seen.resolve("uid"))).isEqualTo(String.valueOf(nobody.uid()));
    }

    private static void open(Path place) throws IOException {
        var modes = new java.util.HashSet<>(Files.getPosixFilePermissions(place));
        modes.add(java.nio.file.attribute.PosixFilePermission.OTHERS_EXECUTE);
        modes.add(java.nio.file.attribute.PosixFilePermission.OTHERS_READ);
        Files.setPosixFilePermissions(place, modes);
    }

    @Test
    void namesOfPlatforms() {
        assertThat(AddonFiles.isForUs("sharp-linux-x64/lib/sharp.node", "amd64", false))
                .isTrue();
        assertThat(AddonFiles.isForUs("sharp-linuxmusl-x64/lib/sharp.node", "amd64", false))
                .isFalse();
        assertThat(AddonFiles.isForUs("swc-linux-arm64-gnu/swc.node", "amd64", false))
                .isFalse();
        assertThat(AddonFiles.isForUs("swc-linux-arm64-gnu/swc.node", "aarch64", false))
                .isTrue();
        assertThat(AddonFiles.isForUs("swc-linux-x64-gnu/swc.node", "amd64", true))
                .isFalse();
        assertThat(AddonFiles.isForUs("x/prebuilds/darwin-x64+arm64/x.node", "amd64", false))
                .isFalse();
        assertThat(AddonFiles.isForUs("x/prebuilds/linux-x64+arm64/x.node", "amd64", false))
                .isTrue();
        assertThat(AddonFiles.isForUs("bcrypt/build/Release/bcrypt_lib.node", "amd64", false))
                .isTrue();
    }
}
