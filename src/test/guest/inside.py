"""Runs in the guest, by guest-tests.service: every function test_* of every file beside this one, in order, and prints TAP lines."""

import importlib.util
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 300

sys.path.insert(0, HERE)
import guest  # noqa: E402


def files(wanted):
    names = sorted(name[:-3] for name in os.listdir(HERE) if name.startswith("test_") and name.endswith(".py"))
    return [name for name in names if not wanted or name in wanted or name[5:] in wanted]


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(HERE, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def too_long(signum, frame):
    raise TimeoutError(f"the test took more than {LONGEST} s")


def run(test, name):
    begun = time.monotonic()
    signal.alarm(LONGEST)
    try:
        test()
        signal.alarm(0)
        print(f"ok - {name} ({time.monotonic() - begun:.1f} s)")
    except guest.Skip as why:
        print(f"ok - {name} # SKIP {why}")
    except BaseException:
        signal.alarm(0)
        print(f"not ok - {name}")
        for line in (traceback.format_exc() + guest.evidence()).splitlines():
            print("# " + line)
    finally:
        signal.alarm(0)
        guest.clear_away()


def main():
    signal.signal(signal.SIGALRM, too_long)
    with open(os.path.join(HERE, "wanted")) as file:
        wanted = file.read().split()
    os.symlink("/tests/bulkhead/bin/bulkhead", "/usr/local/bin/bulkhead")
    guest.say(f"Linux {os.uname().release}, up for {guest.uptime():.0f} s")
    for name in files(wanted):
        module = load(name)
        for function, test in list(vars(module).items()):
            if function.startswith("test_") and callable(test):
                run(test, f"{name[5:]}: {function[5:].replace('_', ' ')}")
    guest.say("guest: done")


main()
