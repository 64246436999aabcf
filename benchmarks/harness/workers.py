"""The processes that do the work. Each sleeps while another one works."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parents[1]
ROOT = FOLDER.parent
BUILD = ROOT / ".build" / "release"
PYTHON = os.environ.get("DUBKIT_PEERS_PYTHON", sys.executable)
THREADS = int(os.environ.get("DUBKIT_THREADS", os.cpu_count()))


def require_peers():
    """Exits with a reason if the peers cannot run."""
    if subprocess.run([PYTHON, "-c", "import torch, av"], capture_output=True).returncode:
        raise SystemExit(f"run.py: {PYTHON} lacks torch or av: set DUBKIT_PEERS_PYTHON to a Python with peers/requirements.txt")


class Failure(Exception):
    """A worker ended or returned a wrong result."""


class Worker:
    """A process that answers one line of JSON for each request: check, run, memory."""

    def __init__(self, name, command, environment):
        self.name = name
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER,
            env={**os.environ, "PYTHONWARNINGS": "ignore", **environment})

    def ask(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{self.name} ended with {self.process.wait()} during '{request}'")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):  # It may have ended by itself.
            self.process.stdin.close()
        self.process.wait()


def kit(row, spec):
    environment = {"DUBKIT_THREADS": str(row.threads or THREADS)}
    return Worker("dubkit", [BUILD / "dubkit-bench", row.family, json.dumps(spec)], environment)


def peer(row, spec, form):
    threads = row.threads or THREADS
    command = [PYTHON, FOLDER / "peers" / "worker.py", row.family, json.dumps({**spec, **form.options, "threads": threads})]
    return Worker(form.name, command, {"OMP_NUM_THREADS": str(threads), **form.environment})


def prepared(family, spec, folder):
    """Tells the family's peer to create the files for the work in the folder. Returns its answer."""
    command = [PYTHON, FOLDER / "peers" / "worker.py", family, json.dumps(spec), str(folder)]
    return json.loads(subprocess.check_output([str(word) for word in command], text=True, cwd=FOLDER))


def limits():
    """The machine's limits, measured by the kit's side."""
    return json.loads(subprocess.check_output([str(BUILD / "dubkit-bench"), "limits"], text=True))
