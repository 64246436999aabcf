"""A fresh Python that imports the packages that a user of PyTorch needs for films."""
import os
import resource
import subprocess
import sys
import time


class Workload:
    memory_of = resource.RUSAGE_CHILDREN

    def __init__(self, spec):
        self.command = [sys.executable, "-W", "ignore", "-c", spec["imports"]]

    def check(self):
        return {}

    def run(self):
        start = time.perf_counter()
        subprocess.run(self.command, check=True, cwd=os.path.dirname(__file__))
        return time.perf_counter() - start
