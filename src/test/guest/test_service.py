"""A daemon that systemd runs: what happens to its unit happens to no app."""

import os
import signal

from guest import Daemon, ENDED_AFTER, UNIT, groups_of, read, run, until, write

bulkhead = Daemon()


def serve():
    """As an administrator sets it up by hand, with systemd's defaults: KillMode=control-group above all."""
    write(
        UNIT,
        """
        [Unit]
        Description=Bulkhead
        [Service]
        ExecStart=/usr/local/bin/bulkhead daemon
        Restart=always
        RestartSec=100ms
        """,
    )
    bulkhead.configure(
        """
        apps:
          calm: {command: sleep 1000, memory: 48M}
        """
    )
    run("systemctl daemon-reload; systemctl reset-failed bulkhead; systemctl start bulkhead")
    ENDED_AFTER.append(bulkhead)
    until("the app runs", is_ready)


def is_ready():
    try:
        return bulkhead.instance("calm")["state"] == "ready"
    except (AssertionError, ConnectionError, FileNotFoundError):
        return False


def main_pid():
    return int(run("systemctl show --property MainPID --value bulkhead"))


def facts():
    """What may not change: the process, when it began, its limit, and that it is not under the service."""
    pid = bulkhead.pid("calm")
    group = groups_of(pid)
    assert "bulkhead-apps.scope" in group and "bulkhead.service" not in group, group
    return pid, read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[19], group, read(f"{group}/memory.max")


def test_restart_kill_and_reload_leave_apps_and_limits_alone():
    serve()
    before = facts()
    assert before[3] == str(48 << 20)
    scope = before[2][: before[2].index(".scope") + 6]
    assert read("/proc/1/comm") == "systemd"
    assert "active" in run("systemctl is-active bulkhead-apps.scope")

    daemon = main_pid()
    run("systemctl restart bulkhead")
    until("another daemon", lambda: main_pid() not in (0, daemon))
    until("the app is taken over", is_ready)
    assert facts() == before

    daemon = main_pid()
    os.kill(daemon, signal.SIGKILL)
    until("another daemon", lambda: main_pid() not in (0, daemon))
    until("the app is taken over", is_ready)
    assert facts() == before

    run("systemctl daemon-reload")
    assert facts() == before
    assert "memory" in read(f"{scope}/cgroup.subtree_control").split()

    # The limit is still one that can be changed.
    bulkhead.apply("apps: {calm: {command: sleep 1000, memory: 64M}}\n")
    assert facts() == before[:3] + (str(64 << 20),)

    # For good: what runs ends, in order, and nothing stays behind.
    run("systemctl stop bulkhead")
    until("the app has ended", lambda: not os.path.exists(f"/proc/{before[0]}"))
    until("the scope is gone", lambda: not os.path.exists(scope))
