"""Removes speech from films of many kinds: every packet of every other stream must be in the new film, unchanged.

Run: python3 scripts/dev/trials/copies.py [--out FOLDER] (needs ffmpeg). The films are those of differential.py, and some
with subtitles, chapters, attachments, covers and early sound. Packets are compared by the hashes of their bytes, their
order and the times between them; the times of all streams may be shifted together. Prints what differs, and exits with 1 if
anything does.
"""
import argparse
import json
import os
import subprocess
import sys

import films
from films import Case, ffmpeg, film, picture_source, sound_source

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))

EDITABLE = ["mp4", "mkv", "webm", "ts", "m2ts"]


def extras(folder):
    """Films with features that those of differential.py lack."""
    text = os.path.join(folder, "text.srt")
    with open(text, "w") as file:
        file.write("1\n00:00:00,500 --> 00:00:01,200\nOne\n\n2\n00:00:02,000 --> 00:00:02,400\nTwo\n")
    font = os.path.join(folder, "font.ttf")
    with open(font, "wb") as file:
        file.write(bytes(range(256)) * 8)
    chapters = os.path.join(folder, "chapters.txt")
    with open(chapters, "w") as file:
        file.write(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\n"
                   "END=3000\ntitle=Two\n")
    inputs = ["-f", "lavfi", "-i", picture_source(), "-f", "lavfi", "-i", sound_source(), "-f", "lavfi", "-i", sound_source(1),
              "-i", text, "-i", chapters, "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4"]
    h264 = ["-c:v", *films.VIDEO["h264"], "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"]
    yield Case("extras.mkv", [*inputs, *h264, "-c:a:0", "ac3", "-c:a:1", "libopus", "-c:s", "srt", "-attach", font,
                              "-metadata:s:t", "mimetype=application/x-truetype-font"])
    yield Case("extras.mp4", [*inputs, *h264, "-c:a", "aac", "-c:s", "mov_text"])
    many = [part for k in range(40) for part in ("-map", "1")]
    fonts = [part for k in range(150) for part in ("-attach", font)]
    yield Case("many.mkv", ["-f", "lavfi", "-i", picture_source(), "-f", "lavfi", "-i", sound_source(), "-map", "0", *many, *fonts,
                            "-c:v", *films.VIDEO["h264"], "-c:a", "libopus", "-b:a", "32k", "-metadata:s:a", "language=fra",
                            "-metadata:s:a:0", "language=eng", "-metadata:s:t", "mimetype=application/x-truetype-font"])
    covers = [os.path.join(folder, name) for name in ("cover.jpg", "small.png")]
    for path in covers:
        ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48", "-frames:v", "1", path)
    attached = [part for k, (path, kind) in enumerate([(covers[0], "image/jpeg"), (covers[1], "image/png"), (font, "font/ttf")])
                for part in ("-attach", path, f"-metadata:s:t:{k}", f"mimetype={kind}")]
    yield film("mkv", name="attached", options=attached)
    yield film("mkv", "hevc", "flac", name="attached-flac", options=attached[:8])
    for container, count in (("mp4", 1), ("mp4", 2), ("mov", 1)):
        inputs = [part for path in covers[:count] for part in ("-i", path)]
        maps = [part for k in range(count) for part in ("-map", str(2 + k), f"-c:v:{1 + k}", "copy", f"-disposition:v:{1 + k}", "attached_pic")]
        case = film(container, name=f"covers{count}", options=maps)
        at = case.arguments.index("-map")
        case.arguments[at:at] = inputs
        yield case
    for container in ("mp4", "mkv"):
        # Only the container gives the pixels' shape; it differs from the stream's.
        yield film(container, "mpeg4", name="shape", options=["-aspect", "3:1"])
        yield film(container, name="first", before=["-itsoffset", "1.3"])
        yield film(container, name="last", between=["-itsoffset", "1.3"])


def packets(path):
    """The kind, the codec, and the packets' hashes and times in seconds of each stream that is copied."""
    out = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-show_packets", "-show_data_hash", "crc32", "-of", "json",
                          path], capture_output=True, check=True).stdout
    said = json.loads(out)
    # An attachment is identified by its content and its name.
    content = {s["index"]: (s.get("extradata_hash"), s["tags"].get("filename"), s["tags"].get("mimetype"))
               for s in said["streams"] if s["codec_type"] == "attachment"}
    streams = {s["index"]: ((s["codec_type"], s.get("codec_name"), content.get(s["index"])), s["codec_type"],
                            s.get("tags", {}).get("language"), []) for s in said["streams"]}
    for packet in said.get("packets", []):
        if packet["stream_index"] in streams:
            time = packet.get("pts_time") or packet.get("dts_time")
            streams[packet["stream_index"]][3].append((packet.get("data_hash"), None if time is None else float(time)))
    return [streams[index] for index in sorted(streams) if streams[index][1] != "data"]


def compare(old, new):
    before, after = packets(old), packets(new)
    differences = []
    added = [s for s in after if s[2] == "zxx"]
    if len(added) != 1:
        differences.append(f"{len(added)} new tracks")
    kept = [s for s in after if s[2] != "zxx"]
    if [s[0] for s in before] != [s[0] for s in kept]:
        return differences + [f"streams {[s[0] for s in before]} became {[s[0] for s in kept]}"]
    offsets = []
    for number, (one, other) in enumerate(zip(before, kept)):
        a, b = one[3], other[3]
        if one[1] == "subtitle":
            a, b = [[p for p in side if not (p[0] or "").endswith("41d912ff")] for side in (a, b)]
        if len(a) != len(b):
            differences.append(f"stream {number} ({one[0][1]}): {len(a)} packets became {len(b)}")
        elif [p[0] for p in a] != [p[0] for p in b]:
            differences.append(f"stream {number} ({one[0][1]}): other bytes")
        else:
            shifts = [y[1] - x[1] for x, y in zip(a, b) if x[1] is not None and y[1] is not None]
            if len(a) > 1 and shifts and one[1] in ("video", "audio"):
                offsets += [min(shifts), max(shifts)]
    if offsets and max(offsets) - min(offsets) > 0.0011:
        differences.append(f"times moved by {min(offsets):.4f} to {max(offsets):.4f} s")
    return differences


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(ROOT, ".build/trials/copies"))
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/release/dubkit"))
    options = parser.parse_args()
    old, new = os.path.join(options.out, "films"), os.path.join(options.out, "new")
    for folder in (old, new):
        os.makedirs(folder, exist_ok=True)
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
    made = [case for case in films.cases(False)
            if case.name.rsplit(".", 1)[1] in EDITABLE and not case.name.startswith(("joined", "cut", "goes-on"))]
    names = sorted(case.name for case in [*made, *extras(options.out)] if case.make(old))
    recipe = os.path.join(options.out, "recipe.lua")
    with open(recipe, "w") as file:
        file.write("local kit = require 'kit'\n"
                   f"kit.remove_speech {{ data = '{old}', out = '{new}', separator = kit.separator.center {{}}, language = 'en' }}\n")
    outcome = subprocess.run([options.program, "run", recipe, "--progress", "none"], capture_output=True, text=True)
    wrong, refused = 0, 0
    for name in names:
        path = os.path.join(new, name)
        if not os.path.exists(path):
            refused += 1
            reason = [line for line in outcome.stderr.splitlines() + outcome.stdout.splitlines() if name in line]
            print(f"{name:28} refused: {reason[0] if reason else 'without a message'}")
            wrong += not reason
            continue
        differences = compare(os.path.join(old, name), path)
        if differences:
            wrong += 1
            print(f"{name:28} " + "; ".join(differences))
    print(f"{len(names)} films: {len(names) - wrong - refused} copied to the packet, {refused} refused, {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
