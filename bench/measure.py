"""What is measured. Each function takes a racer class and a `Bench` (tools, folder, repetitions) and gives a dict of figures."""

import gzip
import os
import signal
import statistics
import subprocess
import time

import proc
from racers import App

LINE_BYTES = 100
SLEEP = ["/bin/sleep", "100000"]


def memory(racer_class, bench):
    """Memory of the daemon with 1, 10 and 50 sleeping children, 8 s after the start; what a child more costs."""
    figures = {}
    private = {}
    for count in (1, 10, 50):
        with bench.home(racer_class) as racer:
            racer.start([App(f"app{n}", SLEEP) for n in range(count)])
            time.sleep(8)
            daemon = proc.memory(racer.daemon)
            keepers = [proc.memory(pid) for pid in racer.keepers()]
            kept = sum(keeper["private"] for keeper in keepers)
            private[count] = daemon["private"] + kept
            figures[f"rss_{count}"] = daemon["rss"] / 1024
            figures[f"pss_{count}"] = daemon["pss"] / 1024
            figures[f"private_{count}"] = daemon["private"] / 1024
            if keepers:
                figures["keeper_private"] = kept / len(keepers)
    figures["growth"] = (private[50] - private[1]) / 49
    return figures


def idle(racer_class, bench):
    """CPU and wake-ups of daemon and keepers with 10 sleeping children, over 30 s that begin 10 s after the start."""
    seconds = 30
    with bench.home(racer_class) as racer:
        racer.start([App(f"app{n}", SLEEP) for n in range(10)])
        pids = [racer.daemon, *racer.keepers()]
        time.sleep(10)
        cpu = merged(proc.cpu_seconds, pids)
        wakeups = merged(proc.wakeups, pids)
        begun = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begun
        return {
            "idle_cpu": 100 * proc.gained(cpu, merged(proc.cpu_seconds, pids)) / took,
            "idle_wakeups": proc.gained(wakeups, merged(proc.wakeups, pids)) / took,
        }


def merged(look, pids):
    """One dictionary of what look sees of each process."""
    return {thread: value for pid in pids for thread, value in look(pid).items()}


def crash(racer_class, bench):
    """`kill -9` of a child to the first instruction of its replacement."""
    with bench.home(racer_class) as racer:
        births = os.path.join(racer.home, "births")
        racer.start([App("born", [bench.born, births])])
        gaps = []
        known = proc.wait_for(lambda: read_births(births), 20, "first birth")
        for _ in range(bench.repetitions):
            time.sleep(1.3)  # supervisord and PM2 call a shorter life a failed start
            begun = time.monotonic_ns()
            os.kill(known[-1][0], signal.SIGKILL)
            count = len(known)
            known = proc.wait_for(lambda: (read_births(births)[count:] and read_births(births)), 40, "replacement", 0.005)
            gaps.append((known[count][1] - begun) / 1e6)
        return {
            "crash": statistics.median(gaps),
            "crash_min": min(gaps),
            "crash_max": max(gaps),
            "cgroup": known[-1][2],
        }


def status(racer_class, bench):
    """Wall time of the command that lists the apps, 10 of them."""
    with bench.home(racer_class) as racer:
        racer.start([App(f"app{n}", SLEEP) for n in range(10)])
        time.sleep(2)
        times = []
        for _ in range(bench.repetitions + 1):
            begun = time.monotonic()
            subprocess.run(racer.status_command(), env=racer.environment(), stdout=subprocess.DEVNULL, check=True)
            times.append((time.monotonic() - begun) * 1000)
        times = times[1:]  # the first one reads the files into memory
        return {"status": statistics.median(times), "status_min": min(times), "status_max": max(times)}


def logs(racer_class, bench):
    """1 GiB of 100-byte lines through captured standard output: wall time at the child, and whether every byte arrived."""
    figures = {}
    lines = bench.log_bytes // LINE_BYTES
    for kind in racer_class.log_kinds:
        with bench.home(racer_class) as racer:
            took = os.path.join(racer.home, "took")
            racer.start([App("flood", [bench.flood, str(lines), took], log=kind)])
            nanoseconds = int(proc.wait_for(lambda: os.path.exists(took) and open(took).read(), 180, "end of the flood", 0.01))
            try:
                proc.wait_for(lambda: arrived(racer) == lines * LINE_BYTES, 60, "all bytes", 0.2)
                lost = 0
            except TimeoutError:
                lost = lines * LINE_BYTES - arrived(racer)  # below zero: written twice
            drained = (time.monotonic_ns() - racer.launched) / 1e9
            peak = peak_memory(racer.daemon)
        figures[f"log_{kind}"] = lines * LINE_BYTES / 2**20 / (nanoseconds / 1e9)
        figures[f"log_{kind}_lost"] = lost
        figures[f"log_{kind}_done"] = drained
        figures[f"log_{kind}_rss"] = peak
    return figures


def start(racer_class, bench):
    """From launch, and from the moment the control socket answers, until the last of 50 children has begun to run."""
    children = 50
    launches, rises = [], []
    for _ in range(min(3, bench.repetitions)):
        with bench.home(racer_class) as racer:
            births = os.path.join(racer.home, "births")
            racer.start([App(f"app{n}", [bench.born, births]) for n in range(children)])
            born = proc.wait_for(lambda: len(read_births(births)) >= children and read_births(births), 60, "50 children")
            last = max(birth[1] for birth in born[:children])
            launches.append((last - racer.launched) / 1e9)
            rises.append(max(0, last - racer.up) / 1e9)
    return {"start_launch": statistics.median(launches), "start_up": statistics.median(rises)}


def leak(racer_class, bench):
    """A worker that leaks 64 MiB/s under 128M for 40 s: highest memory, time above the limit, how its runs ended.

    supervisord knows no limit; PM2's max_memory_restart is the nearest it has, and looks every 30 s.
    """
    limit, rate, seconds = 128, 64, 40
    with bench.home(racer_class) as racer:
        runs = os.path.join(racer.home, "runs")
        racer.start([App("leak", [bench.leak, runs, str(rate)], memory=limit)])
        peak, above = 0, 0.0
        last = begun = time.monotonic()
        while last - begun < seconds:
            time.sleep(0.005)
            now = time.monotonic()
            used = sum(unshared(pid) for pid in begins(runs) if proc.alive(pid))
            peak = max(peak, used)
            above += now - last if used > limit * 2**20 else 0
            last = now
        begun_runs = begins(runs)
        ended = open(runs).read().count("end ")
        living = sum(proc.alive(pid) for pid in begun_runs)
        return {
            "leak_peak": peak / 2**20,
            "leak_above": above,
            "leak_runs": len(begun_runs),
            "leak_killed": len(begun_runs) - ended - living,
        }


def guard(racer_class, bench):
    """CPU of the daemon while it watches 50 instances of 64 MiB that stand at two thirds of their drain mark, over 30 s."""
    seconds = 30
    with bench.home(racer_class) as racer:
        runs = os.path.join(racer.home, "runs")
        racer.start([App(f"app{n}", [bench.leak, runs, "64", "34"], memory=64) for n in range(50)])
        proc.wait_for(lambda: len(begins(runs)) >= 50, 60, "50 children")
        time.sleep(10)
        pids = [racer.daemon, *racer.keepers()]
        cpu = merged(proc.cpu_seconds, pids)
        begun = time.monotonic()
        time.sleep(seconds)
        used = proc.gained(cpu, merged(proc.cpu_seconds, pids))
        return {"guard_cpu": 100 * used / (time.monotonic() - begun)}


def begins(path):
    """Pids of the runs of bench/leak so far."""
    try:
        with open(path) as file:
            return [int(line.split()[1]) for line in file.read().split("\n")[:-1] if line.startswith("begin ")]
    except FileNotFoundError:
        return []


def unshared(pid):
    """Bytes in memory that no file could give back."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            words = file.read().split()
            return (int(words[1]) - int(words[2])) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def floor(bench):
    """The same as `crash` with nobody in between, in ms: kill, wait, start. What this machine itself takes, now."""
    births = os.path.join(bench.folder, f"floor-{time.monotonic_ns()}")
    gaps = []
    child = subprocess.Popen([bench.born, births])
    for count in range(1, 11):
        proc.wait_for(lambda: len(read_births(births)) >= count, 20, "birth")
        begun = time.monotonic_ns()
        child.kill()
        child.wait()
        child = subprocess.Popen([bench.born, births])
        born = proc.wait_for(lambda: read_births(births)[count:], 20, "birth")
        gaps.append((born[0][1] - begun) / 1e6)
    child.kill()
    child.wait()
    return statistics.median(gaps)


TESTS = {"memory": memory, "idle": idle, "crash": crash, "status": status, "logs": logs, "start": start, "leak": leak, "guard": guard}


def read_births(path):
    """(pid, nanoseconds, cgroup) of each line; a line that is being written does not count."""
    try:
        with open(path) as file:
            text = file.read()
    except FileNotFoundError:
        return []
    rows = [line.split(" ", 2) for line in text.split("\n")[:-1]]
    return [(int(pid), int(nanoseconds), cgroup) for pid, nanoseconds, cgroup in rows]


def arrived(racer):
    """Bytes of the lines that are in the log files, packed ones unpacked."""
    total = 0
    names = racer.logs("flood")
    for name in names:
        if name + ".gz" in names:
            continue  # packed a moment ago, about to be removed
        try:
            if name.endswith(".gz"):
                with gzip.open(name) as file:
                    while block := file.read(1 << 20):
                        total += len(block)
            else:
                total += os.path.getsize(name)
        except (FileNotFoundError, EOFError):
            continue  # renamed or packed at this moment
    return total


def peak_memory(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0
