package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code startup} and {@code unstartup}: the daemon at boot. Says what it does, does nothing twice, and never stops a program. */
final class StartupCommand {

    private final Session session;
    private final Caller caller;
    private final Home home;
    private final boolean dryRun;
    private final Systemctl systemctl;
    private final String unitName;
    private final Path unitFile;
    private final List<String> said = new ArrayList<>();

    StartupCommand(Session session) {
        this.session = session;
        caller = session.caller();
        home = session.home();
        dryRun = session.parsed().has("dry-run");
        systemctl = new Systemctl(caller.systemRoot(), caller.root(), caller.environment());
        boolean named = session.parsed().has("home") || caller.environment().containsKey(Home.VARIABLE);
        unitName = BootUnit.name(home, named);
        unitFile = (caller.root() ? caller.systemRoot().resolve("etc/systemd/system") : userUnits()).resolve(unitName);
    }

    private Path userUnits() {
        String config = caller.environment().getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = config.startsWith("/")
                ? Path.of(config)
                : Path.of(caller.environment().getOrDefault("HOME", "/"), ".config");
        return folder.resolve("systemd/user");
    }

    int startup() throws IOException, Failure {
        Path launcher = Path.of(System.getProperty("bulkhead.dist", "/usr/lib/bulkhead"), "bin/bulkhead");
        Optional<Path> config = config();
        if (!systemctl.rules()) {
            return print(WithoutSystemd.advice(caller, home, launcher, config));
        }
        String text = new BootUnit(
                        launcher,
                        home,
                        config,
                        !caller.root(),
                        caller.preflight().scope(home))
                .text();
        boolean same = Files.exists(unitFile) && Files.readString(unitFile).equals(text);
        boolean enabled = systemctl.succeeds("is-enabled", "--quiet", unitName);
        boolean active = systemctl.succeeds("is-active", "--quiet", unitName);
        if (!same) {
            doing("write " + unitFile, () -> write(text));
            doing("", () -> systemctl.run("daemon-reload"));
        }
        if (!enabled) {
            doing(
                    "enable " + unitName + ", so that the daemon starts at boot",
                    () -> systemctl.run("enable", "--quiet", unitName));
        }
        if (!active) {
            doing(
                    "start " + unitName + "; a daemon that runs already hands over to it, and no app is touched",
                    () -> systemctl.run("start", unitName));
        }
        if (same && enabled && active) {
            said.add("nothing to do: " + unitName + " is there, enabled and running");
        } else if (!same && active) {
            said.add("it runs with the former settings until: " + systemctl.words("restart", unitName)
                    + "; no app is touched by that");
        }
        warnOfOthersPackage(launcher);
        wordAboutLingering();
        if (dryRun && !same) {
            said.add("");
            said.add("the file:");
            text.lines().forEach(line -> said.add("    " + line));
        }
        return report();
    }

    int unstartup() throws IOException, Failure {
        if (!systemctl.rules()) {
            said.add("no systemd here: take out again what you put into your boot scripts (bulkhead startup shows it)");
            return report();
        }
        if (!Files.exists(unitFile)) {
            said.add("nothing to do: there is no " + unitFile);
            return report();
        }
        doing(
                "disable " + unitName + ": the daemon no longer starts at boot",
                () -> systemctl.run("disable", "--quiet", unitName));
        doing("remove " + unitFile, () -> Files.delete(unitFile));
        doing("", () -> systemctl.run("daemon-reload"));
        said.add("a daemon that runs goes on, and its apps too: bulkhead shutdown ends them");
        return report();
    }

    /** The file that was named; else the one a running daemon uses, where that is not its home's. */
    private Optional<Path> config() throws IOException {
        String named = session.parsed().value("file", "");
        if (!named.isEmpty()) {
            return Optional.of(caller.directory().resolve(named).normalize());
        }
        Client client = new Client(home.socket());
        if (!client.reachable()) {
            return Optional.empty();
        }
        try (Reply reply = client.get("/v1/status")) {
            String file = Doc.of(reply.json()).doc("daemon").text("file");
            return file.isEmpty() || file.equals(home.config().toString())
                    ? Optional.empty()
                    : Optional.of(Path.of(file));
        }
    }

    private interface Step {
        void take() throws IOException, Failure;
    }

    /** @param words what is done, in the imperative; empty for what goes without saying */
    private void doing(String words, Step step) throws IOException, Failure {
        if (!dryRun) {
            step.take();
        }
        if (!words.isEmpty()) {
            said.add((dryRun ? "would " : "") + words);
        }
    }

    private void write(String text) throws IOException {
        Path folder = unitFile.getParent();
        if (folder == null) {
            throw new IOException(unitFile + " has no folder");
        }
        Files.createDirectories(folder);
        Path fresh = folder.resolve("." + unitName + ".new");
        Files.writeString(fresh, text, StandardCharsets.UTF_8);
        Files.move(fresh, unitFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Whoever can change the program that root's service runs can become root. */
    private void warnOfOthersPackage(Path launcher) throws IOException {
        if (caller.root() && Files.exists(launcher)) {
            String owner = Files.getOwner(launcher).getName();
            if (!owner.equals("root")) {
                said.add(
                        "warning: " + launcher + " is " + owner + "'s, who can thereby do what root can: chown -R root "
                                + launcher.getParent().getParent());
            }
        }
    }

    private void wordAboutLingering() {
        String user =
                caller.environment().getOrDefault("USER", caller.environment().getOrDefault("LOGNAME", ""));
        if (caller.root()
                || user.isEmpty()
                || Files.exists(caller.systemRoot().resolve("var/lib/systemd/linger/" + user))) {
            return;
        }
        said.add(
                "systemd starts it when you log in and stops it when you log out. To have it from boot on, and always:");
        said.add("    sudo loginctl enable-linger " + user);
    }

    private int print(List<String> lines) throws IOException {
        said.addAll(lines);
        return report();
    }

    private int report() throws IOException {
        if (session.json()) {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("unit", unitName);
            document.put("path", unitFile.toString());
            document.put("dry_run", dryRun);
            document.put("lines", List.copyOf(said));
            return session.printJson(document);
        }
        said.forEach(session.out()::line);
        session.out().flush();
        return 0;
    }
}
