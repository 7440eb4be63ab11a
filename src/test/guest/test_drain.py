"""At the mark a leaking program is replaced in its own time, before the kernel has to kill."""

from guest import Daemon, HOME, groups_of, read, until, write

bulkhead = Daemon(HOME)


def test_a_leak_is_drained_before_the_limit():
    write(
        "/var/tmp/leaks.py",
        """\
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        held = []
        while True:
            held.append(bytearray(1 << 20))
            time.sleep(0.1)
        """,
    )
    bulkhead.up(
        """
        apps:
          leaks: {command: [python3, /var/tmp/leaks.py], memory: 96M, memory_drain: 80%}
        """
    )
    one = bulkhead.instance("leaks")
    group = groups_of(one["pid"])

    until("the program is replaced", lambda: bulkhead.pid("leaks") not in (0, None, one["pid"]))
    until("it is told", lambda: bulkhead.incidents("leaks"))
    words = bulkhead("why leaks")
    assert "drain" in words, words
    assert "oom_kill 0" in read(f"{group}/memory.events"), words
