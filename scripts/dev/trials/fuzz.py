"""Fuzzes the readers of untrusted files with libFuzzer, guided by the coverage of the kit's own code.

Run: python3 scripts/dev/trials/fuzz.py [READER ...] [--minutes 10] [--minimise] (needs Swift's toolchain; no `make build`)

Builds the fuzzer in .build-fuzz, with AddressSanitizer, and runs each reader for --minutes, one after the other. It starts
from the corpora below Tests/FuzzTests/Fixtures and from the inputs that earlier calls found. Failures are a crash, a broken
promise (Tests/ReaderChecks), and an input that takes more than 10 s or more than 1 GiB of memory; the input is kept below
.build/trials/fuzz/READER/kept, and the script exits with 1. --minimise merges the inputs that were found into the committed
corpora: the fewest files that reach the same code, none above 1 KiB.
"""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys

from measure import ROOT, TRIALS

READERS = ["safetensors", "torch", "npy", "json", "csv", "elf", "container", "tar"]
CORPORA = os.path.join(ROOT, "Tests/FuzzTests/Fixtures")
SCRATCH = os.path.join(ROOT, ".build-fuzz")
LIMITS = ["-timeout=10", "-rss_limit_mb=1024"]
LARGEST_COMMITTED = 1024
COVERAGE = "-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table"


def build():
    """The fuzzer's path."""
    info = subprocess.run(["swiftc", "-print-target-info"], check=True, capture_output=True, text=True).stdout
    resources = re.search(r'"runtimeResourcePath": "([^"]+)"', info).group(1)
    # The library without a `main`, since the fuzzer is a Swift program.
    library = sorted(glob.glob(f"{resources}/clang/lib/linux/libclang_rt.fuzzer_no_main-*.a"))[0]
    words = ["swift", "build", "-c", "release", "--scratch-path", SCRATCH, "--product", "dubkit-fuzz", "--sanitize", "address",
             "-Xswiftc", COVERAGE, "-Xlinker", library, "-Xlinker", "-lstdc++"]
    subprocess.run(words, check=True, cwd=ROOT, env={**os.environ, "DUBKIT_FUZZER": "1"}, stdout=subprocess.DEVNULL)
    return os.path.join(SCRATCH, "release/dubkit-fuzz")


def environment(reader):
    # Symbolising a trace may take minutes; `llvm-symbolizer` can do it afterwards.
    return {**os.environ, "DUBKIT_READER": reader, "ASAN_OPTIONS": "symbolize=0:detect_leaks=1"}


def folders(reader):
    """The folders of found inputs, of failing inputs and of the committed corpus."""
    base = os.path.join(TRIALS, "fuzz", reader)
    paths = [os.path.join(base, name) for name in ("corpus", "kept")] + [os.path.join(CORPORA, reader)]
    for path in paths:
        os.makedirs(path, exist_ok=True)
    return paths


def fuzz(program, reader, minutes):
    """Fuzzes one reader. Returns whether nothing failed."""
    corpus, kept, committed = folders(reader)
    before = set(os.listdir(kept))
    log = os.path.join(TRIALS, "fuzz", f"{reader}.log")
    with open(log, "w") as file:
        ended = subprocess.run(
            [program, corpus, committed, f"-dict={CORPORA}/{reader}.dict", f"-artifact_prefix={kept}/", "-max_len=4096",
             f"-max_total_time={round(minutes * 60)}", "-print_final_stats=1", "-detect_leaks=1", *LIMITS],
            env=environment(reader), stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)
    text = open(log, errors="replace").read()
    executions, growth, memory = (
        (re.findall(rf"stat::{name}:\s+(\d+)", text) or ["?"])[-1]
        for name in ("number_of_executed_units", "new_units_added", "peak_rss_mb"))
    cov, features, files = (re.findall(r"cov: (\d+) ft: (\d+) corp: (\S+)", text) or [("?", "?", "?")])[-1]
    failed = sorted(set(os.listdir(kept)) - before)
    print(f"{reader}: {executions} executions in {minutes:g} min, {cov} edges, {features} features, corpus {files} ({growth} new), "
          f"{memory} MiB, {len(failed)} failures, exit {ended.returncode}", flush=True)
    for name in failed:
        print(f"  {kept}/{name}; its trace is in {log}")
    return not failed and ended.returncode == 0


def minimise(program, reader):
    """Merges inputs into the committed corpus. Returns whether it was replaced; if the merge fails or leaves nothing, it
    stays."""
    corpus, _, committed = folders(reader)
    fresh = os.path.join(TRIALS, "fuzz", reader, "merged")
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    log = os.path.join(TRIALS, "fuzz", f"{reader}.merge.log")
    with open(log, "w") as file:
        ended = subprocess.run(
            [program, "-merge=1", "-use_counters=0", f"-max_len={LARGEST_COMMITTED}", *LIMITS, fresh, committed, corpus],
            env=environment(reader), stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)
    sizes = [os.path.getsize(os.path.join(fresh, name)) for name in os.listdir(fresh)]
    if ended.returncode != 0 or not sizes:
        print(f"{reader}: merged into {len(sizes)} files, exit {ended.returncode}; the committed corpus is unchanged; see {log}")
        return False
    shutil.rmtree(committed)
    shutil.move(fresh, committed)
    print(f"{reader}: {len(sizes)} files of {sum(sizes)} bytes committed, the largest of {max(sizes)}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"{', '.join(READERS)}; all if none is given")
    parser.add_argument("--minutes", type=float, default=10, help="for each reader")
    parser.add_argument("--minimise", action="store_true", help="only merge found inputs into the committed corpora")
    options = parser.parse_args()
    for reader in options.readers:
        if reader not in READERS:
            parser.error(f"unknown reader '{reader}': there are {', '.join(READERS)}")
    program, readers = build(), options.readers or READERS
    work = minimise if options.minimise else lambda program, reader: fuzz(program, reader, options.minutes)
    sys.exit(0 if all([work(program, reader) for reader in readers]) else 1)


if __name__ == "__main__":
    main()
