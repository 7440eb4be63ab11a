"""The hard limit: held by the kernel for the whole tree, counted, and told."""

from guest import Daemon, HOME, groups_of, read, until

EATER = "python3 -c 'x=[]\nwhile True: x.append(bytearray(1<<20))'"


def test_the_limit_is_the_kernels():
    bulkhead = Daemon(HOME)
    bulkhead.up(
        """
        apps:
          calm: {command: sleep 1000, memory: 48M, pids: 20, cpu: 0.5}
        """
    )
    group = groups_of(bulkhead.pid("calm"))
    assert read(f"{group}/memory.max") == str(48 << 20)
    assert read(f"{group}/memory.swap.max") == "0"
    assert read(f"{group}/memory.high") == "max"
    assert read(f"{group}/pids.max") == "20"
    assert read(f"{group}/cpu.max") == "50000 100000"
