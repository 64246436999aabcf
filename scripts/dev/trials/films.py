"""The films for differential.py and copies.py: containers x codecs x defects, made by ffmpeg."""
import os
import subprocess

SECONDS, RATE, WIDTH, HEIGHT = 3, 25, 128, 64
CONTAINERS = ["mp4", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mpg", "flv", "wmv", "ogv", "3gp"]
VIDEO = {
    "h264": ["libx264", "-preset", "veryfast", "-bf", "3", "-g", "20"],
    "h264-open": ["libx264", "-preset", "veryfast", "-bf", "2", "-g", "20", "-x264-params", "open-gop=1:keyint=20"],
    "hevc": ["libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=20:bframes=3:open-gop=1"],
    "av1": ["libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "20"],
    "vp8": ["libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "20", "-b:v", "500k"],
    "vp9": ["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "20", "-b:v", "500k"],
    "mpeg4": ["mpeg4", "-bf", "2", "-g", "20", "-q:v", "3"],
    "mpeg2": ["mpeg2video", "-bf", "2", "-g", "15", "-q:v", "3"],
    "mpeg1": ["mpeg1video", "-bf", "2", "-g", "15", "-q:v", "3"],
    "mjpeg": ["mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"],
    "theora": ["libtheora", "-g", "20", "-q:v", "8"],
    "wmv2": ["wmv2", "-g", "20", "-q:v", "3"],
    "flv1": ["flv", "-g", "20", "-q:v", "3"],
    "ffv1": ["ffv1", "-g", "1"],
}
SOUND = {
    "aac": ["aac", "-aac_pns", "0"], "mp3": ["libmp3lame"], "mp2": ["mp2"], "ac3": ["ac3"], "eac3": ["eac3"],
    "opus": ["libopus"], "opus5": ["libopus", "-frame_duration", "5"], "vorbis": ["libvorbis"], "flac": ["flac"],
    "alac": ["alac"], "pcm16": ["pcm_s16le"], "pcmf": ["pcm_f32le"], "wma": ["wmav2"], "adpcm": ["adpcm_ima_wav"],
}
MATRICES = {
    "rotate90": [0, 65536, 0, -65536, 0, 0], "rotate180": [-65536, 0, 0, 0, -65536, 0],
    "rotate270": [0, -65536, 0, 65536, 0, 0], "hflip": [-65536, 0, 0, 0, 65536, 0], "vflip": [65536, 0, 0, 0, -65536, 0],
    "transpose": [0, 65536, 0, 65536, 0, 0], "transverse": [0, -65536, 0, -65536, 0, 0],
}


def bits(x="X", width="W"):
    return f"geq=lum='if(mod(floor(N/pow(2\\,floor({x}*8/{width})))\\,2)\\,220-Y\\,30+Y)':cb='128+20*gt(X\\,W/4)':cr=128"


def picture_source(rate=RATE, seconds=SECONDS, size=(WIDTH, HEIGHT)):
    return f"nullsrc=s={size[0]}x{size[1]}:r={rate}:d={seconds},format=yuv420p,{bits()}"


def sound_source(seed=0, rate=48000, seconds=SECONDS):
    channels = "|".join(f"0.5*(random({2 * seed + c})-0.5)" for c in range(2))
    return f"aevalsrc={channels}:s={rate}:d={seconds}:c=stereo,lowpass=f=5000"


def ffmpeg(*arguments, check=True):
    result = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments], capture_output=True)
    if check and result.returncode != 0:
        raise RuntimeError(result.stderr.decode(errors="replace")[-300:])
    return result


class Case:
    """A film to make: ffmpeg's arguments, and the changes to the file afterwards."""

    def __init__(self, name, arguments, after=None, sound=None):
        self.name, self.arguments, self.after, self.sound = name, arguments, after, sound

    def make(self, folder):
        self.path = os.path.join(folder, self.name)
        result = ffmpeg(*self.arguments, self.path, check=False)
        if result.returncode != 0 or not os.path.exists(self.path) or os.path.getsize(self.path) == 0:
            return False
        if self.after:
            self.after(self.path)
        return True


def film(container, video="h264", sound="aac", name=None, before=(), between=(), options=(), after=None, rate=RATE,
         size=(WIDTH, HEIGHT), sample_rate=48000):
    name = f"{name or video + '-' + sound}.{container}"
    arguments = [*before, "-f", "lavfi", "-i", picture_source(rate, size=size), *between, "-f", "lavfi", "-i",
                 sound_source(rate=sample_rate), "-map", "0", "-map", "1", "-vsync", "passthrough", "-strict", "-2", "-c:v",
                 *VIDEO[video], "-c:a", *SOUND[sound], "-metadata:s:a:0", "language=eng", *options]
    return Case(name, arguments, after, sound)


def set_matrix(values):
    """Writes the video's display matrix into an mp4; ffmpeg itself leaves the identity in the track header."""

    def after(path):
        data = bytearray(open(path, "rb").read())
        at = data.index(b"tkhd")
        version = data[at + 4]
        place = at + 4 + (40 if version == 0 else 52)
        a, b, u, c, d, v = values
        for index, value in enumerate([a, b, u, c, d, v]):
            data[place + 4 * index:place + 4 * index + 4] = int(value).to_bytes(4, "big", signed=True)
        open(path, "wb").write(bytes(data))

    return after


def inside(data, at, end):
    """The boxes of an mp4 in a range of its bytes: (name, start, end)."""
    while at + 8 <= end:
        size = int.from_bytes(data[at:at + 4], "big")
        yield bytes(data[at + 4:at + 8]), at, at + size
        at += size


def set_edits(kind, edits):
    """Replaces the edits of an mp4's track (b"vide", b"soun"). Each is (seconds, place in the media; None for an empty edit)."""

    def after(path):
        data = bytearray(open(path, "rb").read())

        def find(name, at, end):
            return next((a, b) for n, a, b in inside(data, at, end) if n == name)

        movie = find(b"moov", 0, len(data))
        header = find(b"mvhd", movie[0] + 8, movie[1])
        movie_rate = int.from_bytes(data[header[0] + 20:header[0] + 24], "big")
        for name, *track in inside(data, movie[0] + 8, movie[1]):
            if name != b"trak":
                continue
            media = find(b"mdia", track[0] + 8, track[1])
            handler = find(b"hdlr", media[0] + 8, media[1])
            if data[handler[0] + 16:handler[0] + 20] == kind:
                break
        header = find(b"mdhd", media[0] + 8, media[1])
        rate = int.from_bytes(data[header[0] + 20:header[0] + 24], "big")
        outer = find(b"edts", track[0] + 8, track[1])
        inner = find(b"elst", outer[0] + 8, outer[1])
        # The existing edit begins after the codec's delay.
        old = [int.from_bytes(data[inner[0] + 16 + 12 * k:][4:8], "big", signed=True)
               for k in range(int.from_bytes(data[inner[0] + 12:inner[0] + 16], "big"))]
        delay = max(0, *old, 0)
        box = bytearray(4) + len(edits).to_bytes(4, "big")
        for seconds, place in edits:
            box += round(seconds * movie_rate).to_bytes(4, "big")
            box += (-1 if place is None else delay + round(place * rate)).to_bytes(4, "big", signed=True)
            box += bytes([0, 1, 0, 0])
        more = len(box) + 8 - (inner[1] - inner[0])
        for at, end in (movie, track, outer, inner):
            data[at:at + 4] = (end - at + more).to_bytes(4, "big")
        data[inner[0] + 8:inner[1]] = box
        open(path, "wb").write(bytes(data))

    return after


def each(*changes):
    def after(path):
        for change in changes:
            change(path)

    return after


def trim(start):
    """Copies a film from a time on: an edit hides the frames between the previous key frame and that time."""

    def after(path):
        whole = path + ".whole." + path.rsplit(".", 1)[1]
        os.rename(path, whole)
        ffmpeg("-ss", str(start), "-i", whole, "-c", "copy", path)
        os.unlink(whole)

    return after


def go_on(container, video, sound, seconds=SECONDS):
    """Appends a second part to a transport stream; its timestamps continue those of the first."""

    def after(path):
        part = path + ".part." + container
        ffmpeg(*film(container, video, sound).arguments, "-output_ts_offset", str(seconds), part)
        with open(path, "ab") as file:
            file.write(open(part, "rb").read())
        os.unlink(part)

    return after


def cut_head(share):
    """Cuts off the beginning of a transport stream, up to the middle of a group of pictures."""

    def after(path):
        data = open(path, "rb").read()
        packet = 192 if path.endswith("m2ts") else 188
        start = int(len(data) * share) // packet * packet
        open(path, "wb").write(data[start:])

    return after


def double(path):
    data = open(path, "rb").read()
    open(path, "wb").write(data + data)


def edited(container):
    """Edits of a film whose tracks last as long as SECONDS."""
    two = [(1.2, 0), (1.3, 1.5)]
    for sound in ["aac", "mp3", "ac3", "flac", "alac", "opus"]:
        yield film(container, sound=sound, name=f"edits-sound-{sound}", after=set_edits(b"soun", two))
    yield film(container, name="edits-picture", after=set_edits(b"vide", two))
    yield film(container, name="edits-both", after=each(set_edits(b"soun", two), set_edits(b"vide", two)))
    yield film(container, name="edits-back", after=each(set_edits(b"soun", [(1, 1.5), (1, 0.5)]),
                                                        set_edits(b"vide", [(1, 1.5), (1, 0.5)])))
    for kind, name in [(b"soun", "sound"), (b"vide", "picture")]:
        yield film(container, name=f"hole-{name}", after=set_edits(kind, [(1, 0), (0.7, None), (1.5, 1)]))
        yield film(container, name=f"late-trimmed-{name}", after=set_edits(kind, [(0.6, None), (1.4, 0.3)]))
        yield film(container, name=f"very-late-{name}", after=set_edits(kind, [(1.6, None), (0.9, 0.1)]))
        yield film(container, name=f"short-{name}", after=set_edits(kind, [(1.9, 0.5)]))


def cases(full):
    main_video = {"webm": "vp9", "flv": "flv1", "mpg": "mpeg2", "wmv": "wmv2", "ogv": "theora", "avi": "mpeg4"}
    main_sound = {"webm": "opus", "mpg": "mp2", "wmv": "wma", "ogv": "vorbis", "avi": "mp3", "flv": "mp3"}
    for container in CONTAINERS:
        usual_video, usual_sound = main_video.get(container, "h264"), main_sound.get(container, "aac")
        if full:
            for video in VIDEO:
                for sound in SOUND:
                    yield film(container, video, sound)
        else:
            for video in VIDEO:
                yield film(container, video, usual_sound)
            for sound in SOUND:
                if sound != usual_sound:
                    yield film(container, usual_video, sound)
        usual = dict(video=usual_video, sound=usual_sound)
        yield film(container, **usual, name="late-sound", between=["-itsoffset", "0.237"])
        yield film(container, **usual, name="late-picture", before=["-itsoffset", "0.7"])
        yield film(container, **usual, name="anamorphic", options=["-vf", "setsar=2/1"])
        yield film(container, **usual, name="odd-rate", rate="24000/1001")
        yield film(container, **usual, name="fast", rate=50)
        yield film(container, **usual, name="uneven", options=["-vf", "select='mod(n\\,7)*mod(n\\,3)'"])
        yield film(container, **usual, name="44100", sample_rate=44100)
        yield film(container, **usual, name="joined", after=double)
    for container in ["mp4", "mov"]:
        for name, values in MATRICES.items():
            yield film(container, name=name, after=set_matrix(values))
        yield film(container, name="edited", before=["-ss", "0.33"])
        yield from edited(container)
        yield film(container, name="trimmed", after=trim(0.5))
        for fragments in ["frag_keyframe+empty_moov", "frag_keyframe+empty_moov+default_base_moof", "frag_every_frame", "dash",
                          "frag_keyframe+empty_moov+delay_moov"]:
            for sound in ["aac", "opus", "ac3", "flac"]:
                yield film(container, sound=sound, name=f"{fragments}-{sound}", options=["-movflags", fragments])
        yield film(container, name="late-fragments", between=["-itsoffset", "0.237"],
                   options=["-movflags", "frag_keyframe+empty_moov"])
    for container in ["ts", "m2ts"]:
        for video, sound in [("h264", "aac"), ("mpeg2", "mp2"), ("h264", "ac3"), ("hevc", "opus")]:
            # A pause of less than a frame, one of more than a frame, and none.
            for pause in [0, 0.004, 0.05] if container == "ts" else [0]:
                yield film(container, video, sound, name=f"goes-on{pause}-{video}-{sound}",
                           after=go_on(container, video, sound, SECONDS + pause))
    for container in ["ts", "m2ts", "mpg"]:
        for video in ["h264", "h264-open", "hevc", "mpeg4", "mpeg2", "mpeg1"]:
            for share in [0.13, 0.31]:
                yield film(container, video, "mp2", name=f"cut{share}-{video}", after=cut_head(share))
    for kind, sound in [("wav", "pcm16"), ("wav", "pcmf"), ("flac", "flac"), ("mp3", "mp3"), ("aac", "aac"),
                        ("ogg", "vorbis"), ("opus", "opus"), ("ogg", "flac"), ("m4a", "aac"), ("m4a", "alac"),
                        ("aiff", "pcm16"), ("caf", "pcm16"), ("w64", "pcm16"), ("mka", "opus"), ("mka", "opus5"),
                        ("wma", "wma"), ("mp2", "mp2"), ("ac3", "ac3")]:
        codec = ["pcm_s16be"] if kind == "aiff" else SOUND[sound]
        arguments = ["-f", "lavfi", "-i", sound_source(), "-strict", "-2", "-c:a", *codec]
        yield Case(f"only-{sound}.{kind}", arguments, sound=sound)
        yield Case(f"only-joined-{sound}.{kind}", arguments, double, sound)
