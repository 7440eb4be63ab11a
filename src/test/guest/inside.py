"""Runs in the guest, by guest-tests.service: every function test_* of every file beside this one, in order, and prints TAP lines. What is to be seen
across a reboot stands in functions before_reboot_* and after_reboot_*; between them the guest is rebooted, once."""

import importlib.util
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 900  # seconds: facts are waited for, and emulation beside other work takes five times as long

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


REBOOTED = "/var/lib/guest-tests-rebooted"
DROP_IN = "/etc/systemd/system/guest-tests.service.d"


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


def run_all(modules, prefix, clear=True):
    """The tests of a file share a daemon, which takes a minute to start and end."""
    found = 0
    for name, module in modules:
        tests = [one for one in vars(module).items() if one[0].startswith(prefix)]
        for function, test in tests:
            run(test, f"{name[5:]}: {function.removeprefix('test_').replace('_', ' ')}")
        if clear and tests:
            run(guest.clear_away, f"{name[5:]}: everything ends")
        found += len(tests)
    return found


def reboot():
    """As a person does it: everything is stopped in order. The end of these tests, which powers off, is put off."""
    open(REBOOTED, "w").close()
    os.makedirs(DROP_IN, exist_ok=True)
    with open(DROP_IN + "/rebooting.conf", "w") as file:
        file.write("[Unit]\nSuccessAction=none\nFailureAction=none\n")
    guest.run("systemctl daemon-reload; systemctl reboot")
    time.sleep(LONGEST)


def main():
    signal.signal(signal.SIGALRM, too_long)
    with open(os.path.join(HERE, "wanted")) as file:
        wanted = file.read().split()
    rebooted = os.path.exists(REBOOTED)
    if rebooted:
        os.remove(DROP_IN + "/rebooting.conf")
        guest.run("systemctl daemon-reload")
    else:
        os.symlink("/tests/bulkhead/bin/bulkhead", "/usr/local/bin/bulkhead")
    guest.say(f"Linux {os.uname().release}, up for {guest.uptime():.0f} s")
    modules = [(name, load(name)) for name in files(wanted)]
    if rebooted:
        run_all(modules, "after_reboot_", clear=False)
    else:
        run_all(modules, "test_")
        if run_all(modules, "before_reboot_", clear=False):
            reboot()
    guest.say("guest: done")


main()
