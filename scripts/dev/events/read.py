"""Prints what a folder of event files contains, as the tensorboard package reads it: {kind: {tag: [[step, ...], ...]}}."""
import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

accumulator = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0, "audio": 0, "histograms": 0, "tensors": 0})
accumulator.Reload()
tags = accumulator.Tags()


def read(kind, events, facts):
    return {tag: [[event.step, *facts(event)] for event in events(tag)] for tag in tags[kind]}


json.dump(
    {
        "scalars": read("scalars", accumulator.Scalars, lambda event: [event.value]),
        "images": read("images", accumulator.Images, lambda event: [event.width, event.height]),
        "audio": read("audio", accumulator.Audio, lambda event: [event.sample_rate, event.length_frames]),
        "histograms": read(
            "histograms", accumulator.Histograms, lambda event: [event.histogram_value.num, sum(event.histogram_value.bucket)]
        ),
        "texts": read("tensors", accumulator.Tensors, lambda event: [len(event.tensor_proto.string_val[0])]),
    },
    sys.stdout,
)
