"""The daemon at boot, as `bulkhead startup` sets it up: power-off drains the apps in order, and they are back afterwards."""

import os

from guest import Daemon, run, until
from installed import CONFIGURATION, PROGRAM, bulkhead, drained, install, is_up, main_pid


class Person(Daemon):
    """One with a service manager of their own, which `loginctl enable-linger` has begun."""

    def __init__(self):
        super().__init__("/home/person/own")
        self.uid = run("id -u person").strip()

    def as_person(self, words, **options):
        return run(f"runuser -u person -- env HOME=/home/person USER=person XDG_RUNTIME_DIR=/run/user/{self.uid} {words}", **options)

    def __call__(self, words, **options):
        return self.as_person(f"{PROGRAM} {words}{self.options}", **options)


def before_reboot_a_service_of_the_system():
    install()
    bulkhead.configure(CONFIGURATION)
    bulkhead("startup")
    until("the apps run", lambda: is_up(bulkhead, "api"))
    bulkhead.do("apps/held/stop")


def before_reboot_a_service_of_a_person():
    person = Person()
    run("loginctl enable-linger person")
    until("their service manager runs", lambda: os.path.exists(f"/run/user/{person.uid}/systemd/private"), timeout=60)
    person.configure("apps:\n  calm: {command: sleep 1000, memory: 48M}\n")
    run("chown -R person /home/person/own")
    words = person("startup")
    assert "enable bulkhead-home-person-own.service" in words and "enable-linger" not in words, words
    until("their app runs", lambda: is_up(person, "calm"))
    assert person.instance("calm")["memory_enforcement"] == "kernel", person("doctor")
    pid = person.pid("calm")
    person.as_person("systemctl --user restart bulkhead-home-person-own")
    until("it is back", lambda: is_up(person, "calm"))
    assert person.pid("calm") == pid


def after_reboot_apps_were_drained_in_order_and_are_back():
    assert drained() == ["api", "queue"], drained()
    until("the apps run", lambda: is_up(bulkhead, "api") and is_up(bulkhead, "queue"))
    assert bulkhead.get("status")["daemon"]["pid"] == main_pid()
    assert bulkhead.instance("held")["state"] == "stopped"
    assert bulkhead.instance("api")["memory_enforcement"] == "kernel"
    assert bulkhead.instance("api")["restarts"] == 0


def after_reboot_a_person_s_apps_are_back():
    person = Person()
    until("their app runs", lambda: is_up(person, "calm"))
    assert person.instance("calm")["memory_enforcement"] == "kernel"
