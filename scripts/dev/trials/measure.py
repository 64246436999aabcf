"""Shared by the trials: paths, and a process with the time and memory that it took."""
import os
import shutil
import subprocess
import tempfile
import threading
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
TRIALS = os.path.join(ROOT, ".build/trials")
PROGRAM = os.environ.get("DUBKIT", os.path.join(ROOT, ".build/release/dubkit"))


class Ended:
    """An ended process: its status (minus the signal if a signal ended it), its output, and the time and memory it took."""

    def __init__(self, status, output, errors, seconds, kilobytes):
        self.status, self.output, self.errors = status, output, errors
        self.seconds, self.kilobytes = seconds, kilobytes


class Process:
    """A process in its own group. Its output goes to files, so that no full pipe can block it."""

    def __init__(self, words, environment=None):
        self.output, self.errors = (tempfile.TemporaryFile("w+", errors="backslashreplace") for _ in range(2))
        self.began = time.monotonic()
        self.child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors, cwd=ROOT,
                                      env={**os.environ, **(environment or {})}, start_new_session=True)
        self.pid = self.child.pid

    def isRunning(self):
        """Whether it has not ended yet. Does not reap it, so its use of resources can still be read."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def kill(self, signal, group=False):
        try:
            (os.killpg if group else os.kill)(self.pid, signal)
        except ProcessLookupError:
            pass

    def wait(self, timeout=None):
        """Waits for the end; kills the group if it takes longer than `timeout` seconds."""
        clock = threading.Timer(timeout, self.kill, [9, True]) if timeout else None
        if clock:
            clock.start()
        _, status, usage = os.wait4(self.pid, 0)
        seconds = time.monotonic() - self.began
        if clock:
            clock.cancel()
        self.child.returncode = code = os.waitstatus_to_exitcode(status)
        words = []
        for file in (self.output, self.errors):
            file.seek(0)
            words.append(file.read())
            file.close()
        return Ended(code, *words, seconds, usage.ru_maxrss)


def run(words, environment=None, timeout=None):
    """Runs a process to its end."""
    return Process(words, environment).wait(timeout)


def keep(out, kept):
    """Keeps a copy of a folder in which something was wrong."""
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(out, kept, symlinks=True)
