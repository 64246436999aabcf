"""Reading clips as users of PyAV, torchcodec and decord do."""
import numpy as np

READERS = {}


def reader(name):
    """Registers a class that reads clips, made from a path, a number of threads and a frame size."""
    return lambda made: READERS.setdefault(name, made)


def centre(pictures, size):
    """The central square of side `size` of [count, height, width, 3]."""
    left = (pictures.shape[2] - size) // 2
    return pictures[:, :, left:left + size]


def picture_times(start, seconds, count):
    return [start + seconds * index / count for index in range(count)]


@reader("pyav")
class PyAV:
    def __init__(self, path, threads, size):
        import av

        self.container, self.size = av.open(path), size
        stream = self.container.streams.video[0]
        stream.codec_context.thread_count = threads
        if threads == 1:
            stream.thread_type = "NONE"
        self.width = round(stream.width * size / stream.height / 2) * 2
        # Clips are counted from the first frame; a container's clock may begin earlier.
        self.zero = float(stream.start_time * stream.time_base)

    def pictures(self, start, seconds, count):
        stream, start = self.container.streams.video[0], start + self.zero
        self.container.seek(int(start / stream.time_base), stream=stream)
        times, found, last = picture_times(start, seconds, count), [], None
        for frame in self.container.decode(stream):
            # A frame is shown until the next one.
            while last is not None and len(found) < count and frame.time > times[len(found)] + 0.001:
                found.append(self.scaled(last) if not found or found[-1][0] is not last else found[-1])
            if len(found) == count:
                break
            last = frame
        found += [self.scaled(last)] * (count - len(found))
        return centre(np.stack([picture for _, picture in found]), self.size)

    def scaled(self, frame):
        return frame, frame.reformat(self.width, self.size, "rgb24", interpolation="BILINEAR").to_ndarray()

    def sound(self, track, start, seconds, rate):
        stream, start = self.container.streams.audio[track], start + self.zero
        self.container.seek(max(0, int((start - 0.1) / stream.time_base)), stream=stream)
        parts, first = [], None
        for frame in self.container.decode(stream):
            if frame.time + frame.samples / rate <= start:
                continue
            first = frame.time if first is None else first
            parts.append(frame.to_ndarray())
            if frame.time + frame.samples / rate >= start + seconds:
                break
        skip = max(0, round((start - first) * rate))
        return np.concatenate(parts, axis=1)[:, skip:skip + int(seconds * rate)]


@reader("torchcodec")
class TorchCodec:
    def __init__(self, path, threads, size):
        from torchcodec.decoders import AudioDecoder, VideoDecoder

        self.size = size
        self.video = VideoDecoder(path, seek_mode="approximate", num_ffmpeg_threads=threads)
        first = self.video.metadata.stream_index or 0
        self.zero = self.video.metadata.begin_stream_seconds or 0
        self.tracks = [AudioDecoder(path, stream_index=first + 1 + track) for track in range(2)]

    def pictures(self, start, seconds, count):
        import torch

        times = [time + 0.001 for time in picture_times(start + self.zero, seconds, count)]
        pictures = self.video.get_frames_played_at(times).data
        width = round(pictures.shape[3] * self.size / pictures.shape[2] / 2) * 2
        pictures = torch.nn.functional.interpolate(pictures, (self.size, width), mode="bilinear")
        return centre(pictures.permute(0, 2, 3, 1), self.size)

    def sound(self, track, start, seconds, rate):
        start += self.zero
        return self.tracks[track].get_samples_played_in_range(start, start + seconds).data


@reader("decord")
class Decord(PyAV):
    """decord's own sound reader decodes the whole first track, so PyAV reads the sound."""
    def __init__(self, path, threads, size):
        import decord

        super().__init__(path, threads, size)
        self.video = decord.VideoReader(path, width=self.width, height=size, num_threads=threads)
        self.rate = self.video.get_avg_fps()

    def pictures(self, start, seconds, count):
        numbers = [int(time * self.rate + 0.01) for time in picture_times(start, seconds, count)]
        return centre(self.video.get_batch(numbers).asnumpy(), self.size)
