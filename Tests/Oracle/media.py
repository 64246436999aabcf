"""Small films made by ffmpeg, and the results of ffmpeg's full decode: Tests/MediaTests/Fixtures/ffmpeg/.

Run: python3 Tests/Oracle/media.py (needs ffmpeg and numpy). films.json holds for each film its pictures' times
and mean brightness, and for each sound track some stretches of samples with their times, all counted from the first picture.
"""
import json
import os
import subprocess

import numpy as np
from oracle import ROOT

FOLDER = os.path.join(ROOT, "Tests/MediaTests/Fixtures/ffmpeg")
SECONDS = 2
# Flat frames whose brightness encodes their number, and noise without repeated segments.
PICTURES = f"color=s=64x48:r=25:d={SECONDS},format=yuv420p,geq=lum='40+mod(N*37\\,160)':cb=128:cr=128"
NARROW = f"nullsrc=s=64x48:r=25:d={SECONDS},format=yuv420p,geq=lum='40+160*lt(X\\,32)*lt(Y\\,24)':cb=128:cr=128"


def noise(seed, rate=48000, layout="stereo"):
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    each = "|".join(f"0.3*(random({seed * 8 + c})-0.5)" for c in range(channels))
    return f"aevalsrc={each}:s={rate}:d={SECONDS}:c={layout},lowpass=f=6000"


X264 = ["-c:v", "libx264", "-preset", "medium", "-bf", "3", "-g", "40", "-crf", "20"]
# Without noise substitution, which decodes to different noise from each starting point.
COMMON = ["-vsync", "passthrough", "-aac_pns", "0"]
FILMS = {
    # An edit list that starts the sound late, one that cuts AAC's priming; B-frames.
    "offset.mp4": [["-f", "lavfi", "-i", PICTURES], ["-itsoffset", "0.3", "-f", "lavfi", "-i", noise(1)],
                   ["-f", "lavfi", "-i", noise(2, 44100, "mono")], *[["-map", f"{i}"] for i in range(3)], X264,
                   ["-c:a", "aac", "-b:a", "48k", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra"]],
    # The video starts late.
    "late.mp4": [["-itsoffset", "0.5", "-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(3)], X264,
                 ["-c:a", "aac", "-b:a", "48k"]],
    "offset.mkv": [["-f", "lavfi", "-i", PICTURES], ["-itsoffset", "0.237", "-f", "lavfi", "-i", noise(4)],
                   ["-f", "lavfi", "-i", noise(5)], *[["-map", f"{i}"] for i in range(3)], X264,
                   ["-c:a:0", "libopus", "-c:a:1", "aac", "-b:a", "48k", "-metadata:s:a:0", "language=jpn"]],
    # Every third frame left out: uneven lengths.
    "uneven.mkv": [["-f", "lavfi", "-i", PICTURES + ",select='mod(n\\,7)*mod(n\\,3)'"], X264],
    # MPEG-4 with B-frames in AVI, whose packets carry no presentation times.
    "reordered.avi": [["-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(6, 44100)],
                      ["-c:v", "mpeg4", "-bf", "2", "-g", "30", "-q:v", "4", "-c:a", "libmp3lame", "-b:a", "48k"]],
    "vorbis.webm": [["-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(7)],
                    ["-c:v", "libvpx", "-b:v", "50k", "-g", "30", "-c:a", "libvorbis", "-b:a", "48k"]],
    "six.mkv": [["-f", "lavfi", "-i", noise(8, layout="5.1")], ["-c:a", "ac3", "-b:a", "96k"]],
    "turned.mp4": [["-f", "lavfi", "-i", NARROW], X264],
    # Codecs whose decoders show grey frames after a seek into the middle of a group of pictures.
    "grey265.ts": [["-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(11)],
                   ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12:bframes=2:open-gop=1:info=0",
                    "-c:a", "mp2", "-b:a", "48k"]],
    "grey4.ts": [["-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(12)],
                 ["-c:v", "mpeg4", "-bf", "2", "-g", "12", "-q:v", "6", "-c:a", "mp2", "-b:a", "48k"]],
    # Program streams, in which only some frames have timestamps: the last timestamp is long before the end.
    "late.mpg": [["-itsoffset", "0.7", "-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(18)],
                 ["-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q:v", "3", "-c:a", "mp2", "-b:a", "48k", "-packetsize", "4096"]],
    "uneven.mpg": [["-f", "lavfi", "-i", PICTURES + ",select='mod(n\\,7)*mod(n\\,3)'"], ["-f", "lavfi", "-i", noise(19)],
                   ["-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q:v", "3", "-c:a", "mp2", "-b:a", "48k"]],
    # A cover that is marked as a film.
    "cover.m4a": [["-f", "lavfi", "-i", noise(13)], ["-f", "lavfi", "-i", "color=s=64x64:r=25:d=0.04"],
                  ["-map", "0", "-map", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-disposition:v", "default", "-f", "mp4",
                   "-c:a", "aac", "-b:a", "48k"]],
    # The same with an image of each side of the record.
    "covers.m4a": [["-f", "lavfi", "-i", noise(15)], ["-f", "lavfi", "-i", "testsrc=s=32x32:r=25:d=0.08"],
                   ["-map", "1", "-map", "0", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-disposition:v", "default", "-f", "mp4",
                    "-c:a", "aac", "-b:a", "48k"]],
    # Covers and a font in addition to the tracks; pixels that are not square.
    "attached.mkv": [["-f", "lavfi", "-i", PICTURES + ",setsar=2/1"], ["-f", "lavfi", "-i", noise(16, 44100, "mono")], X264,
                     ["-c:a", "aac", "-b:a", "32k", "-metadata:s:a:0", "language=eng"],
                     *[["-attach", os.path.join(FOLDER, name), f"-metadata:s:t:{k}", f"mimetype={kind}"] for k, (name, kind) in
                       enumerate([("cover.jpg", "image/jpeg"), ("cover.png", "image/png"), ("font.ttf", "font/ttf")])]],
    "attached.mp4": [["-f", "lavfi", "-i", PICTURES], ["-f", "lavfi", "-i", noise(17, 44100, "mono")],
                     ["-i", os.path.join(FOLDER, "cover.jpg"), "-i", os.path.join(FOLDER, "cover.png")],
                     *[["-map", f"{i}"] for i in range(4)], X264,
                     ["-c:v:1", "copy", "-c:v:2", "copy", "-disposition:v:1", "attached_pic", "-disposition:v:2", "attached_pic",
                      "-c:a", "aac", "-b:a", "32k", "-metadata:s:a:0", "language=eng"]],
    # Pixels that are a thousand times as wide as high.
    "absurd.mp4": [["-f", "lavfi", "-i", PICTURES + ",setsar=1000/1"], X264],
    # Packets of 5 ms, whose times are rounded by a container that counts milliseconds.
    "short.mka": [["-f", "lavfi", "-i", noise(14)], ["-c:a", "libopus", "-frame_duration", "5", "-b:a", "64k"]],
    "sound.mp3": [["-f", "lavfi", "-i", noise(9, 44100)], ["-c:a", "libmp3lame", "-q:a", "7"]],
    "sound.aac": [["-f", "lavfi", "-i", noise(10)], ["-c:a", "aac", "-b:a", "48k"]],
}


def run(*arguments, text=True):
    return subprocess.run(arguments, check=True, capture_output=True, text=text).stdout


def frames(path, stream):
    out = run("ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
              "frame=best_effort_timestamp_time,nb_samples", "-of", "json", path)
    return json.loads(out)["frames"]


def facts(path):
    streams = json.loads(run("ffprobe", "-v", "error", "-show_streams", "-of", "json", path))["streams"]
    zero, pictures, tracks = None, [], []
    for stream in streams:
        if stream["codec_type"] == "video" and stream["codec_name"] not in ("mjpeg", "png"):
            times = []
            for frame in frames(path, "v:0"):  # the last of an AVI with B-frames has no time
                times.append(float(frame.get("best_effort_timestamp_time", times[-1] + 0.04 if times else 0)))
            grey = run("ffmpeg", "-v", "error", "-noautorotate", "-i", path, "-map", "0:v:0", "-vsync", "passthrough",
                       "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-", text=False)
            zero = float(stream["start_time"])
            pictures = [[round(t - zero, 6), g] for t, g in zip(times, grey, strict=True)]
    sounds = [s for s in streams if s["codec_type"] == "audio"]
    starts = [float(frames(path, f"a:{i}")[0]["best_effort_timestamp_time"]) for i in range(len(sounds))]
    if zero is None:
        zero = min(starts)
    for i, (stream, start) in enumerate(zip(sounds, starts)):
        # 16 bits, where libswresample mixes down without clipping; soxr as in the kit.
        dither = ["-cons_noisegen", "1"] if stream["codec_name"] == "ac3" else []
        raw = run("ffmpeg", "-v", "error", *dither, "-i", path, "-map", f"0:a:{i}", "-af",
                  ("" if stream["channels"] > 1 else "pan=stereo|c0=c0|c1=c0,") + "aresample=48000:resampler=soxr,"
                  "aformat=sample_fmts=s32:channel_layouts=stereo", "-f", "s32le", "-", text=False)
        samples = np.frombuffer(raw, np.int32).reshape(-1, 2).astype(np.float64) / 2**31
        first = round((start - zero) * 48000)
        stretches = []
        for place in (0, 777, 30000, 64000, 80001):
            place = max(place, -first)
            stretches.append(dict(sample=first + place, left=[round(float(v), 6) for v in samples[place:place + 24, 0]],
                                  right=[round(float(v), 6) for v in samples[place:place + 24, 1]]))
        tracks.append(dict(index=stream["index"], samples=len(samples), stretches=stretches))
    return dict(pictures=pictures, tracks=tracks)


os.makedirs(FOLDER, exist_ok=True)
# The files to attach, created only for this.
run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=32x32", *["-frames:v", "1", "-fflags", "+bitexact", "-flags:v",
    "+bitexact", os.path.join(FOLDER, "cover.jpg")])
run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=32x24", *["-frames:v", "1", "-fflags", "+bitexact", "-flags:v",
    "+bitexact", os.path.join(FOLDER, "cover.png")])
with open(os.path.join(FOLDER, "font.ttf"), "wb") as file:
    file.write(bytes(range(64)))
known = {}
for name, parts in FILMS.items():
    path = os.path.join(FOLDER, name)
    run("ffmpeg", "-v", "error", "-y", *sum(parts, []), *COMMON, "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", path)
    if name == "turned.mp4":
        run("ffmpeg", "-v", "error", "-y", "-i", path, "-c", "copy", "-metadata:s:v:0", "rotate=90", "-fflags", "+bitexact",
            path + ".mp4")
        os.replace(path + ".mp4", path)
    known[name] = facts(path)
# With noise substitution: all that can be tested is that the noise is always the same.
run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=32x16:r=12.5:d=3", "-f", "lavfi", "-i",
    "anoisesrc=d=3:r=48000:a=0.3:seed=11", "-ac", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k",
    "-fflags", "+bitexact", os.path.join(FOLDER, "substituted.mkv"))
# Frames that show their number as stripes, with noise, so that several packets hold a group of pictures. The tests cut them.
STRIPES = ("nullsrc=s=128x64:r=25:d=2.4,format=yuv420p,geq=lum='if(mod(floor(N/pow(2\\,floor(X*8/W)))\\,2)\\,"
           "200-Y+20*random(1)\\,40+Y+20*random(1))':cb='128+20*gt(X\\,W/4)':cr=128")
for name, codec in {
        "cut265.mpg": ["libx265", "-preset", "ultrafast", "-crf", "22", "-x265-params",
                       "log-level=none:keyint=12:bframes=3:open-gop=1:info=0"],
        "cut4.mpg": ["mpeg4", "-bf", "0", "-g", "12", "-q:v", "8"],
        # So few bytes that most groups of pictures have no timestamp.
        "sparse4.mpg": ["mpeg4", "-bf", "0", "-g", "12", "-q:v", "31"]}.items():
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", STRIPES, "-f", "lavfi", "-i",
        "aevalsrc=0.3*(random(0)-0.5):s=48000:d=2.4,lowpass=f=6000", "-c:v", *codec, "-c:a", "mp2", "-b:a",
        "32k", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", os.path.join(FOLDER, name))
for name in ("cover.jpg", "cover.png", "font.ttf"):
    os.unlink(os.path.join(FOLDER, name))
with open(os.path.join(FOLDER, "films.json"), "w") as file:
    json.dump(known, file, separators=(",", ":"))
for name in sorted(os.listdir(FOLDER)):
    print(os.path.getsize(os.path.join(FOLDER, name)), name)
