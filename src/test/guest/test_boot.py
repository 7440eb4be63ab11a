"""The daemon at boot, as `bulkhead startup` sets it up: what happens to its unit happens to no app, and power-off drains them in order."""

import os
import shutil
import signal

from guest import Daemon, ENDED_AFTER, UNIT, groups_of, read, run, until, write

DRAINED = "/var/lib/drained"
PROGRAM = "/opt/bulkhead/bin/bulkhead"
CONFIGURATION = f"""
    apps:
      queue: {{command: [/var/lib/program, queue], memory: 48M}}
      api: {{command: [/var/lib/program, api], memory: 48M, depends_on: [queue]}}
      held: {{command: sleep 1000}}
    """


class Installed(Daemon):
    """The package where an administrator puts it: on the system's own disk."""

    program = PROGRAM


class Person(Daemon):
    """One with a service manager of their own, which `loginctl enable-linger` has begun."""

    def __init__(self):
        super().__init__("/home/person/own")
        self.uid = run("id -u person").strip()

    def as_person(self, words, **options):
        return run(f"runuser -u person -- env HOME=/home/person USER=person XDG_RUNTIME_DIR=/run/user/{self.uid} {words}", **options)

    def __call__(self, words, **options):
        return self.as_person(f"{PROGRAM} {words}{self.options}", **options)


bulkhead = Installed()


def install():
    if not os.path.exists(PROGRAM):
        shutil.copytree("/tests/bulkhead", "/opt/bulkhead", symlinks=True)
    # Takes a moment to end, and says when it has.
    write(
        "/var/lib/program",
        f"""\
        #!/bin/sh
        trap 'sleep 0.5; echo $1 >>{DRAINED}; exit 0' TERM
        while :; do sleep 1000 & wait; done
        """,
    )
    os.chmod("/var/lib/program", 0o755)
    if os.path.exists(DRAINED):
        os.remove(DRAINED)


def is_up(daemon, app):
    try:
        return daemon.instance(app)["state"] == "ready"
    except (AssertionError, ConnectionError, FileNotFoundError):
        return False


def main_pid():
    return int(run("systemctl show --property MainPID --value bulkhead"))


def facts():
    """What may not change: the process, when it began, where it lives, its limit."""
    found = []
    for app in ("queue", "api"):
        pid = bulkhead.pid(app)
        group = groups_of(pid)
        assert "bulkhead-apps.scope" in group and "bulkhead.service" not in group, group
        found.append((pid, read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[19], group, read(f"{group}/memory.max")))
    return found


def drained():
    return read(DRAINED).split() if os.path.exists(DRAINED) else []


def test_a_service_whose_end_no_app_notices():
    install()
    # By hand first: the service takes over from it.
    bulkhead.up(CONFIGURATION)
    before = facts()
    words = bulkhead("startup")
    assert "enable bulkhead.service" in words, words
    ENDED_AFTER.append(bulkhead)
    assert facts() == before
    assert bulkhead.get("status")["daemon"]["pid"] == main_pid()
    shown = run("systemctl show bulkhead --property Type,WatchdogUSec,StatusText,KillMode,OOMPolicy")
    assert "Type=notify" in shown and "WatchdogUSec=30s" in shown and "3 apps: 3 up" in shown, shown
    assert run("systemctl is-enabled bulkhead").strip() == "enabled"
    assert "nothing to do" in bulkhead("startup")

    daemon = main_pid()
    run("systemctl restart bulkhead")
    assert main_pid() not in (0, daemon)
    assert facts() == before

    daemon = main_pid()
    run("systemctl kill -s KILL bulkhead")
    until("another daemon", lambda: main_pid() not in (0, daemon) and is_up(bulkhead, "api"))
    assert facts() == before

    run("systemctl daemon-reload")
    assert facts() == before
    assert not drained()

    # A daemon that hangs is missed, and another takes its place.
    run("mkdir -p /run/systemd/system/bulkhead.service.d; printf '[Service]\\nWatchdogSec=8s\\n' >/run/systemd/system/bulkhead.service.d/quick.conf")
    run("systemctl daemon-reload; systemctl restart bulkhead")
    daemon = main_pid()
    os.kill(daemon, signal.SIGSTOP)
    until("another daemon", lambda: main_pid() not in (0, daemon) and is_up(bulkhead, "api"))
    assert facts() == before
    run("rm -r /run/systemd/system/bulkhead.service.d; systemctl daemon-reload")

    # The configuration is read again; a mistake in it is told, and changes nothing.
    bulkhead.configure(CONFIGURATION.replace("sleep 1000", "sleep 1001"))
    run("systemctl reload bulkhead")
    until("the change is in force", lambda: "1001" in read(f"/proc/{bulkhead.pid('held')}/cmdline"))
    bulkhead.configure(CONFIGURATION.replace("apps:", "aps:"))
    run("systemctl reload bulkhead", status=1)
    assert facts() == before
    bulkhead.configure(CONFIGURATION)

    # For good: in order, drained.
    run("systemctl stop bulkhead")
    assert drained() == ["api", "queue"], drained()
    assert not any(os.path.exists(f"/proc/{one[0]}") for one in before)
    assert run("systemctl is-active bulkhead", status=None).strip() == "inactive"

    # Ended by a person it stays ended.
    run("systemctl start bulkhead")
    bulkhead("shutdown --keep-apps")
    until("the unit has ended", lambda: run("systemctl is-active bulkhead", status=None).strip() == "inactive")
    run("systemctl start bulkhead")
    bulkhead("unstartup")
    assert not os.path.exists(UNIT)
    assert is_up(bulkhead, "api")


def before_reboot_a_service_of_the_system():
    install()
    bulkhead.configure(CONFIGURATION)
    bulkhead("startup")
    until("the apps run", lambda: is_up(bulkhead, "api"))
    bulkhead("stop held")
    write("/var/lib/before", f"{bulkhead.pid('api')}")


def before_reboot_a_service_of_a_person():
    person = Person()
    run("loginctl enable-linger person")
    until("their service manager runs", lambda: os.path.exists(f"/run/user/{person.uid}/systemd/private"), timeout=60)
    person.configure("apps:\n  calm: {command: sleep 1000, memory: 48M}\n")
    run("chown -R person /home/person/own")
    words = person("startup")
    assert "enable bulkhead-home-person-own.service" in words and "enable-linger" not in words, words
    until("their app runs", lambda: is_up(person, "calm"))
    assert person.instance("calm")["memory_enforcement"] == "kernel", person("doctor")
    pid = person.pid("calm")
    person.as_person("systemctl --user restart bulkhead-home-person-own")
    until("it is back", lambda: is_up(person, "calm"))
    assert person.pid("calm") == pid


def after_reboot_apps_were_drained_in_order_and_are_back():
    assert drained() == ["api", "queue"], drained()
    until("the apps run", lambda: is_up(bulkhead, "api") and is_up(bulkhead, "queue"))
    assert bulkhead.get("status")["daemon"]["pid"] == main_pid()
    assert bulkhead.instance("held")["state"] == "stopped"
    assert bulkhead.instance("api")["memory_enforcement"] == "kernel"
    assert bulkhead.instance("api")["restarts"] == 0


def after_reboot_a_person_s_apps_are_back():
    person = Person()
    until("their app runs", lambda: is_up(person, "calm"))
    assert person.instance("calm")["memory_enforcement"] == "kernel"
