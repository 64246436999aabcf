"""Compares the kit's reader with ffmpeg's full decode, over containers x codecs x defects.

Run: python3 scripts/dev/trials/differential.py [--full] [--out FOLDER] [--only TEXT] (needs ffmpeg and numpy).

The kit reads every film that ffmpeg can write from the lists below: single frames in random order, each track as a whole,
and segments of it. Frames show their own number, so a wrong one is recognised whatever the codec. Sound is noise in which
no segment occurs twice, so a shift is known to the sample. A film that the kit refuses with a message does not count as a
difference; a film that it reads differently from ffmpeg does. Prints a table and exits with 1 if there are differences.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import wave

import numpy as np

from films import RATE, cases, ffmpeg

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
TIMES = [0, 0.04, 0.5, 1.5, 1.02, 2.2, 0.98, 2.9]
STRETCHES = [(0.5, 0.7), (1.31, 0.5), (2.04, 0.4)]

# Codecs whose decoders draw noise, or settle slowly: compared more loosely.
LOSSY = {"aac", "mp3", "mp2", "ac3", "eac3", "opus", "opus5", "vorbis", "wma", "adpcm"}


def probe(path):
    """The streams; those that ffprobe refuses to describe (it opens all decoders) are described by ffmpeg's remark."""
    ended = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", path], capture_output=True)
    try:
        streams = json.loads(ended.stdout).get("streams", [])
    except ValueError:  # A film that cannot be opened at all leaves half an answer.
        streams = []
    return streams or remarked(path)


def remarked(path):
    """The streams as `ffmpeg -i` names them: "Stream #0:1[0x2](eng): Audio: wmav2, 48000 Hz, stereo"."""
    said = subprocess.run(["ffmpeg", "-nostdin", "-i", path], capture_output=True).stderr.decode(errors="replace")
    return [{"index": int(index), "codec_type": kind.lower(), "channels": 2, "sample_rate": 48000, "disposition":
             {"attached_pic": "attached pic" in rest}}
            for index, kind, rest in re.findall(r"Stream #0:(\d+).*?: (Video|Audio): (.*)", said)]


def framecrc(path):
    """The times and lengths of frames, in seconds, and their size."""
    rows, lengths, size = [], [], None
    for line in open(path):
        if line.startswith("#dimensions"):
            size = tuple(map(int, line.split()[-1].split("x")))
        if line.startswith("#tb"):
            tick = np.float64(eval_fraction(line.split()[-1]))
        if not line.startswith("#"):
            rows.append(int(line.split(",")[2]) * tick)
            lengths.append(int(line.split(",")[3]) * tick)
    return rows, lengths, size


def laid_out(samples, stamps, lengths, rate):
    """Decoded frames of sound at their timestamps, with silence where a large part of a frame or more is missing."""
    parts, at, end = [], 0, None
    for stamp, length in zip(stamps, lengths):
        count = round(length * rate)
        gap = 0 if end is None else round((stamp - end) * rate)
        if gap > max(count / 2, rate / 500):
            parts.append(np.zeros((gap, samples.shape[1]), np.float32))
            end = stamp
        elif gap < -max(count / 2, rate / 500):
            end = stamp
        parts.append(samples[at:at + count])
        at += count
        end = (stamp if end is None else end) + count / rate
    return np.concatenate(parts) if parts else samples


def eval_fraction(text):
    number, divisor = text.split("/")
    return float(number) / float(divisor)


def decode(path, folder):
    """What ffmpeg reads: (times, frames), and (start, samples, rate) for each track; None for one that it cannot decode."""
    streams = probe(path)
    times, pictures, tracks = [], None, []
    moving = [s for s in streams if s["codec_type"] == "video" and not s["disposition"]["attached_pic"]]
    base = ["-copyts", "-i", path]
    if moving:
        raw, crc = os.path.join(folder, "v.raw"), os.path.join(folder, "v.crc")
        scale = ["-vf", "scale=iw*sar:ih,setsar=1"]
        ffmpeg(*base, "-map", f"0:{moving[0]['index']}", "-vsync", "passthrough", "-enc_time_base", "-1", *scale,
               "-pix_fmt", "rgb24", "-f", "rawvideo", raw, "-map", f"0:{moving[0]['index']}", "-vsync", "passthrough",
               "-enc_time_base", "-1", *scale, "-pix_fmt", "rgb24", "-c:v", "rawvideo", "-f", "framecrc", crc, check=False)
        times, _, size = framecrc(crc)
        pictures = np.fromfile(raw, np.uint8)
        if size:
            pictures = pictures[:len(times) * size[0] * size[1] * 3].reshape(-1, size[1], size[0], 3)
        # If a stream was cut, ffmpeg also shows the frames before the first key frame, in grey.
        keys = subprocess.run(["ffprobe", "-v", "quiet", "-select_streams", str(moving[0]["index"]), "-show_entries",
                               "frame=key_frame", "-of", "csv=p=0", path], capture_output=True, text=True).stdout.split()
        may_be_cut = path.endswith((".ts", ".m2ts", ".mpg", ".flv"))
        first = next((k for k, key in enumerate(keys) if key.startswith("1")), 0) if may_be_cut else 0
        times, pictures = times[first:], pictures[first:]
        # Up to the first timestamp that a cut program stream holds, ffmpeg makes times up, and may be wrong by several
        # frames. Frames show their number, and thus their time.
        if "cut" in os.path.basename(path) and path.endswith(".mpg") and len(times):
            numbers = [number(picture) for picture in pictures]
            times = [times[-1] - (numbers[-1] - each) / RATE for each in numbers]
    for stream in streams:
        if stream["codec_type"] != "audio":
            continue
        raw, crc = os.path.join(folder, "a.raw"), os.path.join(folder, "a.crc")
        ffmpeg(*base, "-map", f"0:{stream['index']}", "-c:a", "pcm_f32le", "-f", "f32le", raw, "-map",
               f"0:{stream['index']}", "-c:a", "pcm_f32le", "-f", "framecrc", crc, check=False)
        stamps, lengths, _ = framecrc(crc)
        if not os.path.exists(raw) or not stamps:
            tracks.append(None)
            continue
        samples = np.fromfile(raw, np.float32).reshape(-1, stream["channels"])
        if stream["channels"] == 1:
            samples = np.repeat(samples, 2, 1)
        rate = int(stream["sample_rate"])
        # AVI and ASF count sound in units that some muxers get wrong.
        if not path.endswith((".avi", ".wmv")):
            samples = laid_out(samples, stamps, lengths, rate)
        tracks.append((stamps[0] if stamps else 0.0, samples, rate))
    return times, pictures, tracks


def number(picture):
    height, width = picture.shape[:2]
    row = picture[height // 2].astype(int).sum(1) / 3
    return sum(1 << bit for bit in range(8) if row[(2 * bit + 1) * width // 16] > 128)


def read_wav(path):
    data = open(path, "rb").read()
    at = data.index(b"data")
    return np.frombuffer(data[at + 8:at + 8 + (len(data) - at - 8) // 8 * 8], np.float32).reshape(-1, 2)


def lag(part, whole, expected, reach):
    """The shift, up to `reach`, at which `part` is found in `whole` around `expected`."""
    part = part[:4096, 0].astype(np.float64)
    padded = np.concatenate([np.zeros(reach), whole[:, 0].astype(np.float64), np.zeros(reach + len(part))])
    if not 0 <= expected <= len(whole):
        return reach + 1
    window = padded[expected:expected + 2 * reach + len(part)]
    size = 1 << (len(window) + len(part)).bit_length()
    dots = np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(part, size)), size)[:2 * reach + 1]
    energy = (window ** 2).cumsum()
    energy = np.concatenate([[0], energy])
    norms = np.sqrt(np.maximum(energy[len(part):len(part) + 2 * reach + 1] - energy[:2 * reach + 1], 1e-9))
    return int(np.argmax(dots / norms)) - reach


def compare(case, out, folder):
    """The differences between the kit's reading and ffmpeg's, in words; or the kit's refusal."""
    said = json.load(open(out + ".json"))
    if "error" in said:
        return [], "refused: " + said["error"]
    times, pictures, tracks = decode(case.path, folder)
    differences = []
    if case.path.endswith((".avi", ".wmv")) and times:
        # If packets have only decoding times, the film begins with the first packet.
        times[0] = min(times[0], *(float(s["start_time"]) for s in probe(case.path) if s["codec_type"] == "video"))
    zero = times[0] if len(times) else min((t[0] for t in tracks if t), default=0.0)
    length = said["duration"]
    if said["pictures"] is not None and len(times) == 0:
        if None in said["pictures"]:
            differences.append("ffmpeg shows no picture")
    elif said["pictures"] is None and len(times):
        differences.append("the picture is not seen")
    elif said["pictures"] is not None:
        answers = np.fromfile(out + ".rgb", np.uint8)
        asked = [t for t in TIMES if t < length - 0.02]
        height, width = pictures.shape[1:3]
        if (said["width"], said["height"]) != (width, height):
            differences.append(f"{said['width']}x{said['height']}, ffmpeg {width}x{height}")
        else:
            size, at = width * height * 3, 0
            shown = np.array(times) - zero
            for time, error in zip(asked, said["pictures"]):
                if error is not None:
                    differences.append(f"picture at {time}: {error}")
                    continue
                got = answers[at:at + size].reshape(height, width, 3)
                at += size
                # Timestamps of containers that count milliseconds are rounded, so either neighbour is correct.
                indexes = {max(0, int(np.searchsorted(shown, time + slack, "right")) - 1) for slack in (-6e-4, 6e-4)}
                offs = {np.abs(got.astype(int) - pictures[index].astype(int)).mean(): index for index in indexes}
                off, index = min(offs), offs[min(offs)]
                if off > 6:
                    differences.append(f"picture at {time}: {off:.0f} levels off, number {number(got)}, "
                                       f"expected {number(pictures[index])}")
        end = times[-1] - zero + 0.04
        if case.path.endswith((".avi", ".wmv")) and length < end - 0.039:
            differences.append(f"lasts {length:.3f} s, but ffmpeg's last picture comes at {end - 0.04:.3f} s")
        # Where sound continues, the last frame is held.
        end = max(end, *(start - zero + len(samples) / rate for start, samples, rate in filter(None, tracks)), 0)
        if abs(length - max(end, length if length - end < 0.6 else 0)) > 0.6:
            differences.append(f"lasts {length:.2f} s, ffmpeg's pictures {end:.2f} s")
    for index, (track, theirs) in enumerate(zip(said["tracks"], tracks), 1):
        if theirs is None:
            if not track["error"]:
                differences.append("ffmpeg decodes no sound")
            continue
        start, samples, rate = theirs
        if track["error"]:
            differences.append(f"sound: {track['error']}")
            continue
        whole = read_wav(f"{out}.{index}.wav")
        place = int(round((start - zero) * rate))
        begin = int(0.9 * rate) + sounding(whole[int(0.9 * rate):])
        middle = whole[begin:begin + int(0.6 * rate)]
        # A container that counts milliseconds cannot say to the sample where the track begins.
        coarse = case.path.rsplit(".", 1)[1] in ("mkv", "webm", "mka", "flv", "wmv", "wma", "mpg", "avi")
        slack = rate // 700 if coarse else 2
        shift = lag(middle, samples, begin - place, 900) if len(middle) else 0
        if abs(shift) > slack:
            differences.append(f"track #{track['index']} is {shift} samples off")
        end = int(round((start - zero) * rate)) + len(samples)
        if len(times) == 0 and abs(len(whole) - end) > rate // 10:
            differences.append(f"{len(whole)} samples, ffmpeg {end}")
        missing = silence(whole, samples, place + shift, rate)
        if missing:
            differences.append(missing)
        for number_, (begin, seconds) in enumerate(STRETCHES, 1):
            path = f"{out}.{index}.{number_}.wav"
            if not os.path.exists(path):
                continue
            part = read_wav(path)
            at = int(round(begin * rate))
            if not part.any() and not whole[at:at + len(part)].any():
                continue
            silent = sounding(part)
            part, at = part[silent:], at + silent
            off = lag(part, whole, at, 900)
            same = np.abs(part - whole[at:at + len(part)]).max() if off == 0 and at + len(part) <= len(whole) else 9
            if off != 0:
                differences.append(f"stretch at {begin} is {off} samples from the whole")
            elif same > (0.02 if case.sound in LOSSY else 0) and at + len(part) <= len(whole):
                differences.append(f"stretch at {begin} differs from the whole by {same:.2g}")
    if len(said["tracks"]) != len(tracks):
        differences.append(f"{len(said['tracks'])} tracks, ffmpeg {len(tracks)}")
    return differences, ""


def sounding(samples):
    """The number of samples of silence at the beginning."""
    return int(np.argmax(np.abs(samples).max(1) > 1e-4)) if len(samples) else 0


def silence(whole, samples, place, rate):
    """Whether the kit has silence where ffmpeg has sound, in tenths of seconds."""
    step, lost = rate // 10, []
    for begin in range(max(0, place), min(len(whole), place + len(samples)) - step, step):
        ours, theirs = whole[begin:begin + step], samples[begin - place:begin - place + step]
        if np.abs(theirs).max() > 0.02 and np.abs(ours).max() < 1e-4:
            lost.append(round(begin / rate, 1))
    return f"silence at {lost} s, ffmpeg has sound" if lost else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="every video codec with every sound codec")
    parser.add_argument("--only", default="", help="cases whose names contain this")
    parser.add_argument("--out", default=os.path.join(ROOT, ".build/trials/differential"))
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/release/dubkit"))
    options = parser.parse_args()
    films = os.path.join(options.out, "films")
    os.makedirs(films, exist_ok=True)
    chosen = [case for case in cases(options.full) if options.only in case.name]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        made = [case for case, fine in zip(chosen, pool.map(lambda c: c.make(films), chosen)) if fine]
        answers = os.path.join(options.out, "answers")
        os.makedirs(answers, exist_ok=True)
        for name in os.listdir(answers):
            os.unlink(os.path.join(answers, name))
        with open(os.path.join(options.out, "list.txt"), "w") as file:
            file.writelines(f"{case.path}\t{os.path.join(answers, case.name)}\n" for case in made)
        script = os.path.join(os.path.dirname(__file__), "read_films.lua")
        subprocess.run([options.program, "run", script, "--set", f"list={options.out}/list.txt", "-q"], check=True)

        def judge(case):
            folder = os.path.join(options.out, "decoded", case.name)
            os.makedirs(folder, exist_ok=True)
            return compare(case, os.path.join(answers, case.name), folder)

        verdicts = list(pool.map(judge, made))
    wrong, refused = 0, 0
    for case, (differences, refusal) in zip(made, verdicts):
        if refusal:
            refused += 1
            print(f"{case.name:28} {refusal}")
        if differences:
            wrong += 1
            print(f"{case.name:28} " + "; ".join(differences[:4]) + (" ..." if len(differences) > 4 else ""))
    print(f"{len(made)} films of {len(chosen)} that were tried: {len(made) - wrong - refused} read as ffmpeg does, "
          f"{refused} refused, {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
