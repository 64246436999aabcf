"""A whole step of training on pairs of dubs, and training on films that are read at the same time."""
from harness.measure import by_peer
from harness.row import TUNED, Form, Row, torch_forms
from harness.workers import ROOT
from rows.steps import ADAMW, RESNET50, X3D_M, X3D_S

ORDER = 2
RESNET18 = {"name": "resnet18"}
NT_XENT = {"name": "nt_xent", "options": {"temperature": 0.1}}


def head(*widths):
    return {"name": "mlp", "options": {"widths": widths, "batch_norm": False}}


def loader_forms():
    """DataLoaders over PyAV and torchcodec, on PyTorch as it is and at its best."""
    def form(reader, name, workers, layout="contiguous", environment={}):
        options = {"reader": reader, "workers": workers, "layout": layout, "compile": False}
        tuned = ", channels last, tuned malloc" if environment else ""
        return Form(f"DataLoader of {name}, {workers} workers{tuned}", options, environment)

    return [form("pyav", "PyAV", 2)] + [form(reader, name, 1, "channels_last", TUNED)
                                        for reader, name in (("pyav", "PyAV"), ("torchcodec", "torchcodec"))]


ROWS = [
    Row("dub-step", "whole dub step: X3D-M, two tracks through one resnet50, heads, three NT-Xent terms, batch 4", "dub_step",
        {"video": X3D_M, "audio": RESNET50, "video_head": head(2048, 1024, 128), "audio_head": head(2048, 1024, 128),
         "loss": NT_XENT, "optimizer": ADAMW, "video_input": [4, 16, 224, 224, 3], "audio_input": [4, 96, 280, 2]},
        torch_forms(), {"loss": 1e-3}, 2, prepare=by_peer, shows_memory=True),
    Row("end-to-end", "films to weights: clips of 8 x 112x112 and two tracks read ahead, X3D-S and resnet18, batch 8",
        "end_to_end",
        {"video": X3D_S, "audio": RESNET18, "video_head": head(2048, 512, 128), "audio_head": head(512, 512, 128),
         "loss": NT_XENT, "optimizer": ADAMW, "steps": 4, "film_seconds": 16, "sampler": {"name": "uniform", "options": {"batch": 8}},
         "films": {"name": "films", "options": {
             "path": str(ROOT / "samples" / "movies"), "frames": 8, "size": 112, "tracks": ["en", "es"], "split": "all",
             "workers": 2}}},
        loader_forms(), {"loss": 1e-3}, 2.5, prepare=by_peer,
        note="by `perf`, 49 % of the samples are in the micro-kernels of dense products, most of them resnet18's, where PyTorch is "
             "nearly as fast (see resnet50); 8 % are in libavcodec: on two cores, reading takes time from the step."),
]
