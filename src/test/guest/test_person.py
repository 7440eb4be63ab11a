"""An ordinary user outside of a service manager of their own: the limits are sampled there, and that is said."""

from guest import Daemon, ENDED_AFTER, run, until, write

HOME = "/home/person/bulkhead"


class Person(Daemon):
    def __call__(self, words, **options):
        return run(f"runuser -u person -- env HOME=/home/person bulkhead {words}{self.options}", **options)


def test_limits_without_root_are_sampled():
    bulkhead = Person(HOME)
    write(f"{HOME}/bulkhead.yaml", "apps:\n  calm: {command: sleep 1000, memory: 48M}\n")
    run(f"chown -R person {HOME}")
    ENDED_AFTER.append(bulkhead)
    bulkhead(f"up -d -f {HOME}/bulkhead.yaml")
    until("it is ready", lambda: bulkhead.instance("calm")["state"] == "ready")
    assert bulkhead.instance("calm")["memory_enforcement"] == "sampled"
    assert "sampled" in bulkhead("doctor", status=None)
