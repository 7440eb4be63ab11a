"""Process 1 of a container, as far as a process can tell: a process namespace of its own."""

import os
import signal
import subprocess

from guest import Daemon, HOME, read, run, until

bulkhead = Daemon(HOME)


def children(pid):
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]


def state(pid):
    try:
        return read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return ""  # buried since it was listed


def test_process_1_buries_orphans_and_stops_in_order():
    os.makedirs(HOME, exist_ok=True)
    # Each round leaves a process without a parent; it comes to process 1 and ends there.
    bulkhead.configure(
        """
        apps:
          parent: {command: {shell: "while :; do (sh -c 'sleep 1 & echo $! >>/var/tmp/orphans') ; sleep 1; done"}, memory: 48M}
        """
    )
    box = subprocess.Popen(
        ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "bulkhead", "up", "-f", bulkhead.file, "--home", HOME],
        stdin=subprocess.DEVNULL,
        stdout=open("/var/tmp/up.log", "w"),
        stderr=subprocess.STDOUT,
    )
    try:
        until("three orphans", lambda: os.path.exists("/var/tmp/orphans") and len(read("/var/tmp/orphans").split()) >= 3)
        (daemon,) = children(box.pid)
        assert read(f"/proc/{daemon}/status").split("NSpid:")[1].split("\n")[0].split()[-1] == "1"
        # Numbers in another namespace mean other processes to systemd: no scope is made from here.
        program = bulkhead.instance("parent")
        assert program["state"] == "ready", program

        # None of process 1's children is a zombie for long: only the program itself may be, below its keeper.
        def zombies():
            return [child for child in children(daemon) if state(child) == "Z"]

        for _ in range(3):
            before = zombies()
            until("the zombies of a moment ago are buried", lambda: not set(before) & set(zombies()), timeout=30)

        os.kill(daemon, signal.SIGTERM)
        assert box.wait(timeout=120) == 0, read("/var/tmp/up.log")
        assert "bulkhead" not in run("ls /sys/fs/cgroup").replace("bulkhead.slice", "").split()
    finally:
        box.kill()
        box.wait()
        run("rm -f /var/tmp/orphans /var/tmp/up.log")
