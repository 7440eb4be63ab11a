"""Web servers under load: what becomes of the requests while they are reloaded, killed, down, or replaced by a broken build.

supervisord takes no part: it can neither reload nor let two processes share a port.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time

import proc
from racers import CACHE, ROOT, App

KINDS = ("http", "express", "fastify", "nest")
PACKAGES = os.path.join(CACHE, "web")
FILES = os.path.join(ROOT, "bench/web")
BREAKAGES = {"throws": "throws at once", "throws-later": "throws after 1.5 s", "mute": "never ready", "ill": "500 on health"}


def install():
    """Express, Fastify and Nest from npm, once for each package.json."""
    wanted = os.path.join(FILES, "package.json")
    there = os.path.join(PACKAGES, "package.json")
    if os.path.exists(os.path.join(PACKAGES, "node_modules")) and os.path.exists(there) and open(there).read() == open(wanted).read():
        return
    print(f"installing express, fastify and nest with npm into {PACKAGES}")
    os.makedirs(PACKAGES, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-fund", "--no-audit", "--prefix", PACKAGES]
    shutil.copy(wanted, there)
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as failed:
        os.remove(there)
        raise RuntimeError(f"npm install: {failed.stderr[-300:]}") from failed


def reload(racer_class, bench):
    """20 reloads of two instances of each framework at once, under load of requests that take 5 ms, 200 ms and 2 s."""
    if not racer_class.reloads:
        return {}
    found = {}
    with bench.home(racer_class) as racer:
        apps = start(racer, KINDS)
        clients = [Clients(app) for app in apps]
        begun = time.monotonic()
        for _ in range(bench.repetitions):
            commands = []
            for app in apps:
                commands.append(racer.reload(app.name))
                if not racer.reloads_together:
                    commands[-1].wait(300)
            for app, command in zip(apps, commands):
                if command.wait(300) != 0:
                    found[f"reload of {app.name} failed"] = open(racer.answer_of(app.name)).read().strip()[-500:]
        took = (time.monotonic() - begun) / bench.repetitions
        for app, counts in zip(apps, [client.stop() for client in clients]):
            for group, counted in counts.items():
                for key, words in (("answered", ("answered",)), ("hung", ("hung",)), ("lost", tuple(set(counted) - {"answered", "hung"}))):
                    name = f"reload_{key}_{group.split()[1] if key == 'lost' else 'all'}"
                    found[name] = found.get(name, 0) + sum(counted.get(word, 0) for word in words)
            spoiled = {group: others for group, counted in counts.items() if (others := {w: n for w, n in counted.items() if w != "answered"})}
            print(f"\n    {app.name}:", json.dumps(spoiled) if spoiled else "nothing lost", end="")
    found["reload_took"] = took
    print("\n   ", end="")
    return found


def killed(racer_class, bench):
    """`kill -9` of one of two instances under load, ten times: what was in the process is lost, nobody may be refused."""
    if not racer_class.reloads:
        return {}
    with bench.home(racer_class) as racer:
        [app] = start(racer, ["http"])
        clients = Clients(app, "5")
        for _ in range(10):
            time.sleep(2)
            os.kill(serving(app)[0], signal.SIGKILL)
        time.sleep(2)
        counts = total(clients.stop())
        return {"killed_refused": counts.get("ECONNREFUSED", 0), "killed_lost": lost(counts), "killed_hung": counts.get("hung", 0)}


def down(racer_class, bench):
    """Both instances killed, and their replacements serve only after 2 s."""
    if not racer_class.reloads:
        return {}
    with bench.home(racer_class) as racer:
        [app] = start(racer, ["http"])
        clients = Clients(app, "5")
        time.sleep(2)
        spoil(racer, "late")
        for pid in serving(app):
            os.kill(pid, signal.SIGKILL)
        time.sleep(8)
        counts = total(clients.stop())
        return {"down_refused": counts.get("ECONNREFUSED", 0), "down_hung": counts.get("hung", 0)}


def broken(racer_class, bench):
    """A broken build is reloaded, four kinds of broken: the old one must serve on, and the command must say so."""
    if not racer_class.reloads:
        return {}
    figures = {}
    for breakage, words in BREAKAGES.items():
        with bench.home(racer_class) as racer:
            [app] = start(racer, ["http"])
            clients = Clients(app, "5,200")
            time.sleep(1)
            spoil(racer, breakage)
            code = racer.reload(app.name).wait(120)
            time.sleep(4)
            counts = total(clients.stop())
            serves = asked(app) == "200"
            figures[f"broken_{breakage}"] = lost(counts) + counts.get("hung", 0)
            figures[f"broken_{breakage}_said"] = f"exit {code}, {'serves' if serves else 'DOWN'}"
            print(f"\n    {words}: {counts}, exit {code}, {'serves' if serves else 'DOWN'}", end="")
    print("\n   ", end="")
    return figures


class Clients:
    """bench/web/clients.cjs at work."""

    def __init__(self, app, times="5,200,2000"):
        command = ["node", os.path.join(FILES, "clients.cjs"), str(app.port), times]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def stop(self):
        """{group: {what became of a request: how often}}"""
        out, _ = self.process.communicate(timeout=60)
        return json.loads(out)


def start(racer, kinds):
    install()
    state = os.path.join(racer.home, "state")
    os.makedirs(state, exist_ok=True)
    apps = []
    for kind in kinds:
        port = free_port()
        command = [shutil.which("node"), os.path.join(FILES, "server.cjs"), kind, str(port), state]
        apps.append(App(kind, command, memory=0, port=port, instances=2, environment={"BENCH_PACKAGES": PACKAGES}))
    racer.start(apps)
    for app in apps:
        proc.wait_for(lambda app=app: asked(app) == "200", 60, f"{app.name} to serve")
    return apps


def spoil(racer, name):
    open(os.path.join(racer.home, "state", name), "w").close()


def asked(app):
    """The status that /health answers, or empty."""
    try:
        with socket.create_connection(("127.0.0.1", app.port), 3) as client:
            client.settimeout(3)
            client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return client.recv(64).decode("latin-1").split(" ")[1]
    except (OSError, IndexError):
        return ""


def serving(app):
    """Pids of the processes that answer, as far as 20 requests show them."""
    pids = set()
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", app.port), 20) as client:
            client.settimeout(20)
            client.sendall(b"GET /0 HTTP/1.0\r\n\r\n")
            text = b""
            while block := client.recv(4096):
                text += block
        pids.add(int(text.rpartition(b"\r\n\r\n")[2]))
    return sorted(pids)


def total(groups):
    counts = {}
    for group in groups.values():
        for word, count in group.items():
            counts[word] = counts.get(word, 0) + count
    return counts


def lost(counts):
    return sum(count for word, count in counts.items() if word not in ("answered", "hung"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


TESTS = {"reload": reload, "killed": killed, "down": down, "broken": broken}
