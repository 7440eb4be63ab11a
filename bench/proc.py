"""What the kernel tells about processes. Sizes in kB, times in seconds."""

import os
import time


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(parents, word):
    """Pids whose parent is one of these and whose command line has this word."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as cmdline:
                if int(stat.read().rpartition(")")[2].split()[1]) in parents and word in cmdline.read().split("\0"):
                    found.append(int(pid))
        except (OSError, IndexError):
            continue
    return found


def memory(pid):
    """RSS, PSS and private memory: pages written by this process alone, which no file could give back."""
    fields = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            words = line.split()
            if len(words) == 3 and words[2] == "kB":
                fields[words[0].rstrip(":")] = int(words[1])
    return {
        "rss": fields["Rss"],
        "pss": fields["Pss"],
        "private": fields["Private_Dirty"],
    }


def cpu_seconds(pid):
    """CPU time by thread, in nanosecond resolution where the kernel keeps it: ticks of 10 ms hide an idle daemon."""
    seconds = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                seconds[pid, task] = int(file.read().split()[0]) / 1e9
        except (OSError, IndexError):
            continue
    return seconds


def wakeups(pid):
    """How often each thread of the process went to sleep so far: each time it had woken up."""
    slept = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/status") as file:
                for line in file:
                    if line.startswith("voluntary_ctxt_switches:"):
                        slept[pid, task] = int(line.split()[1])
        except OSError:
            continue
    return slept


def gained(before, after):
    """What all threads gained between two looks. One that began meanwhile counts whole; one that ended takes its share along."""
    return sum(value - before.get(thread, 0) for thread, value in after.items())


def wait_for(condition, seconds, what, pause=0.002):
    """Asks until `condition` gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def end(pid, signal, seconds=15):
    """Signals one process and waits until it is gone."""
    try:
        os.kill(pid, signal)
    except ProcessLookupError:
        return
    wait_for(lambda: not alive(pid), seconds, f"end of {pid}", 0.02)
