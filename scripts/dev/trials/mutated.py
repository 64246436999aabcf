"""Checks damaged films and sounds of every kind that ffmpeg writes with `dubkit data check`.

Run: python3 scripts/dev/trials/mutated.py [--count 10000] [--seed 1] [--only ENDING] (needs ffmpeg; 10,000 take some minutes).

Files of one second are damaged: bytes are flipped, ends cut off, blocks removed, inserted, doubled or zeroed, halves
swapped. They are checked in folders of a few hundred. Each file must be named exactly once, with a judgement. No file may
take more than ten seconds and no process more than 1 GiB, and the exit code must be 0 or 65. Files that fail are kept in
OUT/kept, and the script exits with 1.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time

from measure import PROGRAM, TRIALS, run

A_FILE, MEMORY = 10, 1 << 20  # seconds; kilobytes
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=12.5:d=1"]
SOUND = ["-f", "lavfi", "-i", "anoisesrc=d=1:r=48000:a=0.3:seed=3", "-ac", "2"]
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "6", "-pix_fmt", "yuv420p"]
SOUNDS = {
    "wav": [["-c:a", "pcm_s16le"], ["-c:a", "pcm_f32le"]], "flac": [[]], "mp3": [[]], "ogg": [["-c:a", "libvorbis"]],
    "opus": [[]], "aac": [[]], "m4a": [["-c:a", "aac"], ["-c:a", "alac"]], "caf": [["-c:a", "pcm_s16be"]], "aiff": [[]],
    "w64": [[]], "wma": [[]], "mka": [["-c:a", "libopus"]],
}
FILMS = {
    "mp4": [[*H264, "-c:a", "aac"], ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none",
                                     "-c:a", "ac3"],
            [*H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]],
    "mov": [["-c:v", "mpeg4", "-c:a", "alac"]], "3gp": [[*H264, "-c:a", "aac"]],
    "mkv": [[*H264, "-c:a", "libopus"], ["-c:v", "ffv1", "-c:a", "flac"]],
    "webm": [["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"],
             ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"]],
    "avi": [["-c:v", "mpeg4", "-c:a", "libmp3lame"], ["-c:v", "mjpeg", "-c:a", "pcm_s16le"]],
    "ts": [[*H264, "-c:a", "aac"], ["-c:v", "mpeg2video", "-c:a", "mp2"]], "m2ts": [[*H264, "-c:a", "ac3"]],
    "mpg": [["-c:v", "mpeg2video", "-r", "25", "-c:a", "mp2"]], "flv": [[*H264, "-c:a", "aac"]],
    "wmv": [["-c:v", "wmv2", "-c:a", "wmav2"]], "ogv": [["-c:v", "libtheora", "-c:a", "libvorbis"]],
}


def originals(folder, only):
    """Paths of the files to damage."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for kinds, inputs in ((SOUNDS, SOUND), (FILMS, [*PICTURE, *SOUND])):
        for ending, choices in kinds.items():
            for number, choice in enumerate(choices):
                if only and ending != only:
                    continue
                path = os.path.join(folder, f"{number}.{ending}")
                subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, "-strict", "-2", *choice, path], check=True)
                paths.append(path)
    return paths


def flip(data, draw):
    # Headers, where one bit does the most harm, are hit as often as all the rest.
    reach = min(len(data), 600) if draw.random() < 0.5 else len(data)
    for _ in range(draw.randint(1, 12)):
        data[draw.randrange(reach)] ^= 1 << draw.randrange(8)


def replace(data, draw):
    reach = min(len(data), 600) if draw.random() < 0.5 else len(data)
    for _ in range(draw.randint(1, 6)):
        data[draw.randrange(reach)] = draw.choice([0, 1, 127, 128, 254, 255])


def cut(data, draw):
    del data[draw.randrange(len(data)):]


def behead(data, draw):
    del data[:draw.randrange(1, len(data))]


def block(data, draw):
    start = draw.randrange(len(data))
    return start, min(len(data), start + draw.randint(1, max(2, len(data) // 4)))


def remove(data, draw):
    start, end = block(data, draw)
    del data[start:end]


def insert(data, draw):
    at = draw.randrange(len(data))
    data[at:at] = draw.randbytes(draw.randint(1, 4096))


def double(data, draw):
    start, end = block(data, draw)
    at = draw.randrange(len(data))
    data[at:at] = data[start:end]


def zero(data, draw):
    start, end = block(data, draw)
    data[start:end] = bytes(end - start)


def swap(data, draw):
    middle = draw.randrange(len(data))
    data[:] = data[middle:] + data[:middle]


KINDS = [flip, flip, flip, replace, cut, behead, remove, insert, double, zero, swap]


def mutant(path, seed, number):
    draw = random.Random(f"{seed} {number}")
    data = bytearray(open(path, "rb").read())
    for kind in draw.sample(KINDS, draw.choice([1, 1, 1, 2])):
        if data:
            kind(data, draw)
    return bytes(data)


def faults(folder, names, limit):
    """The problems of a check of a folder, the judgement of each file, and the ended process."""
    ended = run([PROGRAM, "data", "check", folder, "--json", "--seconds", "0.5"], timeout=limit)
    reasons, named = [], []
    if ended.status not in (0, 65):
        reasons.append(f"exit {ended.status}: {ended.errors[-200:]}")
    else:
        named = [(os.path.basename(file["path"]), file["judgement"]) for file in json.loads(ended.output)["files"]]
        if sorted(name for name, _ in named) != sorted(names):
            reasons.append(f"{len(named)} files named of {len(names)}")
    if ended.kilobytes > MEMORY:
        reasons.append(f"{ended.kilobytes >> 10} MiB")
    return reasons, named, ended


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10000, help="damaged files")
    parser.add_argument("--folder", type=int, default=250, help="files checked at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only files with this extension")
    parser.add_argument("--out", default=os.path.join(TRIALS, "mutated"))
    options = parser.parse_args()
    sources = originals(os.path.join(options.out, "originals"), options.only)
    kept = os.path.join(options.out, "kept")
    bad, judgements, slowest, largest, began = 0, {}, 0.0, 0, time.monotonic()
    for first in range(0, options.count, options.folder):
        folder = os.path.join(options.out, "folder")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        names = []
        for number in range(first, min(first + options.folder, options.count)):
            source = sources[number % len(sources)]
            names.append(f"{number}.{source.rsplit('.', 1)[1]}")
            with open(os.path.join(folder, names[-1]), "wb") as file:
                file.write(mutant(source, options.seed, number))
        reasons, named, ended = faults(folder, names, A_FILE * len(names))
        largest = max(largest, ended.kilobytes)
        for _, judgement in named:
            word = judgement.split(":")[0].split(",")[0]
            judgements[word] = judgements.get(word, 0) + 1
        # If the whole folder took no longer than one file may, no file in it took longer.
        if not reasons and ended.seconds <= A_FILE:
            slowest = max(slowest, ended.seconds)
            continue
        for name in names:
            alone = os.path.join(options.out, "alone")
            shutil.rmtree(alone, ignore_errors=True)
            os.makedirs(alone)
            shutil.copy(os.path.join(folder, name), alone)
            single, _, ended = faults(alone, [name], 6 * A_FILE)
            slowest = max(slowest, ended.seconds)
            if ended.seconds > A_FILE:
                single.append(f"{ended.seconds:.1f} s")
            if single:
                reasons = reasons or ["slow"]
                os.makedirs(kept, exist_ok=True)
                shutil.copy(os.path.join(folder, name), kept)
                print(f"{kept}/{name}: {'; '.join(single)}")
        if reasons:
            bad += 1
            print(f"files {first} to {first + len(names) - 1}: {'; '.join(reasons)}")
    said = ", ".join(f"{count} {word}" for word, count in sorted(judgements.items(), key=lambda pair: -pair[1])[:8])
    print(f"{options.count} damaged files of {len(sources)} originals, seed {options.seed}, "
          f"{time.monotonic() - began:.0f} s: {bad} folders with failures; a folder or a file took {slowest:.1f} s at most, "
          f"a process {largest >> 10} MiB; {said}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
