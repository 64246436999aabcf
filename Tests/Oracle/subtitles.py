"""Films with subtitles, made by ffmpeg: Tests/MediaTests/Fixtures/subtitles/.

Run: python3 Tests/Oracle/subtitles.py (needs ffmpeg). The video of the Matroska film starts half a second late, so that its
subtitles count from there.
"""
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "Tests/MediaTests/Fixtures/subtitles")
SRT = """1
00:00:00,600 --> 00:00:01,250
¿Qué <i>tal</i>?

2
00:00:01,500 --> 00:00:01,900
Dos líneas
de texto.
"""
ASS = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,20,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.70,0:00:01.00,Default,,0,0,0,,{\\b1}Salut{\\b0}, ça va ?\\NOui.
"""
VTT = """WEBVTT

00:00.250 --> 00:00.750 align:start
<v Aoi>こんにちは</v>
"""


def make(name, arguments):
    picture = ["-f", "lavfi", "-i", "color=s=64x48:r=10:d=2"]
    command = ["ffmpeg", "-v", "error", "-y", "-fflags", "+bitexact", *picture, *arguments, "-flags", "+bitexact", "-map_metadata", "-1"]
    subprocess.run([*command, os.path.join(FOLDER, name)], check=True)


os.makedirs(FOLDER, exist_ok=True)
with tempfile.TemporaryDirectory() as folder:
    paths = {}
    for name, text in [("es.srt", SRT), ("fr.ass", ASS)]:
        paths[name] = os.path.join(folder, name)
        with open(paths[name], "w") as file:
            file.write(text)
    inputs = ["-i", paths["es.srt"], "-i", paths["fr.ass"]]
    streams = ["-map", "0", "-map", "1", "-map", "2", "-metadata:s:s:0", "language=spa", "-metadata:s:s:1", "language=fra"]
    make("film.mkv", [*inputs, *streams, "-vf", "setpts=PTS+0.5/TB", "-c:v", "libx264", "-c:s:0", "subrip", "-c:s:1", "ass"])
    make("film.mp4", ["-i", paths["es.srt"], "-map", "0", "-map", "1", "-metadata:s:s:0", "language=spa", "-c:v", "libx264",
                      "-c:s", "mov_text"])
with open(os.path.join(FOLDER, "film.ja.vtt"), "w") as file:
    file.write(VTT)
