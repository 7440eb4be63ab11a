"""What the tests in the guest do again and again. A command takes ten seconds there: what is no question of the command line is asked of the
control socket itself."""

import json
import os
import socket
import subprocess
import textwrap
import time

HOME = "/var/tmp/home"
UNIT = "/etc/systemd/system/bulkhead.service"


class Skip(Exception):
    """This guest cannot show it."""


def say(text):
    print("# " + text)


def uptime():
    with open("/proc/uptime") as file:
        return float(file.read().split()[0])


def run(command, timeout=300, status=0, **options):
    """Runs a shell line, which must end with `status` (None: any), and returns what it wrote."""
    done = subprocess.run(
        command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, **options
    )
    assert status is None or done.returncode == status, f"{command}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(textwrap.dedent(text))
    return path


def read(path):
    with open(path) as file:
        return file.read().strip()


def until(what, question, timeout=300):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + timeout
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {timeout} s: {what}"
        time.sleep(0.2)


def chunks(body):
    """The parts of a chunked HTTP answer."""
    while body:
        size, body = body.split(b"\r\n", 1)
        yield body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]


class Daemon:
    """A daemon and the commands to it: root's own, as a service or not, or one on a home."""

    program = "bulkhead"

    def __init__(self, home=None):
        self.options = f" --home {home}" if home else ""
        self.file = f"{home}/bulkhead.yaml" if home else "/etc/bulkhead/bulkhead.yaml"
        self.socket = f"{home}/run/bulkhead.sock" if home else "/run/bulkhead/bulkhead.sock"

    def __call__(self, words, **options):
        return run(f"{self.program} {words}{self.options}", **options)

    def get(self, path):
        return json.loads(self.ask("GET", path))

    def lines(self, path):
        return [json.loads(line) for line in self.ask("GET", path).splitlines()]

    def do(self, path, **options):
        """What `start`, `apply` and their like do: waits for the end, and returns what is said."""
        return self.ask("POST", path, json.dumps(options)).decode()

    def ask(self, method, path, body=""):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(300)
            client.connect(self.socket)
            head = f"{method} /v1/{path} HTTP/1.1\r\nHost: bulkhead\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            client.sendall((head + body).encode())
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        head, body = answer.split(b"\r\n\r\n", 1)
        assert b" 200 " in head.splitlines()[0], answer
        return body if b"chunked" not in head else b"".join(chunks(body))

    def configure(self, text):
        write(self.file, text)

    def apply(self, text):
        self.configure(text)
        return self.do("apply", file=self.file)

    def up(self, text):
        """Starts it with this configuration, unless it runs: then it applies it. It is ended when the tests of the file are over."""
        if self.serves():
            self.apply(text)
        else:
            self.configure(text)
            ENDED_AFTER.append(self)
            run(f"setsid -f {self.program} daemon --config {self.file}{self.options} >/var/tmp/daemon.out 2>&1")
        until("its apps are up", self.settled)

    def serves(self):
        try:
            return self.get("status")
        except (ConnectionError, FileNotFoundError):
            return False

    def settled(self):
        status = self.serves()
        return status and all(one["state"] in ("ready", "stopped") for app in status["apps"] for one in app["instances"])

    def end(self):
        """The daemon removes its socket as the last thing that it does."""
        if self.serves():
            self.do("shutdown")
            until("the daemon has ended", lambda: not os.path.exists(self.socket))

    def apps(self):
        return self.get("status")["apps"]

    def incidents(self, app):
        return [one for one in self.get("incidents") if one["app"] == app]

    def events(self, kind):
        return [one for one in self.lines("events?follow=0&limit=1000") if one["type"] == kind]

    def instance(self, app, index=0):
        for one in self.apps():
            if one["name"] == app:
                return one["instances"][index]
        raise AssertionError(f"no app {app}")

    def pid(self, app):
        return self.instance(app)["pid"]


ENDED_AFTER = []


def evidence():
    """What a failed test needs explained."""
    lines = []
    for log in ("/var/log/bulkhead/bulkhead.log", f"{HOME}/log/bulkhead.log", "/home/person/bulkhead/log/bulkhead.log"):
        if os.path.exists(log):
            lines.append(f"the end of {log}:")
            lines += read(log).splitlines()[-25:]
    for daemon in ENDED_AFTER:
        lines += daemon("events -n 25", status=None).splitlines()
    if os.path.exists("/var/tmp/daemon.out"):
        lines += read("/var/tmp/daemon.out").splitlines()[-10:]
    return "\n".join(lines)


def clear_away():
    while ENDED_AFTER:
        ENDED_AFTER.pop().end()
    run(f"rm -rf {HOME} /var/lib/bulkhead /var/log/bulkhead /run/bulkhead /etc/bulkhead", status=None)


def groups_of(pid):
    """The control group of a process, as a path below /sys/fs/cgroup."""
    return "/sys/fs/cgroup" + read(f"/proc/{pid}/cgroup").split("::")[1]
