package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a host of the test's own, whose systemctl notes what it is told. */
class StartupTest {

    @TempDir
    Path host;

    private Shell shell;
    private Path unit;

    @BeforeEach
    void prepare() {
        shell = new Shell(host);
        shell.systemRoot = host;
        unit = host.resolve("etc/systemd/system/bulkhead.service");
    }

    private void systemd() throws IOException {
        Files.createDirectories(host.resolve("run/systemd/system"));
        Files.createDirectories(host.resolve("run/user/me/systemd"));
        Path systemctl = host.resolve("usr/bin/systemctl");
        Files.createDirectories(systemctl.getParent());
        Files.writeString(systemctl, """
                #!/bin/sh
                here=%s
                echo "$*" >>$here/told
                [ "$1" = --user ] && shift
                case $1 in
                  is-enabled) [ -e $here/enabled ] ;;
                  is-active) [ -e $here/active ] ;;
                  enable) touch $here/enabled ;;
                  disable) rm -f $here/enabled ;;
                  start) [ ! -e $here/broken ] || { echo "Job for bulkhead.service failed."; exit 1; }; touch $here/active ;;
                esac
                """.formatted(host));
        systemctl.toFile().setExecutable(true);
    }

    /** What changed something. */
    private List<String> told() throws IOException {
        Path told = host.resolve("told");
        return Files.exists(told)
                ? Files.readAllLines(told).stream()
                        .filter(line -> !line.contains("is-"))
                        .toList()
                : List.of();
    }

    @Test
    void rootGetsAServiceOnce() throws IOException {
        systemd();
        assertThat(shell.run("startup")).isZero();
        assertThat(unit)
                .content()
                .contains(
                        "Type=notify\n",
                        "Restart=always\n",
                        "StartLimitIntervalSec=0\n",
                        "KillMode=process\n",
                        "OOMPolicy=continue\n")
                .contains(
                        "Delegate=yes\n",
                        "WatchdogSec=30s\n",
                        "After=bulkhead-apps.scope\n",
                        "WantedBy=multi-user.target\n")
                .containsPattern("ExecStart=/.*/bin/bulkhead daemon --replace\n")
                .containsPattern("ExecReload=/.*/bin/bulkhead apply -f \\S+/etc/bulkhead/bulkhead.yaml\n")
                .doesNotContain("Protect", "NoNewPrivileges=", "PrivateTmp", "MemoryMax", "SystemCall");
        assertThat(told())
                .containsExactly("daemon-reload", "enable --quiet bulkhead.service", "start bulkhead.service");
        assertThat(shell.out.toString()).contains("write " + unit, "enable bulkhead.service", "start bulkhead.service");

        shell.out.reset();
        assertThat(shell.run("startup")).isZero();
        assertThat(told()).hasSize(3);
        assertThat(shell.out.toString()).contains("nothing to do");
    }

    @Test
    void aChangeWaitsForARestart() throws IOException {
        systemd();
        shell.run("startup");
        Files.writeString(unit, Files.readString(unit).replace("30s", "31s"));
        shell.out.reset();
        assertThat(shell.run("startup")).isZero();
        assertThat(shell.out.toString()).contains("systemctl restart bulkhead.service", "no app is touched");
        assertThat(unit).content().contains("WatchdogSec=30s");
        assertThat(told()).hasSize(4).last().isEqualTo("daemon-reload");
    }

    @Test
    void dryRunChangesNothingAndShowsTheFile() throws IOException {
        systemd();
        assertThat(shell.run("startup", "--dry-run")).isZero();
        assertThat(unit).doesNotExist();
        assertThat(told()).isEmpty();
        assertThat(shell.out.toString()).contains("would write " + unit, "    Type=notify");
    }

    @Test
    void aFileAndAHomeOfOnesOwnStandInTheService() throws IOException {
        systemd();
        assertThat(shell.run("startup", "--home", "my home", "-f", "a b.yaml")).isZero();
        String name = "bulkhead-" + host.toString().substring(1).replaceAll("[^A-Za-z0-9._]", "-") + "-my-home.service";
        assertThat(unit.resolveSibling(name))
                .content()
                .contains("daemon --replace --config \"" + host + "/a b.yaml\" --home \"" + host + "/my home\"\n");
    }

    @Test
    void whatSystemdSaysWhenAStartFailsIsTold() throws IOException {
        systemd();
        Files.createFile(host.resolve("broken"));
        assertThat(shell.run("startup")).isEqualTo(1);
        assertThat(shell.err.toString())
                .contains("systemctl start bulkhead.service: Job for bulkhead.service failed.", "journalctl");
    }

    @Test
    void aPersonGetsAServiceOfTheirOwnAndTheWordAboutLingering() throws IOException {
        systemd();
        shell.root = false;
        shell.environment.put("HOME", host.resolve("home/me").toString());
        shell.environment.put("USER", "me");
        shell.environment.put("XDG_RUNTIME_DIR", host.resolve("run/user/me").toString());
        assertThat(shell.run("startup")).isZero();
        assertThat(host.resolve("home/me/.config/systemd/user/bulkhead.service"))
                .content()
                .contains("WantedBy=default.target\n")
                .doesNotContain("network-online");
        assertThat(shell.out.toString()).contains("sudo loginctl enable-linger me");
        assertThat(told()).contains("--user enable --quiet bulkhead.service");

        Files.createDirectories(host.resolve("var/lib/systemd/linger"));
        Files.createFile(host.resolve("var/lib/systemd/linger/me"));
        shell.out.reset();
        shell.run("startup");
        assertThat(shell.out.toString()).doesNotContain("linger");
    }

    @Test
    void unstartupRemovesTheServiceAndStopsNothing() throws IOException {
        systemd();
        shell.run("startup");
        shell.out.reset();
        assertThat(shell.run("unstartup")).isZero();
        assertThat(unit).doesNotExist();
        assertThat(told()).contains("disable --quiet bulkhead.service").noneMatch(line -> line.startsWith("stop"));
        assertThat(shell.out.toString()).contains("goes on");
        shell.out.reset();
        assertThat(shell.run("unstartup")).isZero();
        assertThat(shell.out.toString()).contains("nothing to do");
    }

    @Test
    void withoutSystemdItSaysWhatToPutWhere() throws IOException {
        assertThat(shell.run("startup")).isZero();
        assertThat(shell.out.toString())
                .contains("nothing was changed", "@reboot /", "bin/bulkhead daemon >/dev/null")
                .doesNotContain("rc.local", "openrc");
        Files.createDirectories(host.resolve("etc"));
        Files.createFile(host.resolve("etc/rc.local"));
        shell.out.reset();
        shell.run("startup");
        assertThat(shell.out.toString()).contains("/etc/rc.local");
        Files.createDirectories(host.resolve("sbin"));
        Path openrc = Files.createFile(host.resolve("sbin/openrc-run"));
        openrc.toFile().setExecutable(true);
        shell.out.reset();
        shell.run("startup");
        assertThat(shell.out.toString())
                .contains("#!/sbin/openrc-run", "rc-update add bulkhead default", "supervisor=supervise-daemon");
    }
}
