"""A kernel that does not say how long tasks wait for memory: what comes back from swap tells that the host stalls."""

import os

from guest import Daemon, HOME, MIB, available, run, until, write

HIDING = write(
    "/var/tmp/without-psi",
    """\
    #!/bin/sh
    mount -t tmpfs none /proc/pressure && exec bulkhead "$@"
    """,
)
os.chmod(HIDING, 0o755)


class WithoutPsi(Daemon):
    program = f"unshare --mount --propagation private {HIDING}"


bulkhead = WithoutPsi(HOME)

# Uses again and again what does not fit into its limit.
THRASHER = """\
    held = bytearray(b"x") * (120 << 20)
    while True:
        for at in range(0, len(held), 4096):
            held[at] = 1
    """

# Leaves less than the reserve, and more than a third of it.
OUTSIDER = f"""\
    import time
    from guest import available
    held = bytearray(b"x") * (available() - {110 * MIB})
    time.sleep(100000)
    """


def test_who_thrashes_is_shed_when_the_reserve_is_touched():
    write("/var/tmp/thrasher.py", THRASHER)
    write("/var/tmp/outsider.py", OUTSIDER)
    run("fallocate -l 256M /var/swap; chmod 600 /var/swap; mkswap /var/swap; swapon /var/swap")
    try:
        bulkhead.up(
            """
            apps:
              calm: {command: sleep 1000, memory: 48M, priority: 200}
              thrasher: {command: [python3, /var/tmp/thrasher.py], memory: 64M, memory_swap: 128M, memory_drain: off, priority: 10}
            """
        )
        # It stalls by its own fault: nobody else is short of memory.
        until("it thrashes", lambda: swapped_in() > 100 * MIB)
        assert not bulkhead.events("app.shed")

        run("systemd-run --unit outsider --setenv PYTHONPATH=/tests/guest python3 /var/tmp/outsider.py")
        [shed] = until("it is shed", lambda: bulkhead.events("app.shed"))
        assert shed["app"] == "thrasher" and "come back from swap" in shed["reason"], shed
        assert bulkhead.instance("calm")["state"] == "ready"
        assert available() > 50 * MIB
    finally:
        run("systemctl stop outsider; swapoff /var/swap; rm /var/swap", status=None)


def swapped_in():
    return 4096 * int(next(line.split()[1] for line in open("/proc/vmstat") if line.startswith("pswpin ")))
