"""An ordinary user with a service manager of his own: limits are the kernel's there too."""

import os

from guest import Daemon, ENDED_AFTER, groups_of, read, run, until, write

HOME = "/home/person/bulkhead"


class Person(Daemon):
    def __call__(self, words, **options):
        line = f"runuser -u person -- env HOME=/home/person XDG_RUNTIME_DIR=/run/user/1000 bulkhead {words}{self.options}"
        return run(line, **options)


def test_hard_limits_without_root():
    run("loginctl enable-linger person")
    until("the user's service manager", lambda: os.path.exists("/run/user/1000/systemd/private"))
    bulkhead = Person(HOME)
    write(
        f"{HOME}/bulkhead.yaml",
        """
        apps:
          calm: {command: sleep 1000, memory: 48M}
          greedy: {command: [python3, -c, "x = []\\nwhile True: x.append(bytearray(1 << 20))"], memory: 48M, restart: never, autostart: false}
        """,
    )
    run(f"chown -R person {HOME}")
    ENDED_AFTER.append(bulkhead)
    bulkhead(f"up -d -f {HOME}/bulkhead.yaml")
    group = groups_of(bulkhead.pid("calm"))
    assert "/user@1000.service/app.slice/bulkhead-apps-" in group, group
    assert read(f"{group}/memory.max") == str(48 << 20)

    bulkhead("start greedy --no-wait")
    until("the kernel has killed it", lambda: bulkhead.get("incidents")["incidents"])
    words = bulkhead("why greedy")
    assert "limit" in words and "48" in words, words
    assert bulkhead.instance("calm")["state"] == "ready"
