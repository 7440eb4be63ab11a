"""The package where an administrator puts it, and programs that tell when they have been drained."""

import os
import shutil

from guest import Daemon, read, run, write

DRAINED = "/var/lib/drained"
PROGRAM = "/opt/bulkhead/bin/bulkhead"
CONFIGURATION = """
    apps:
      queue: {command: [/var/lib/program, queue], memory: 48M}
      api: {command: [/var/lib/program, api], memory: 48M, depends_on: [queue]}
      held: {command: sleep 1000}
    """


class Installed(Daemon):
    """On the system's own disk."""

    program = PROGRAM


bulkhead = Installed()


def install():
    if not os.path.exists(PROGRAM):
        shutil.copytree("/tests/bulkhead", "/opt/bulkhead", symlinks=True)
    # Emulated beside other work, five minutes were seen to be too short for a boot.
    write("/etc/systemd/system/bulkhead.service.d/slow.conf", "[Service]\nTimeoutStartSec=infinity\n")
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


def drained():
    return read(DRAINED).split() if os.path.exists(DRAINED) else []
