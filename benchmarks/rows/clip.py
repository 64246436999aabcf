"""Clips out of films, on one core."""
import pathlib
import random
import subprocess

from harness.row import Form, Row
from harness.workers import ROOT

ORDER = 7
SECONDS, FRAMES, SIZE, RATE, LENGTH = 3, 16, 224, 48000, 120
CACHE = ROOT / ".build" / "benchmarks"
NOTE = ("by `perf`, 84 % (sparse) and 79 % (dense) of the samples are libavcodec's, 7 and 10 % swscale's. Decoding from the key "
        "frame to the first wanted frame takes two fifths and a fifth of the time, both tracks a tenth. Frames that no other frame "
        "refers to are skipped already.")

# Busy and flat images in turn, with grain; chords under noise that differ between the tracks.
PICTURE = ("mandelbrot=s=320x180:r=24:maxiter=300:end_scale=0.00001:end_pts=1440[m];testsrc2=s=320x180:r=24[t];"
           "[m]format=yuv420p[a];[t]format=yuv420p[b];"
           "[a][b]overlay=enable='lt(mod(t,12),6)',noise=alls=6:allf=t+u:all_seed=1,format=yuv420p[v]")
SOUND = ("aevalsrc='0.2*sin(2*PI*{0}*t)*sin(2*PI*0.5*t)|0.2*sin(2*PI*{0}*1.5*t)*sin(2*PI*0.3*t)':s=48000[c{1}];"
         "anoisesrc=r=48000:a=0.05:seed={1},pan=stereo|c0=c0|c1=c0[n{1}];[c{1}][n{1}]amix=2[a{1}]")


def film(name, options):
    """A film with two AAC tracks, created once. It is an mp4, since Matroska's timestamps are in milliseconds: the sound of
    readers that trust them is up to one millisecond off the kit's."""
    path = CACHE / f"{name}.mp4"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        graph = ";".join([PICTURE, SOUND.format(220, 1), SOUND.format(277, 2)])
        made = path.with_name(f"making.{name}.mp4")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-filter_complex", graph, "-map", "[v]", "-map", "[a1]", "-map", "[a2]", "-t",
             str(LENGTH), "-c:v", "libx264", "-preset", "medium", "-crf", "23", *options, "-c:a", "aac", "-b:a", "128k",
             "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=spa", made], check=True)
        made.rename(path)
    return path


def clips(name, title, options):
    draw = random.Random(1)
    # Whole samples, so that readers that count in milliseconds and readers that count in samples mean the same time.
    starts = [round(draw.uniform(0, LENGTH - SECONDS - 0.2) * 24) / 24 for _ in range(12)]
    forms = [
        Form("PyAV, file opened for each clip", {"reader": "pyav", "keeps": False}),
        Form("PyAV, file kept open", {"reader": "pyav", "keeps": True}),
        Form("torchcodec, file opened for each clip", {"reader": "torchcodec", "keeps": False}),
        Form("torchcodec, file kept open", {"reader": "torchcodec", "keeps": True}),
        Form("decord pictures and PyAV sound, file kept open", {"reader": "decord", "keeps": True}),
    ]
    return Row(
        name, title, "clip",
        {"starts": starts, "seconds": SECONDS, "frames": FRAMES, "size": SIZE, "sample_rate": RATE}, forms,
        # Scalers and crops differ by a fraction of a pixel, in film grain too; the next frame differs by 0.25.
        {"pictures": 0.1, "primary": 1e-3, "secondary": 1e-3}, 2, threads=1, note=NOTE,
        prepare=lambda row, folder: {"spec": {"film": str(film(name, options))}})


ROWS = [
    clips("clip-sparse", "random 3 s clip, a key frame every 250 frames: 16 frames and two tracks, one core", ["-g", "250"]),
    clips("clip-dense", "the same with a key frame every 48 frames", ["-g", "48"]),
]
