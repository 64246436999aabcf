"""The time that Ctrl-C takes in difficult places, from SIGINT to the end of the process.

Run: python3 scripts/dev/trials/ctrl_c.py [--rounds 3] [--limit 200]

Each recipe reports when it has reached its place; the signal follows after a short random time. Exits with 1 if the slowest
round of a place takes more than --limit milliseconds or does not end with 130. Prints how busy the machine was.
"""
import argparse
import os
import random
import shutil
import signal
import sys
import time

from jobs import FILMS, RUN, make_inputs
from measure import PROGRAM, TRIALS, Process

# `ready()` reports that the place is reached. The code before it, or the words of a command, lead to the place.
PLACES = {
    "a loop in pcall in a coroutine": "ready() while true do pcall(coroutine.wrap(function() while true do end end)) end",
    "a normal tensor of 3e8": "ready() kit.tensor.normal { 300000000 }",
    "lines of an endless file": "ready() for _ in io.lines '/dev/zero' do end",
    "doubling a string to 256 MiB": "ready() local s = 'ab' while true do s = s .. s if #s > 1 << 27 then s = 'ab' end end",
    "one large product": "local a = kit.tensor.ones { 6000, 6000 } ready() a:matmul(a)",
    "a pattern that goes back": "ready() string.find(('a'):rep(30000), '.-.-.-.-.-b')",
    "decoding": "local film = kit.media.open { path = 'samples/movies/film-002.mkv' } ready()\n"
                "while true do film:frames(0, film.duration, 64) film:audio('en', 0, film.duration) end",
    "embedding, inside a batch": "local sounds = { data = 'samples/movies', encoders = { audio = kit.encoder.acoustic_resnet50 {} },\n"
                                 "  out = OUT .. '/features', batch = 64, workers = 1 } ready() kit.embed(sounds)",
    "speech removal": "ready() kit.remove_speech { data = 'samples/movies', separator = kit.separator.mask_unet {}, language = 'en', "
                      "out = OUT .. '/films' }",
    "sorting": "local t = {} for i = 1, 3e6 do t[i] = (i * 7919) % 3000017 end ready() table.sort(t)",
    "gradients of a large convolutional net": "local net = kit.encoder.acoustic_resnet50 {}\n"
        "local x = kit.tensor.zeros { 16, 300, 80, 2 } ready() while true do net(x):sum():backward() end",
}
COMMANDS = {
    "dubkit data check": ["data", "check", "samples/movies"],
    "dubkit report": ["report", RUN, "--out", "OUT/report", "--data", "samples/movies", "--progress", "none"],
}


def started(name, folder):
    """Starts the process of a place. Returns it and the file that appears at the place; None for commands, which get there
    soon."""
    if name in COMMANDS:
        return Process([PROGRAM, *(word.replace("OUT", folder) for word in COMMANDS[name])]), None
    path, mark = os.path.join(folder, "recipe.lua"), os.path.join(folder, "ready")
    with open(path, "w") as file:
        file.write(f"local kit, OUT = require 'kit', '{folder}'\n"
                   f"local function ready() io.open('{mark}', 'w'):close() end\n{PLACES[name]}\n")
    return Process([PROGRAM, "run", path, "--progress", "none", "--runs", os.path.join(folder, "runs")]), mark


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=200, help="milliseconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="places whose names contain this")
    options = parser.parse_args()
    make_inputs()
    draw, failures = random.Random(options.seed), 0
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors before")
    for name in [name for name in (*PLACES, *COMMANDS) if options.only in name]:
        times, statuses = [], set()
        for _ in range(options.rounds):
            folder = os.path.join(TRIALS, "ctrl_c")
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            process, mark = started(name, folder)
            while mark and process.isRunning() and not os.path.exists(mark):
                time.sleep(0.001)
            time.sleep(draw.uniform(0.05, 0.4) if mark else draw.uniform(0.1, 0.15))
            sent = time.monotonic()
            process.kill(signal.SIGINT)
            ended = process.wait(timeout=60)
            statuses.add(ended.status)
            times.append(1000 * (time.monotonic() - sent))
        isFine = max(times) <= options.limit and statuses <= {130, 75}
        failures += not isFine
        print(f"{name}: {', '.join(f'{t:.0f}' for t in sorted(times))} ms, exit {sorted(statuses)}"
              f"{'' if isFine else ' <- fails: ' + ended.errors[-200:]}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} after")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
