"""Where and when something was measured."""
import contextlib
import datetime
import os
import platform

from harness.workers import THREADS, limits


def processor():
    with contextlib.suppress(OSError):
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def facts():
    """The date, the machine, and its limits at this moment."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{processor()}, {THREADS} threads, {memory:.0f} GiB, {platform.platform()}",
        "limits": limits(),
    }


def words(limits):
    return (f"sgemm {limits['sgemm_gflops']:.0f} GFLOP/s ({limits['sgemm_gflops_one_thread']:.0f} on one thread), triad "
            f"{limits['triad_gbytes']:.0f} GB/s ({limits['triad_gbytes_one_thread']:.0f})")
