#!/usr/bin/env python3
"""Kills the daemon (in every tenth round a keeper) with SIGKILL at a random moment, while programs start, stop, crash and are restarted, and starts it again.

    bench/run survive                        200 rounds, and the time to find 50 children again
    bench/survive.py --rounds 15 --seed 7    the same by hand; a seed gives the same actions in the same order

What must hold after each round: no program runs twice, none that was left alone has been touched, what a person stopped stays stopped, what runs counts its restarts
right, how programs ended is known exactly; and in the end: no line of any log is missing. The programs bear witness themselves: each holds a lock of its own, numbers its
lines, and notes in a file beside the log how far it came.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATIENCE = 60

# Says that it starts, takes a lock of its own, and writes numbered lines; a number is noted when its line has been written.
CHILD = r"""#!/usr/bin/perl
use strict; use Fcntl qw(:flock); use POSIX ();
my ($folder, $pause) = @ARGV;
my $name = "$ENV{BULKHEAD_APP}-$ENV{BULKHEAD_INSTANCE}"; my $run = $ENV{BULKHEAD_RUN};
open(my $lock, '>>', "$folder/$name.lock"); open(my $noted, '>>', "$folder/$run.count");
unless (flock($lock, LOCK_EX | LOCK_NB)) { open(my $double, '>>', "$folder/doubles"); syswrite($double, "$name $run $$\n"); }
my $stop = 0; $SIG{TERM} = sub { $stop = 1 };
syswrite(STDOUT, "start $run $ENV{BULKHEAD_CAUSE} $ENV{BULKHEAD_RESTARTS}\n");
for (my $i = 1; !$stop; $i++) { syswrite(STDOUT, "$run $i\n"); syswrite($noted, "$i\n"); select(undef, undef, undef, $pause); }
POSIX::_exit(0);
"""


class Broken(Exception):
    """Something that must hold does not."""


class Home:
    """One daemon's home, asked over its socket as commands do, and what its programs bear witness of."""

    def __init__(self, program, apps, instances, seed):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="bulkhead-survive-")
        self.witness = os.path.join(self.folder, "witness")
        os.mkdir(self.witness)
        self.random = random.Random(seed)
        self.names = [f"app{n}" for n in range(apps)]
        self.instances = instances
        self.daemon = None
        child = os.path.join(self.folder, "child")
        with open(child, "w") as file:
            file.write(CHILD)
        os.chmod(child, 0o755)
        with open(os.path.join(self.folder, "bulkhead.yaml"), "w") as file:
            file.write("apps:\n")
            for name in self.names:
                file.write(f"  {name}: {{command: [{child}, {self.witness}, '0.02'], instances: {instances}, memory: 64M, stop_grace_period: 20s, ready: 300ms,")
                file.write(" backoff: {first: 50ms, max: 400ms, reset_after: 500ms}}\n")

    def begin(self):
        """Starts a daemon; returns when its socket answers."""
        log = open(os.path.join(self.folder, "daemon.out"), "ab")
        self.daemon = subprocess.Popen([self.program, "daemon", "--home", self.folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.until("the daemon answers", lambda: self.status() is not None, 0.003)

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()

    def ask(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(os.path.join(self.folder, "run/bulkhead.sock"))
            head = f"{method} {path} HTTP/1.1\r\nHost: bulkhead\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
            client.sendall(head.encode() + data)
            answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
        head, body = answer.split(b"\r\n\r\n", 1)
        return json.loads(body)

    def status(self):
        try:
            return {(app["name"], one["index"]): one for app in self.ask("GET", "/v1/status")["apps"] for one in app["instances"]}
        except (OSError, ValueError, KeyError):
            return None

    def wish(self, verb, target):
        """Asks, and does not wait for more than that the daemon has understood; one that dies meanwhile may not have."""
        try:
            return self.ask("POST", f"/v1/apps/{target}/{verb}", {"wait": False}).get("ok") is True
        except (OSError, ValueError):
            return None

    def until(self, what, question, pause=0.02):
        end = time.monotonic() + PATIENCE
        while True:
            answer = question()
            if answer:
                return answer
            if time.monotonic() > end:
                raise Broken(f"not within {PATIENCE} s: {what}\n{self.words()}")
            time.sleep(pause)

    def words(self):
        with open(os.path.join(self.folder, "log/bulkhead.log"), errors="replace") as file:
            return "".join(file.readlines()[-25:]) + json.dumps(self.status() and {f"{k[0]}/{k[1]}": [v["state"], v["pid"], v["reason"]] for k, v in self.status().items()})

    def programs(self):
        """Living programs of this home, whoever keeps them."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/cmdline") as file:
                    words = file.read().split("\0")
                with open(f"/proc/{pid}/stat") as file:
                    state = file.read().rpartition(")")[2].split()[0]
                if len(words) > 2 and words[1] == os.path.join(self.folder, "child") and state not in "ZX":
                    found.append(int(pid))
        return found

    def log(self, name, index):
        file = f"{name}.log" if self.instances == 1 else f"{name}-{index}.log"
        with open(os.path.join(self.folder, "log", file), errors="replace") as lines:
            return lines.read().split("\n")[:-1]

    def end(self):
        if self.daemon and self.daemon.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                self.ask("POST", "/v1/shutdown", {"wait": True})
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.daemon.wait(PATIENCE)
            if self.daemon.poll() is None:
                self.kill()

    def remove(self):
        for pid in self.programs():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Survival:
    """The rounds, and what must hold after each."""

    def __init__(self, home):
        self.home = home
        self.random = home.random
        self.held = set()
        # Since its keeper was killed how a program ended need not be known.
        self.keeperless = set()
        self.adoptions = []
        self.kills = self.keepers = self.wishes = 0

    def prepare(self):
        self.home.begin()
        self.settle({})

    def round(self, number):
        before = self.home.status()
        acts = []
        dead = {}
        touched = set()
        for _ in range(self.random.randint(1, 3)):
            name = self.random.choice(self.home.names)
            acts.append((self.random.choice(["stop", "start", "restart", "crash", "crash", "nothing"]), name, self.random.randrange(self.home.instances)))
        keeper = number % 10 == 9
        pauses = [self.random.uniform(0, 0.05) for _ in acts]
        moment = self.random.choice([0, self.random.uniform(0, 0.02), self.random.uniform(0, 0.5)])
        orphan = self.random.random() < 0.3
        chosen = self.random.random()

        if keeper:
            keepers = [(key, one["keeper_pid"]) for key, one in sorted(before.items()) if one["keeper_pid"]]
            if keepers:
                key, pid = keepers[int(chosen * len(keepers))]
                self.slay(pid)
                self.keeperless.add(key)
                touched.add(key)
                self.keepers += 1
        for (act, name, index), pause in zip(acts, pauses):
            if act == "crash":
                touched.add((name, index))
                self.slay(before[name, index]["pid"])
            elif act != "nothing":
                touched |= {(name, n) for n in range(self.home.instances)}
                done = self.home.wish(act, name)
                self.wishes += 1
                if done and act == "stop":
                    self.held.add(name)
                elif done:
                    self.held.discard(name)
            time.sleep(pause)
        time.sleep(moment)
        self.home.kill()
        self.kills += 1
        if orphan:
            # Nobody sees this end; how it came must be known all the same.
            quiet = [key for key, one in sorted(before.items()) if key not in touched and one["state"] == "ready" and key not in self.keeperless]
            if quiet:
                key = quiet[int(chosen * len(quiet))]
                touched.add(key)
                sign = signal.SIGSEGV if chosen < 0.5 else signal.SIGKILL
                dead[key] = (before[key]["run"], sign)
                self.slay(before[key]["pid"], sign)
        begun = time.monotonic()
        self.home.begin()
        self.adoptions.append(time.monotonic() - begun)
        after = self.settle(dead)
        for key, one in before.items():
            if key not in touched and after[key]["pid"] != one["pid"]:
                raise Broken(f"{key} was left alone, and process {one['pid']} became {after[key]['pid']}")

    @staticmethod
    def slay(pid, sign=signal.SIGKILL):
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)

    def settle(self, dead):
        """Waits until everything is as it was wished, and looks whether it is right."""
        home = self.home

        def settled():
            status = home.status()
            if status is None or len(status) != len(home.names) * home.instances:
                return None
            for (name, _), one in status.items():
                if one["state"] != ("stopped" if name in self.held else "ready"):
                    return None
            return status

        status = home.until("everything is as it was wished", settled)
        running = sorted(one["pid"] for one in status.values() if one["pid"])
        home.until(f"only what is shown runs: {running}", lambda: sorted(home.programs()) == running)
        doubles = os.path.join(home.witness, "doubles")
        if os.path.exists(doubles):
            with open(doubles) as file:
                raise Broken(f"a program ran twice: {file.read()}\n{home.words()}")
        for (name, index), one in status.items():
            self.counted(name, index, one)
        for key, (run, sign) in dead.items():
            self.told(key, run, sign, status[key])
        self.keeperless = {key for key in self.keeperless if status[key]["keeper_pid"] and not self.lives(status[key]["keeper_pid"])}
        return status

    @staticmethod
    def lives(pid):
        return os.path.exists(f"/proc/{pid}")

    def counted(self, name, index, one):
        """Each start says why it came, and how many restarts there had been then. A daemon that died just before a restart may have counted it already."""

        def starts():
            return [line.split()[1:] for line in self.home.log(name, index) if line.startswith("start ")]

        if one["run"]:
            self.home.until(f"{name}/{index} says that it has started", lambda: any(run == one["run"] for run, _, _ in starts()))
        count = 0
        for number, (run, cause, said) in enumerate(starts()):
            may = {count, count + 1} if cause == "start" and number else {0} if number == 0 else {count + 1}
            if int(said) not in may:
                raise Broken(f"{name}/{index}: run {run} ({cause}) is restart {may}, and was told {said}: {starts()}")
            count = int(said)
        if one["restarts"] != count:
            raise Broken(f"{name}/{index}: {count} restarts, {one['restarts']} shown: {starts()}")

    def told(self, key, run, sign, one):
        exit = one["last_exit"] or {}
        if exit.get("signal") != sign.name:
            raise Broken(f"{key}: run {run} was ended by {sign.name} while no daemon lived, and is shown as {exit}\n{self.home.words()}")

    def lines(self):
        """Compares every log with what the programs noted. Returns (lines, lost)."""
        total = lost = 0
        for name in self.home.names:
            for index in range(self.home.instances):
                written = {}
                for line in self.home.log(name, index):
                    match = re.fullmatch(r"([0-9a-z-]+) (\d+)", line)
                    if match:
                        run, number = match[1], int(match[2])
                        if number != written.get(run, 0) + 1:
                            raise Broken(f"{name}/{index}: line {number} of {run} follows line {written.get(run, 0)}")
                        written[run] = number
                        total += 1
                for line in self.home.log(name, index):
                    if line.startswith("start "):
                        run = line.split()[1]
                        with open(os.path.join(self.home.witness, run + ".count")) as file:
                            noted = file.read().split("\n")[:-1]
                        lost += max(0, len(noted) - written.get(run, 0))
        return total, lost


def survive(program, rounds, seed, apps=6, instances=2, say=print):
    """Figures, or Broken."""
    home = Home(program, apps, instances, seed)
    try:
        survival = Survival(home)
        survival.prepare()
        for number in range(rounds):
            try:
                survival.round(number)
            except Broken as broken:
                raise Broken(f"round {number} of seed {seed}: {broken}") from broken
        home.end()
        lines, lost = survival.lines()
        if lost:
            raise Broken(f"seed {seed}: {lost} of {lines} lines are missing")
        if home.programs():
            raise Broken(f"seed {seed}: after the end still runs {home.programs()}")
        say(f"{rounds} rounds of seed {seed}: {survival.kills} daemons and {survival.keepers} keepers killed, {survival.wishes} wishes, {lines} lines, none lost")
        return {"survive_rounds": survival.kills, "survive_doubles": 0, "survive_lost": lost, "survive_lines": lines}
    finally:
        home.end()
        home.remove()


def adopt(program, children=50, times=5):
    """From the start of a daemon until it shows every child that a former one left; the best of some, in seconds."""
    home = Home(program, children, 1, 0)
    took = []
    try:
        home.begin()
        survival = Survival(home)
        before = survival.settle({})
        for _ in range(times):
            home.kill()
            begun = time.monotonic()
            home.begin()
            home.until("all are found", lambda: {key: one["pid"] for key, one in (home.status() or {}).items()} == {key: one["pid"] for key, one in before.items()}, 0.003)
            took.append(time.monotonic() - begun)
        return {"survive_adopt": sorted(took)[len(took) // 2], "survive_adopt_best": min(took)}
    finally:
        home.end()
        home.remove()


def measure(racer_class, bench):
    """For bench/run. The others start everything a second time, or lose it: nothing to compare."""
    if racer_class.name != "bulkhead":
        return {}
    return {**survive(racer_class.program, 10 * bench.repetitions, random.randrange(1 << 32)), **adopt(racer_class.program)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(ROOT, "target/bulkhead/bin/bulkhead"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--adopt", action="store_true", help="only the time to find 50 children again")
    options = parser.parse_args()
    # Whoever ends this ends what it began, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before the end"))
    print(f"seed {options.seed}", flush=True)
    try:
        if options.adopt:
            print(adopt(options.program))
        else:
            survive(options.program, options.rounds, options.seed)
    except Broken as broken:
        sys.exit(str(broken))


if __name__ == "__main__":
    main()
