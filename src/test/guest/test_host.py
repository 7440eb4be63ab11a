"""A server of 1 GB that runs dry: who is least important makes room, everybody else answers, and who ate the memory is told."""

import os
import subprocess
import threading
import time
import urllib.request

from guest import Daemon, HOME, read, run, say, until, uptime, write

bulkhead = Daemon(HOME)

MIB = 1 << 20
LONGEST_ANSWER = 5  # seconds, on an emulated machine

API = """\
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"well")

        def log_message(self, *_):
            pass

    ThreadingHTTPServer(("127.0.0.1", 8080), Answer).serve_forever()
    """

HOLDER = """\
    import sys, time
    held = bytearray(b"x") * (int(sys.argv[1]) << 20)
    time.sleep(100000)
    """

# Eats all there is, the first time that it runs; ends properly when it is asked to.
GREEDY = """\
    import os, signal, sys, time

    def bye(*_):
        print("bye", flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, bye)
    held = []
    if not os.path.exists("/var/tmp/eaten"):
        open("/var/tmp/eaten", "w").close()
        while True:
            held.append(bytearray(b"x") * (2 << 20))
            time.sleep(0.05)
    while True:
        time.sleep(1000)
    """

# Takes nearly all that is free, and stays.
OUTSIDER = """\
    import time
    available = next(int(line.split()[1]) << 10 for line in open("/proc/meminfo") if line.startswith("MemAvailable"))
    held = bytearray(b"x") * (available - (120 << 20))
    open("/var/tmp/full", "w").close()
    time.sleep(100000)
    """


class Probe(threading.Thread):
    """Asks again and again, and keeps how long each answer took; what went wrong is kept in words."""

    def __init__(self, name, ask, longest=LONGEST_ANSWER):
        super().__init__(daemon=True)
        self.called, self.ask, self.longest = name, ask, longest
        self.took, self.failed, self.over = [], [], False

    def __enter__(self):
        self.start()

    def __exit__(self, trouble, *_):
        self.over = True
        self.join(120)
        if not trouble:
            self.judge()

    def run(self):
        while not self.over:
            begun = time.monotonic()
            try:
                self.ask()
            except Exception as why:  # whatever it is, it is no answer
                self.failed.append(f"{type(why).__name__}: {why}")
            self.took.append(time.monotonic() - begun)
            time.sleep(0.2)

    def judge(self):
        say(f"{self.called}: {len(self.took)} answers, the longest after {max(self.took):.2f} s")
        assert not self.failed, self.failed
        assert self.took and max(self.took) < self.longest, self.took


def api():
    with urllib.request.urlopen("http://127.0.0.1:8080/", timeout=30) as answer:
        assert answer.read() == b"well"


SSH = "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR -i /root/.ssh/id_ed25519 root@127.0.0.1"


def login():
    begun = time.monotonic()
    assert run(f"{SSH} echo well", timeout=120) == "well\n"
    return time.monotonic() - begun


class Session:
    """Somebody who is logged in, and types."""

    def __enter__(self):
        self.shell = subprocess.Popen(f"exec {SSH} sh", shell=True, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.type()
        return self

    def __exit__(self, *_):
        self.shell.stdin.close()
        self.shell.wait(60)

    def type(self):
        self.shell.stdin.write("echo $((6 * 7))\n")
        self.shell.stdin.flush()
        assert self.shell.stdout.readline() == "42\n"


def kills():
    """Of the kernel, on the whole machine."""
    return int(next(line.split()[1] for line in open("/proc/vmstat") if line.startswith("oom_kill ")))


def available():
    return next(int(line.split()[1]) << 10 for line in open("/proc/meminfo") if line.startswith("MemAvailable"))


def test_the_greedy_one_is_shed_and_everybody_else_answers():
    run("test -e /root/.ssh/id_ed25519 || ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519")
    run("cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys; systemctl start ssh")
    write("/var/tmp/api.py", API)
    write("/var/tmp/holder.py", HOLDER)
    write("/var/tmp/greedy.py", GREEDY)
    before = kills()
    bulkhead.up(
        """
        apps:
          api: {command: [python3, /var/tmp/api.py], memory: 64M, priority: 200}
          worker: {command: [python3, /var/tmp/holder.py, "64"], memory: 128M}
          greedy: {command: [python3, /var/tmp/greedy.py], priority: 10, autostart: false}
        """
    )
    until("the API answers", lambda: answers(api))
    pids = bulkhead.pid("api"), bulkhead.pid("worker")
    # The keys of a login are a matter of seconds where the processor is emulated.
    patience = max(LONGEST_ANSWER, 4 * max(login(), login()))
    begun = uptime()
    with Session() as session, Probe("a session", session.type), Probe("a login", login, patience), Probe("API", api):
        bulkhead.do("apps/greedy/start", wait=False)
        until("the greedy one is shed", lambda: bulkhead.events("app.shed"), timeout=240)
        say(f"shed after {uptime() - begun:.1f} s: {bulkhead.instance('greedy')}, {available() / MIB:.0f} MiB available")
        until("it is back", lambda: bulkhead.events("app.unshed") and bulkhead.instance("greedy")["state"] == "ready", timeout=240)
    assert [one["app"] for one in bulkhead.events("app.shed")] == ["greedy"]
    assert (bulkhead.pid("api"), bulkhead.pid("worker")) == pids
    ends = bulkhead.events("instance.exited")
    assert [(one["app"], one["cause"], one["code"]) for one in ends] == [("greedy", "stopped", 0)], ends
    assert kills() == before, run("dmesg | grep -i oom", status=None)
    words = bulkhead("why greedy")
    assert "shed" in words, words
    assert "bye" in bulkhead("logs greedy")


def answers(ask):
    try:
        ask()
        return True
    except OSError:
        return False


def test_who_ate_the_memory_of_the_host_is_named():
    write("/var/tmp/holder.py", HOLDER)
    write("/var/tmp/outsider.py", OUTSIDER)
    bulkhead.up(
        """
        apps:
          precious: {command: [python3, /var/tmp/holder.py, "300"], memory: 400M, restart: never}
        """
    )
    before = kills()
    pid = bulkhead.pid("precious")
    until("it holds its memory", lambda: int(read(f"/proc/{pid}/statm").split()[1]) * 4096 > 300 * MIB)
    run("systemd-run --unit outsider -p OOMScoreAdjust=-1000 python3 /var/tmp/outsider.py")
    try:
        until("it has eaten", lambda: os.path.exists("/var/tmp/full"))
        # The kernel's own choice, as when the last page is gone; waiting for that takes minutes in which nothing answers (no swap).
        write("/proc/sysrq-trigger", "f")
        until("the kernel has killed", lambda: kills() > before)
        [end] = until("its end is told", lambda: [one for one in bulkhead.events("instance.exited") if one["app"] == "precious"])
        assert end["cause"] == "oom-host", end
        outsider = int(run("systemctl show --property MainPID --value outsider"))
        words = bulkhead("why precious")
        say(words.replace("\n", "\n# "))
        assert f"(pid {outsider})" in words and "not run by Bulkhead" in words, words
        assert "Out of memory: Killed process" in words or "constraint=CONSTRAINT_NONE" in words, words
    finally:
        run("systemctl stop outsider", status=None)
