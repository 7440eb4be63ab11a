"""The daemon as `bulkhead startup` sets it up: what happens to its unit happens to no app."""

import os
import signal

from guest import UNIT, groups_of, read, run, say, until
from installed import CONFIGURATION, bulkhead, drained, install, is_up, main_pid


def facts():
    """What may not change: the process, when it began, where it lives, its limit."""
    found = []
    for app in ("queue", "api"):
        pid = bulkhead.pid(app)
        group = groups_of(pid)
        assert "bulkhead-apps.scope" in group and "bulkhead.service" not in group, group
        found.append((pid, read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[19], group, read(f"{group}/memory.max")))
    return found


def test_a_service_whose_end_no_app_notices():
    install()
    # By hand first: the service takes over from it.
    bulkhead.up(CONFIGURATION)
    before = facts()
    words = bulkhead("startup")
    assert "enable bulkhead.service" in words, words
    assert facts() == before
    assert bulkhead.get("status")["daemon"]["pid"] == main_pid()
    shown = run("systemctl show bulkhead --property Type,WatchdogUSec,StatusText,KillMode,OOMPolicy")
    assert "Type=notify" in shown and "WatchdogUSec=30s" in shown and "3 apps: 3 up" in shown, shown
    assert run("systemctl is-enabled bulkhead").strip() == "enabled"
    assert "nothing to do" in bulkhead("startup")
    say("the service has taken over from a daemon started by hand")

    daemon = main_pid()
    run("systemctl restart bulkhead")
    assert main_pid() not in (0, daemon)
    assert facts() == before
    say("restarted")

    daemon = main_pid()
    run("systemctl kill -s KILL bulkhead")
    until("another daemon", lambda: main_pid() not in (0, daemon) and is_up(bulkhead, "api"))
    assert facts() == before
    say("killed, and back")

    run("systemctl daemon-reload")
    assert facts() == before
    assert not drained()

    # A daemon that hangs is missed, and another takes its place.
    run("mkdir -p /run/systemd/system/bulkhead.service.d; printf '[Service]\\nWatchdogSec=20s\\n' >/run/systemd/system/bulkhead.service.d/quick.conf")
    run("systemctl daemon-reload; systemctl restart bulkhead")
    daemon = main_pid()
    os.kill(daemon, signal.SIGSTOP)
    until("another daemon", lambda: main_pid() not in (0, daemon) and is_up(bulkhead, "api"))
    assert facts() == before
    run("rm -r /run/systemd/system/bulkhead.service.d; systemctl daemon-reload")
    say("hung, and replaced")

    # The configuration is read again; a mistake in it is told, and changes nothing.
    bulkhead.configure(CONFIGURATION.replace("sleep 1000", "sleep 1001"))
    run("systemctl reload bulkhead")
    until("the change is in force", lambda: "1001" in read(f"/proc/{bulkhead.pid('held')}/cmdline"))
    bulkhead.configure(CONFIGURATION.replace("apps:", "aps:"))
    run("systemctl reload bulkhead", status=1)
    assert facts() == before
    bulkhead.configure(CONFIGURATION)
    say("reloaded")

    # For good: in order, drained.
    run("systemctl stop bulkhead")
    assert drained() == ["api", "queue"], drained()
    assert not any(os.path.exists(f"/proc/{one[0]}") for one in before)
    assert run("systemctl is-active bulkhead", status=None).strip() == "inactive"
    say("stopped, in order")

    # Ended by a person it stays ended.
    run("systemctl start bulkhead")
    bulkhead("shutdown --keep-apps")
    until("the unit has ended", lambda: run("systemctl is-active bulkhead", status=None).strip() == "inactive")
    run("systemctl start bulkhead")
    bulkhead("unstartup")
    assert not os.path.exists(UNIT)
    assert is_up(bulkhead, "api")
