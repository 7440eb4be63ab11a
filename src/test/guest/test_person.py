"""An ordinary user outside of a service manager of their own: the limits are sampled there, and that is said."""

from guest import Daemon, run

HOME = "/home/person/bulkhead"


class Person(Daemon):
    program = "runuser -u person -- env HOME=/home/person bulkhead"

    def configure(self, text):
        super().configure(text)
        run(f"chown -R person {HOME}")


def test_limits_without_root_are_sampled():
    bulkhead = Person(HOME)
    bulkhead.up("apps:\n  calm: {command: sleep 1000, memory: 48M}\n")
    assert bulkhead.instance("calm")["state"] == "ready"
    assert bulkhead.instance("calm")["memory_enforcement"] == "sampled"
    assert "sampled" in str(bulkhead.get("doctor"))
