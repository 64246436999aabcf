"""The tests under the sanitizers of clang and Swift.

Run: python3 scripts/dev/trials/sanitize.py {thread,address,leak} [SUITES ...] [--build-only] [--skip-build] [--minutes 60]
(needs Swift's toolchain and ffmpeg; no `make build`).

Builds the tests, the program and the files for its tests in a separate folder, and runs one test target after the other:

thread   ThreadSanitizer, in .build-tsan: two threads use the same memory, one of them writes, and no lock orders them.
address  AddressSanitizer, and UndefinedBehaviorSanitizer for the kit's C, in .build-asan.
leak     LeakSanitizer, in the same build: memory that nothing points to when a process ends.

SUITES are names as for `swift test --filter`; the default is all targets. Tests that cannot run this way are left out
(SKIPPED): those that crash on purpose, which the sanitizers report and on which Swift's own backtracer then hangs; those
that limit memory, of which the sanitizers reserve terabytes; and those that install the kit, whose plugins are not
instrumented. System libraries are not instrumented either. Reports that they hide or cause are listed, with the reason, in
sanitize.thread.txt and sanitize.leak.txt next to this script, and sanitize.thread.c tells ThreadSanitizer about Swift's
own locks. Reports are kept below .build/trials/sanitize. Prints each kind of report once, with its place. Exits with 1 if
there is a report or a test fails.
"""
import argparse
import collections
import glob
import os
import re
import shutil
import subprocess
import sys
import time

from measure import ROOT, TRIALS

TARGETS = ["CoreTests", "TensorTests", "ModelTests", "DataTests", "MediaTests", "EvaluationTests", "TrainingTests", "LuaBridgeTests",
           "ReportTests", "RecipeTests", "ConformanceTests", "CommandTests", "FuzzTests"]
SKIPPED = ["PluginCrashTests", "MutatedMediaTests", "ScriptFuzzTests", "MemoryShortageTests", "SteadyTests", "BadPluginTests",
           "InstallTests", "PluginCommandTests"]
FOLDERS = {"thread": ".build-tsan", "address": ".build-asan", "leak": ".build-asan"}
FLAGS = {"thread": ["--sanitize", "thread"], "address": ["--sanitize", "address", "-Xcc", "-fsanitize=undefined"]}
FLAGS["leak"] = FLAGS["address"]
# A stack frame of the kit's own code, as reports write it.
OWN = re.compile(r"(/(?:Sources|Tests|benchmarks)/\S+?:\d+)")


def locks():
    """Builds the library that tells ThreadSanitizer about Swift's locks."""
    library = os.path.join(ROOT, FOLDERS["thread"], "sanitize.thread.so")
    beside = os.path.join(os.path.dirname(os.path.realpath(shutil.which("swift"))), "clang")
    subprocess.run([beside, "-O2", "-shared", "-fPIC", "-o", library, os.path.join(ROOT, "scripts/dev/trials/sanitize.thread.c")],
                   check=True)
    return library


def options(kind, log):
    """The sanitizers' options, as environment variables."""
    beside = os.path.join(ROOT, "scripts/dev/trials")
    address = f"allocator_may_return_null=1:detect_stack_use_after_return=0:log_path={log}"
    return {
        "thread": {"TSAN_OPTIONS": f"halt_on_error=0:report_signal_unsafe=0:exitcode=0:history_size=4:log_path={log}:"
                                   f"suppressions={beside}/sanitize.thread.txt",
                   "LD_PRELOAD": os.path.join(ROOT, FOLDERS["thread"], "sanitize.thread.so")},
        "address": {"ASAN_OPTIONS": f"detect_leaks=0:{address}", "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={log}"},
        "leak": {"ASAN_OPTIONS": f"detect_leaks=1:exitcode=0:{address}", "UBSAN_OPTIONS": f"log_path={log}",
                 "LSAN_OPTIONS": f"exitcode=0:print_suppressions=0:suppressions={beside}/sanitize.leak.txt"},
    }[kind]


def build(kind):
    for product in ("dubkit", "dubkitPackageTests", "TrainingProgram"):
        words = ["swift", "build", "-c", "release", "--scratch-path", FOLDERS[kind], *FLAGS[kind], "--product", product]
        ended = subprocess.run(words, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if ended.returncode != 0:
            sys.exit(f"cannot build {product}:\n{ended.stdout[-3000:]}")


def reports(log):
    """The number of reports by the processes of a target, for each kind and each place in the kit."""
    found = collections.Counter()
    for path in glob.glob(f"{log}*"):
        text = open(path, errors="replace").read()
        for part in re.split(r"^=+$|^(?=\S+:\d+:\d+: runtime error)|\n\n(?=(?:Direct|Indirect) leak)", text, flags=re.M):
            kind = re.search(r"(?:WARNING|ERROR): \w+Sanitizer: ([\w -]+)|runtime error: ([^\n]+)|((?:Direct|Indirect) leak)", part)
            if not kind or "Sanitizer: detected memory leaks" in part[:200] and "leak of" not in part:
                continue
            places = [place.split("/Sources/")[-1].split("/Tests/")[-1] for place in OWN.findall(part)]
            what = next(filter(None, kind.groups())).strip()
            found[what, " < ".join(dict.fromkeys(places[:3])) or "no frame of the kit's"] += 1
    return found


def run(kind, target, minutes):
    """Runs a target's tests. Returns whether they passed without a report."""
    folder = os.path.join(TRIALS, "sanitize", kind)
    os.makedirs(folder, exist_ok=True)
    log = os.path.join(folder, f"{target}.report")
    for old in glob.glob(f"{log}*"):
        os.unlink(old)
    began = time.monotonic()
    # Not with `swift test`: the library for locks would be loaded into it, too.
    words = [os.path.join(ROOT, FOLDERS[kind], "release/dubkitPackageTests.xctest"), "--testing-library", "swift-testing",
             "--no-parallel", "--filter", rf"^{target}\." if target in TARGETS else target]
    for skipped in SKIPPED:
        words += ["--skip", skipped]
    with open(os.path.join(folder, f"{target}.log"), "w") as output:
        try:
            status = subprocess.run(words, cwd=ROOT, env={**os.environ, **options(kind, log)}, stdout=output, stderr=output,
                                    timeout=minutes * 60, check=False).returncode
        except subprocess.TimeoutExpired:
            status = None
    text = open(output.name, errors="replace").read()
    ended = re.findall(r"^. (?:Test case|Test(?! run)) .*? (passed|failed) after", text, re.M)
    found = reports(log)
    print(f"{target}: {ended.count('passed')} tests passed, {ended.count('failed')} failed, {sum(found.values())} reports of "
          f"{len(found)} kinds, {time.monotonic() - began:.0f} s{'' if status is not None else ': out of time'}", flush=True)
    for (what, places), count in found.most_common():
        print(f"  {count} x {what}: {places}")
    for line in re.findall(r"✘ Test .*", text)[:20]:
        print(f"  {line}")
    return status == 0 and not found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["thread", "address", "leak"])
    parser.add_argument("suites", nargs="*", metavar="SUITES")
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--skip-build", action="store_true")
    parser.add_argument("--minutes", type=float, default=60, help="maximum for each target")
    given = parser.parse_args()
    if not given.skip_build:
        build(given.kind)
    if given.kind == "thread":
        locks()
    if not given.build_only:
        sys.exit(0 if all([run(given.kind, target, given.minutes) for target in given.suites or TARGETS]) else 1)


if __name__ == "__main__":
    main()
