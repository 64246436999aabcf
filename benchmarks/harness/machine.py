"""Which machine this is, when something was measured on it, and what it can do at most."""
import datetime
import os
import pathlib
import platform

from harness.workers import limits

# The extensions that decide how fast a network runs, as /proc/cpuinfo names them.
EXTENSIONS = "avx2", "avx512f", "avx512_bf16", "amx_bf16"


def identity(cpuinfo, instruction_set, threads):
    """What tells machines apart. The name alone does not: a virtual machine may call its processor just "AMD EPYC"."""
    fields = {}
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())  # The first processor's; all are alike.
    flags = fields.get("flags", "").split()
    return {
        "processor": fields.get("model name") or platform.machine(), "family": fields.get("cpu family"),
        "model": fields.get("model"), "extensions": [name for name in EXTENSIONS if name in flags],
        "instruction_set": instruction_set, "threads": threads,
    }


def name(identity):
    """One line that names the machine, the same in every run."""
    parts = [identity["processor"]]
    if identity["family"]:
        parts[0] += f" (family {identity['family']}, model {identity['model']})"
    if identity["extensions"]:
        parts.append("with " + " ".join(identity["extensions"]))
    return ", ".join([*parts, f"kernels {identity['instruction_set']}", f"{identity['threads']} threads"])


def facts():
    """The date, the machine, and its limits at this moment."""
    measured, cpuinfo = limits(), pathlib.Path("/proc/cpuinfo")
    own = identity(cpuinfo.read_text() if cpuinfo.exists() else "", measured["instruction_set"], measured["threads"])
    return {
        "date": datetime.date.today().isoformat(), "machine": name(own),
        "system": f"{memory() / 1024:.0f} GiB, {platform.platform()}", "limits": measured["limits"],
    }


def memory():
    """The machine's memory in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20


def highest(runs):
    """The limits of a machine: the highest rates that several runs measured. While anything else runs, they are too low."""
    limits = {}
    for measured in runs:
        for name, rate in measured.items():
            former = limits.setdefault(name, rate)
            limits[name] = {**rate, **{threads: max(rate[threads], former[threads]) for threads in ("all_threads", "one_thread")}}
    return limits


def words(limits):
    """All limits in one line."""
    return ", ".join(f"{name} {rate['all_threads']:.0f} {rate['unit']} ({rate['one_thread']:.0f} on one thread)"
                     for name, rate in limits.items())
