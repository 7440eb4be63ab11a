"""Limits of one compartment, of a pool and of all: held by the kernel for the whole tree, counted, and told."""

import os

from guest import Daemon, HOME, groups_of, read, run, until, write

bulkhead = Daemon(HOME)

EATER = write(
    "/var/tmp/eater",
    """\
    #!/usr/bin/python3
    held = []
    while True:
        held.append(bytearray(1 << 20))
    """,
)
os.chmod(EATER, 0o755)

CONFIGURATION = """
    server: {reserve: 40%}
    pools: {workers: {memory: 96M}}
    apps:
      calm: {command: sleep 1000, memory: 48M, memory_min: 8M, pids: 20, cpu: 0.5}
      own: {command: /var/tmp/eater, memory: 48M, restart: never, autostart: false}
      tree: {command: {shell: "/var/tmp/eater & sleep 1000"}, memory: 48M, restart: never, autostart: false, oom_kill: process}
      grouped: {command: {shell: "/var/tmp/eater & sleep 1000"}, memory: 48M, restart: never, autostart: false}
      member: {command: sleep 1000, pool: workers}  # a pool goes with its last member
      pooled: {command: /var/tmp/eater, memory: 256M, pool: workers, restart: never, autostart: false}
      greedy: {command: /var/tmp/eater, restart: never, autostart: false}
"""


def total():
    return int(run("awk '/MemTotal/ {print $2}' /proc/meminfo")) * 1024


def ends(app):
    return [one for one in bulkhead.events("instance.exited") if one["app"] == app]


def killed(app):
    """Starts it, and returns what is told when the kernel has killed in it."""
    bulkhead.do(f"apps/{app}/start", wait=False)
    return str(until(f"{app} was killed", lambda: bulkhead.incidents(app)))


def test_limits_are_the_kernels():
    bulkhead.up(CONFIGURATION)
    group = groups_of(bulkhead.pid("calm"))
    assert read(f"{group}/memory.max") == str(48 << 20)
    assert read(f"{group}/memory.swap.max") == "0"
    assert read(f"{group}/memory.high") == "max"
    assert read(f"{group}/pids.max") == "20"
    assert read(f"{group}/cpu.max") == "50000 100000"
    assert "/bulkhead.slice/bulkhead-apps-" in group, group

    # What is protected is protected by every group around it.
    above = group
    while os.path.exists(f"{above}/memory.min"):
        assert read(f"{above}/memory.min") == str(8 << 20), above
        above = os.path.dirname(above)

    # server.reserve: what the common parent may not have is left for everything else.
    around = os.path.dirname(group)
    assert abs(int(read(f"{around}/memory.max")) - total() * 60 // 100) < 8192

    words = killed("own")
    assert "48 MiB" in words or "48M" in words, words
    assert "limit" in words, words

    # A pool holds its members, whatever their own limits.
    words = killed("pooled")
    events = read(f"{around}/pool:workers/memory.events") if os.path.exists(f"{around}/pool:workers") else ""
    assert read(f"{around}/pool:workers/memory.max") == str(96 << 20)
    assert "oom_kill 1" in events, (events, words)

    # An app without a limit stops at the reserve, mostly because it is shed before: it may be too fast for that. The rest of the machine does not notice.
    words = killed("greedy")
    assert "shed before the kernel" in words or "oom 1" in read(f"{around}/memory.events.local"), words
    assert "oom_kill 0" in read("/sys/fs/cgroup/system.slice/memory.events")
    assert bulkhead.instance("calm")["state"] == "ready"

    # A change takes effect without a restart.
    pid = bulkhead.pid("calm")
    bulkhead.apply(CONFIGURATION.replace("40%", "50%").replace("workers: {memory: 96M}", "workers: {memory: 128M}"))
    assert abs(int(read(f"{around}/memory.max")) - total() // 2) < 8192
    assert bulkhead.pid("calm") == pid


def test_the_whole_tree_is_limited():
    bulkhead.up(CONFIGURATION)
    bulkhead.do("apps/tree/start")
    one = bulkhead.instance("tree")
    group = groups_of(one["pid"])
    until("the child was killed", lambda: "oom_kill 1" in read(f"{group}/memory.events"))
    assert os.path.exists(f"/proc/{one['pid']}")
    assert int(read(f"{group}/memory.peak")) <= 48 << 20
    assert ends("tree") == []

    # By default who is left ends too. The kernel's own memory.oom.group would take the keeper along, and the exit status with it.
    assert read(f"{group}/memory.oom.group") == "0"
    words = killed("grouped")
    [end] = ends("grouped")
    assert (end["cause"], end["signal"]) == ("oom-limit", "SIGKILL"), end
    assert "of its tree" in words and "at its limit of 48 MiB" in words, words


def test_a_limit_below_what_is_used_waits_for_the_next_start():
    def configuration(limit):
        return f"apps: {{holder: {{command: [python3, /var/tmp/holds.py], memory: {limit}, memory_drain: off}}}}\n"

    write("/var/tmp/want", "100")
    write(
        "/var/tmp/holds.py",
        """\
        import time
        held = bytearray(b"x") * (int(open("/var/tmp/want").read()) << 20)
        time.sleep(100000)
        """,
    )
    bulkhead.up(configuration("160M"))
    pid = bulkhead.pid("holder")
    group = groups_of(pid)
    until("it holds its memory", lambda: int(read(f"{group}/memory.current")) > 100 << 20)
    words = bulkhead.apply(configuration("64M"))
    assert "more than its new limit of 64" in words and "the old limit stays until its next start" in words, words
    assert read(f"{group}/memory.max") == str(160 << 20)
    assert "oom_kill 0" in read(f"{group}/memory.events")
    assert bulkhead.pid("holder") == pid

    write("/var/tmp/want", "10")
    bulkhead.do("apps/holder/restart")
    assert read(groups_of(bulkhead.pid("holder")) + "/memory.max") == str(64 << 20)
