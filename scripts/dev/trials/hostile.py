"""Tries senseless values for every option of every command, every key of the shipped recipes and every value of model.json.

Run: python3 scripts/dev/trials/hostile.py [--only TEXT] [--seconds 20] [--short]

Each call must end by itself within --seconds, with an exit code that is promised. If it refuses something, it must name the
option, the key, the file or the value. A dry run must leave no files. A call may also do what it was asked for, since no
value is wrong by itself. Memory and file sizes are limited, so that a size for which the machine lacks room is refused and
not tried. Exits with 1 if anything else happens. --short tries only a few values for each option, those that found most
faults.
"""
import argparse
import copy
import glob
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time

from jobs import FILMS, RECIPE, RUN, make_inputs
from measure import PROGRAM, ROOT, TRIALS

PLACE = os.path.join(TRIALS, "hostile")
PROMISED = {0, 64, 65, 66, 74, 75, 78, 80}
LONG = "x" * 5000
NUMBERS = ["0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e308", "1e-320", "nan", "inf",
           "-inf", "0x3", "1.5", "+2"]
TEXTS = ["", " ", ",", ".", "/dev/null", "/dev/stdin", "/dev/full", "a\nb", "\x1b[31mred", b"\xff\xfe", LONG, "é",
         "{data_root}", "%s%n", "--", "-", "nil", "{}", "="]
SHORT = ["", "-1", "9223372036854775807", "1e308", "nan", ".", LONG]
SOUNDS = os.path.join(TRIALS, "inputs/sounds")
STEMS, LABELS = os.path.join(SOUNDS, "stems.csv"), os.path.join(SOUNDS, "labels.csv")
HERE = os.path.join(PLACE, "here")

# The words of each command; each option in turn takes a hostile value in place of its own.
COMMANDS = {
    "data check": (["data", "check", FILMS], ["--seconds", "--languages", "--data-root"]),
    "embed": (["embed", FILMS, "--run", RUN, "--out", f"{PLACE}/features", "--progress", "none"],
              ["--run", "--out", "--views", "--languages", "--step", "--crops", "--rows", "--format", "--unusable", "--batch",
               "--workers", "--progress", "--plugin"]),
    "report": (["report", RUN, "--out", f"{PLACE}/report", "--data", FILMS, "--clips", "2", "--examples", "1", "--progress",
                "none"], ["--out", "--data", "--labels", "--results", "--reference", "--languages", "--clips", "--examples"]),
    "run": (["run", RECIPE, "--dry-run", f"data={FILMS}"],
            ["--set", "--resume", "--runs", "--progress", "--plugin"]),
    "plugin new": (["plugin", "new", "loss", "mine", "-o", f"{PLACE}/mine"], ["-o"]),
    "lua types": (["lua", "types", "-o", f"{PLACE}/kit.lua"], ["-o"]),
}
# The commands that take a path or a name as an argument, not as an option.
ARGUMENTS = {
    "data check": ["data", "check", "VALUE"],
    "embed": ["embed", "VALUE", "--run", RUN, "--out", f"{PLACE}/features", "--progress", "none"],
    "report": ["report", "VALUE", "--out", f"{PLACE}/report"],
    "run": ["run", "VALUE"],
    "run, a key": ["run", RECIPE, "--dry-run", "VALUE"],
    "help": ["help", "VALUE"],
    "docs": ["docs", "VALUE"],
    "plugin new, kind": ["plugin", "new", "VALUE", "mine", "-o", f"{PLACE}/mine"],
    "plugin new, name": ["plugin", "new", "loss", "VALUE", "-o", f"{PLACE}/mine"],
    "plugin build": ["plugin", "build", "VALUE"],
    "a subcommand": ["VALUE"],
}
SMALL = {"data": FILMS, "scale": "small", "batch": 2, "k": 1, "primary": "en", "secondary": "es"}
RECIPES = {
    **{f"scripts/pretrain/{name}.lua": SMALL for name in ("audio_audio", "simclr_av", "simclr_dub", "simclr_v2", "simclr_sep")},
    "scripts/separate/train.lua": {"data": STEMS, "batch": 2, "seconds": 1, "weights": f"{PLACE}/weights.safetensors"},
    "scripts/separate/evaluate.lua": {"data": STEMS},
    "scripts/separate/remove_speech.lua": {"data": FILMS, "language": "en"},
    "scripts/evaluate/probe.lua": {"run": RUN, "path": LABELS, "language": "und", "out": f"{PLACE}/features"},
    "samples/make_world.lua": {"out": f"{PLACE}/world", "films": 1, "seconds": 2, "height": 16, "frame_rate": 1, "speech": 0},
    "samples/make_stems.lua": {"out": f"{PLACE}/stems", "films": 1, "seconds": 2},
    "samples/make_movies.lua": {"out": f"{PLACE}/movies", "films": 1, "seconds": 2, "height": 16, "frame_rate": 1},
}


def make_sounds():
    """Eight sounds of 3 s, as pairs of background and speech and as a labelled set."""
    os.makedirs(SOUNDS, exist_ok=True)
    for number in range(8):
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                        f"anoisesrc=d=3:r=48000:a=0.3:seed={number}", "-ac", "2", f"{SOUNDS}/{number}.wav"], check=True)
    with open(STEMS, "w") as stems, open(LABELS, "w") as labels:
        stems.write("background,speech,split\n")
        labels.write("path,label,split\n")
        for number in range(4):
            stems.write(f"{number}.wav,{number + 4}.wav,{'train' if number < 2 else 'held_out'}\n")
            for part, sound in (("train", number), ("test", number + 4)):
                labels.write(f"{sound}.wav,{'even' if number % 2 else 'odd'},{part}\n")


def bounded():
    """Limits memory and file sizes to what the shipped recipes need."""
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def call(words, seconds):
    """The exit code (None if the call took too long), the error output, and the seconds."""
    began = time.monotonic()
    child = subprocess.Popen([PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE,
                             preexec_fn=bounded, start_new_session=True)
    try:
        output, errors = child.communicate(timeout=seconds)
        return child.returncode, errors.decode(errors="replace"), time.monotonic() - began
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, 9)
        return None, child.communicate()[1].decode(errors="replace"), time.monotonic() - began


def fault(status, errors, names):
    """What is wrong with the way a call ended, in words; "" if nothing is."""
    if status is None:
        return "does not end"
    if status not in PROMISED:
        return f"exit {status}"
    if "\x1b" in errors:
        return "an escape sequence reaches the terminal"
    errors = errors.replace("\n", "\\n")
    # An empty value can be named only in these ways.
    if "" in names:
        names = [*names, "''", "empty"]
    if status and not any(name and name in errors for name in names):
        return f"exit {status} without naming any of {[name[:40] for name in names]}"
    return ""


def left():
    """The files below PLACE, without the run that `models` copies there."""
    return [path for path in glob.glob(os.path.join(PLACE, "**"), recursive=True, include_hidden=True)
            if os.path.isfile(path) and not path.startswith(os.path.join(PLACE, "run/"))]


def shown(value):
    """A value as a message writes it."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else value
    return text.replace("\x1b", "\\x1b").replace("\n", "\\n")


def cases(values):
    """(name of the case, words of the command, names of which an error must contain one)."""
    for command, (words, options) in COMMANDS.items():
        for option in options:
            for value in values:
                if option in words:
                    place = words.index(option) + 1
                    given = [*words[:place], value, *words[place + 1:]]
                else:
                    given = [*words, option, value]
                yield f"{command} {option}", given, [option, option[2:].replace("-", "_"), shown(value)]
    for command, words in ARGUMENTS.items():
        for value in values:
            yield command, [value if word == "VALUE" else word for word in words], [shown(value), "argument", "key", "name", "Usage"]
    for recipe, usual in RECIPES.items():
        words = ["run", os.path.join(ROOT, recipe), "--dry-run", "--progress", "none", "--runs", f"{PLACE}/runs"]
        keys = keys_of(recipe)
        for key in keys:
            for value in values:
                text = value if isinstance(value, bytes) else value.encode()
                # A world of a million films rightly takes long.
                if key == "films" and value not in ("", "-1", "nan"):
                    continue
                own = [word for name, given in usual.items() if name != key and name in keys
                       for word in ("--set", f"{name}={given}")]
                yield f"{recipe} {key}", [*words, *own, "--set", key.encode() + b"=" + text], [key, shown(value), "option '", "the loss term"]


def keys_of(recipe):
    """The keys that a recipe declares."""
    ended = subprocess.run([PROGRAM, "run", recipe, "--print-config"], cwd=ROOT, capture_output=True, text=True)
    return re.findall(r"^(\w+) += ", ended.stdout, re.M) or re.findall(r"^(\w+)\b", ended.stdout, re.M)


def models(values):
    """Cases in which each value of model.json is replaced or left out in turn."""
    newest = os.path.join(RUN, sorted(os.listdir(RUN))[-1])
    folder = os.path.join(PLACE, "run")
    model = json.load(open(os.path.join(newest, "model.json")))

    def places(value, path=()):
        yield path
        for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            yield from places(below, (*path, key))

    for path in places(model):
        for given in [*values, "absent"]:
            changed = copy.deepcopy(model)
            if path:
                holder = changed
                for key in path[:-1]:
                    holder = holder[key]
                if given == "absent":
                    del holder[path[-1]]
                else:
                    holder[path[-1]] = given
            elif given != "absent":
                changed = given
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(newest, folder, symlinks=True)
            with open(os.path.join(folder, "model.json"), "w") as file:
                json.dump(changed, file)
            words = ["embed", FILMS, "--run", folder, "--out", f"{PLACE}/features", "--progress", "none", "--batch", "2"]
            name = ".".join(map(str, path)) or "all"
            yield f"model.json {name} = {json.dumps(given)[:40]}", words, ["model.json", folder, "the run was trained without", "features '"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="calls whose names contain this")
    parser.add_argument("--seconds", type=float, default=20, help="maximum for each call")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    make_inputs()
    make_sounds()
    shutil.rmtree(PLACE, ignore_errors=True)
    os.makedirs(HERE)
    values = SHORT if options.short else [*NUMBERS, *TEXTS]
    scalars = [None, -1, 0, 2**63 - 1, 1e308, "", "x", [], {}] if options.short else \
        [None, True, -1, 0, 1, 2**31, 2**53, 2**62, 2**63 - 1, 1e18, 1e308, 0.5, "", "x", LONG, [], [1, 2], {}, {"a": 1}]
    tried, wrong, slowest = 0, 0, 0
    for name, words, names in (case for part in (cases(values), models(scalars)) for case in part):
        if options.only not in name:
            continue
        for made in ("here", "features", "report", "mine", "kit.lua", "world", "stems", "movies", "runs"):
            path = os.path.join(PLACE, made)
            shutil.rmtree(path, ignore_errors=True)
            if os.path.isfile(path):
                os.unlink(path)
        os.makedirs(HERE)
        status, errors, seconds = call(words, options.seconds)
        problem = fault(status, errors, names)
        if not problem and "--dry-run" in words and left():
            problem = f"the dry run left {left()[:3]}"
        tried, slowest = tried + 1, max(slowest, seconds)
        if problem:
            wrong += 1
            last = [word if len(word) < 60 else word[:20] + b"..." for word in map(os.fsencode, words[-4:])]
            print(f"{name}: {problem}: {last}: {errors[-200:]!r}", flush=True)
    print(f"{tried} calls, {wrong} wrong; the slowest took {slowest:.1f} s", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
