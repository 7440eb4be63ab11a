"""The three supervisors behind one face: start a list of apps, tell daemon, keepers and logs, stop.

Each has a home of its own in a temporary folder and is ended by its own command or pid.
"""

import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field

import proc

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "bulkhead", "bench")
PM2_VERSION = "7.0.4"


class Missing(Exception):
    """This racer cannot run here; the text says why and what to do."""


@dataclass
class App:
    name: str
    command: list
    log: str = "plain"  # plain | rotate | gzip
    memory: int = 0  # MiB it may use, drained before; 0: plenty, and nothing is watched
    port: int = 0  # it serves HTTP there and says at /health whether it is well; 0: it serves nothing
    instances: int = 1
    environment: dict = field(default_factory=dict)


class Racer:
    name = ""
    socket = ""
    log_kinds = ("plain", "rotate")
    reloads = False  # whether it can replace the processes of a server while it goes on serving
    reloads_together = True  # whether several apps may be reloaded at once

    def __init__(self, home):
        self.home = home
        self.launched = 0
        self.daemon = 0

    def start(self, apps):
        """Launches the daemon with the apps; returns when its control socket answers. Sets `launched` and `up` (monotonic ns)."""
        os.makedirs(self.home, exist_ok=True)
        self.configure(apps)
        self.launched = time.monotonic_ns()
        self.launch()
        proc.wait_for(self.answers, 60, f"{self.name}: control socket")
        self.up = time.monotonic_ns()
        self.after_launch()

    def answers(self):
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(os.path.join(self.home, self.socket))
                return True
            except OSError:
                return False

    def run(self, *command, check=True):
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment(), cwd=self.home, timeout=120)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def spawn(self, *command, output):
        """Runs a command in the background; what it says goes into the file `output` of the home."""
        with open(os.path.join(self.home, output), "w") as file:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=self.environment(), cwd=self.home
            )

    def answer_of(self, app):
        """The file with what the last reload of `app` said."""
        return os.path.join(self.home, f"reload-{app}.out")

    def environment(self):
        return dict(os.environ)

    def after_launch(self):
        pass

    def keepers(self):
        """Pids of the helpers that stand between daemon and children."""
        return []

    def logs(self, app):
        """Files that hold what `app` wrote."""
        return glob.glob(os.path.join(self.home, f"{app}.log*"))


class Bulkhead(Racer):
    name = "bulkhead"
    socket = "run/bulkhead.sock"
    log_kinds = ("plain", "rotate", "gzip")
    reloads = True
    program = os.path.join(ROOT, "target/bulkhead/bin/bulkhead")

    @classmethod
    def install(cls):
        done = subprocess.run([os.path.join(ROOT, "bulkhead"), "version"], capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            raise Missing(f"./bulkhead version: exit {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout.split()[-1] if done.stdout.split() else "?"

    def configure(self, apps):
        lines = ["apps:"]
        for app in apps:
            log = {
                "plain": "{max_size: 10G, keep: 2, compress: false}",
                "rotate": "{max_size: 50M, keep: 50, compress: false}",
                "gzip": "{max_size: 50M, keep: 50, compress: true}",
            }[app.log]
            # A crash is answered at once when the run lasted a second and the one before is long ago; the bench crashes on.
            lines += [
                f"  {app.name}:",
                f"    command: {json.dumps(app.command)}",
                f"    memory: {app.memory or 256}M",
                *([] if app.memory else ["    memory_drain: off"]),
                "    backoff: {reset_after: 1s}",
                f"    log: {log}",
                f"    instances: {app.instances}",
                f"    environment: {json.dumps(app.environment)}",
            ]
            if app.port:
                lines += [
                    f"    listen: {app.port}",
                    "    healthcheck: {http: /health, interval: 1s, timeout: 2s, start_timeout: 10s}",
                ]
        with open(os.path.join(self.home, "bench.yaml"), "w") as file:
            file.write("\n".join(lines) + "\n")

    def launch(self):
        self.up_command = subprocess.Popen(
            [self.program, "up", "-d", "-f", os.path.join(self.home, "bench.yaml"), "--home", self.home],
            stdin=subprocess.DEVNULL,
            stdout=open(os.path.join(self.home, "up.out"), "w"),
            stderr=subprocess.STDOUT,
        )

    def after_launch(self):
        if self.up_command.wait(60) != 0:
            raise RuntimeError("bulkhead up -d: " + open(os.path.join(self.home, "up.out")).read()[-2000:])
        self.daemon = self.status()["daemon"]["pid"]

    def answers(self):
        if self.up_command.poll() not in (None, 0):
            raise RuntimeError("bulkhead up -d: " + open(os.path.join(self.home, "up.out")).read()[-2000:])
        return super().answers()

    def reload(self, app):
        return self.spawn(self.program, "reload", app, "--home", self.home, output=f"reload-{app}.out")

    def status(self):
        return json.loads(self.run(self.program, "status", "--json", "--home", self.home))

    def status_command(self):
        return [self.program, "status", "--home", self.home]

    def keepers(self):
        keepers = [i["keeper_pid"] for app in self.status()["apps"] for i in app["instances"] if i.get("keeper_pid")]
        return keepers + proc.children(keepers, "bulkhead-spare")

    def logs(self, app):
        names = glob.glob(os.path.join(self.home, "log", f"{app}[.-]*"))
        return [name for name in names if not name.endswith((".idx", ".index", ".tmp"))]

    def stop(self):
        keepers = []
        try:
            keepers = self.keepers()
            self.run(self.program, "shutdown", "--home", self.home, check=False)
            proc.wait_for(lambda: not proc.alive(self.daemon), 40, "end of the daemon", 0.02)
        finally:
            for pid in [self.daemon, *keepers]:
                if pid and proc.alive(pid):
                    print(f"  bulkhead: {pid} was left running; ended")
                    proc.end(pid, signal.SIGKILL)


class Supervisord(Racer):
    name = "supervisord"
    socket = "s.sock"

    @classmethod
    def install(cls):
        if not shutil.which("supervisord"):
            if os.geteuid() != 0 or not shutil.which("apt-get"):
                raise Missing("supervisord is not installed: apt install supervisor")
            print("installing the Debian package supervisor")
            subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "supervisor"], check=True, capture_output=True)
        return subprocess.run(["supervisord", "--version"], capture_output=True, text=True).stdout.strip()

    def configure(self, apps):
        lines = [
            "[unix_http_server]",
            f"file={self.home}/s.sock",
            "[supervisord]",
            f"logfile={self.home}/supervisord.log",
            f"pidfile={self.home}/supervisord.pid",
            f"childlogdir={self.home}",
            "nodaemon=true",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
            "[supervisorctl]",
            f"serverurl=unix://{self.home}/s.sock",
        ]
        for app in apps:
            size = 0 if app.log == "plain" else "50MB"
            lines += [
                f"[program:{app.name}]",
                f"command={' '.join(app.command)}",
                f"stdout_logfile={self.home}/{app.name}.log",
                f"stdout_logfile_maxbytes={size}",
                "stdout_logfile_backups=50",
                "redirect_stderr=true",
                "autorestart=true",
            ]
        with open(os.path.join(self.home, "supervisord.conf"), "w") as file:
            file.write("\n".join(lines) + "\n")

    def launch(self):
        self.process = subprocess.Popen(
            ["supervisord", "-c", os.path.join(self.home, "supervisord.conf")],
            stdin=subprocess.DEVNULL,
            stdout=open(os.path.join(self.home, "out"), "w"),
            stderr=subprocess.STDOUT,
        )
        self.daemon = self.process.pid

    def status_command(self):
        return ["supervisorctl", "-c", os.path.join(self.home, "supervisord.conf"), "status"]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


class Pm2(Racer):
    name = "pm2"
    socket = "rpc.sock"
    reloads = True
    reloads_together = False
    log_kinds = ("plain",)  # its rotation is a module of its own that copies and truncates
    program = os.path.join(CACHE, "node_modules/pm2/bin/pm2")

    @classmethod
    def install(cls):
        if not shutil.which("node"):
            raise Missing("PM2 needs Node: apt install nodejs npm")
        if not os.path.exists(cls.program) or cls.version() != PM2_VERSION:
            if not shutil.which("npm"):
                raise Missing("PM2 is installed by npm: apt install npm")
            print(f"installing pm2@{PM2_VERSION} with npm into {CACHE}")
            os.makedirs(CACHE, exist_ok=True)
            command = ["npm", "install", "--no-fund", "--no-audit", "--prefix", CACHE, f"pm2@{PM2_VERSION}"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise Missing(f"npm install pm2 failed: {done.stderr[-300:]}")
        return cls.version()

    @classmethod
    def version(cls):
        with open(os.path.join(CACHE, "node_modules/pm2/package.json")) as file:
            return json.load(file)["version"]

    def environment(self):
        return dict(os.environ, PM2_HOME=self.home, PM2_DISABLE_VERSION_CHECK="true", NO_COLOR="1")

    def configure(self, apps):
        entries = []
        for app in apps:
            entry = {"name": app.name, "out_file": f"{self.home}/{app.name}.log", "error_file": f"{self.home}/{app.name}.err", "pmx": False}
            if app.port:  # instances that share a port are its cluster mode, which starts a script of Node's
                entry.update(script=app.command[1], args=app.command[2:], exec_mode="cluster", instances=app.instances)
            else:
                entry.update(script=app.command[0], args=app.command[1:], interpreter="none")
            if app.memory:
                entry["max_memory_restart"] = f"{app.memory}M"
            if app.environment:
                entry["env"] = app.environment
            entries.append(entry)
        with open(os.path.join(self.home, "apps.config.json"), "w") as file:
            json.dump({"apps": entries}, file)

    def launch(self):
        self.start_command = subprocess.Popen(
            ["node", self.program, "start", os.path.join(self.home, "apps.config.json")],
            stdin=subprocess.DEVNULL,
            stdout=open(os.path.join(self.home, "out"), "w"),
            stderr=subprocess.STDOUT,
            env=self.environment(),
            cwd=self.home,
        )

    def after_launch(self):
        if self.start_command.wait(120) != 0:
            raise RuntimeError("pm2 start: " + open(os.path.join(self.home, "out")).read()[-2000:])
        with open(os.path.join(self.home, "pm2.pid")) as file:
            self.daemon = int(file.read())

    def reload(self, app):
        return self.spawn("node", self.program, "reload", app, output=f"reload-{app}.out")

    def status_command(self):
        return ["node", self.program, "ls"]

    def stop(self):
        self.run("node", self.program, "kill", check=False)
        if proc.alive(self.daemon):
            proc.end(self.daemon, signal.SIGTERM)


RACERS = [Bulkhead, Supervisord, Pm2]
