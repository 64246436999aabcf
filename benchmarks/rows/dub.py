"""A whole step of training on pairs of dubs, and training on films that are read at the same time."""
import dataclasses

from harness.measure import by_peer
from harness.row import Row, torch_forms
from harness.workers import ROOT
from rows.steps import ADAMW, RESNET50, X3D_M, X3D_S, in_both_precisions

ORDER = 2
RESNET18 = {"name": "resnet18"}
# The temperature multiplies similarities, and their rounding errors, by 10. PyTorch's loss differs by 1.2 % from that in float32.
BFLOAT16 = {"loss": 0.03}
NT_XENT = {"name": "nt_xent", "options": {"temperature": 0.1}}


def head(*widths):
    return {"name": "mlp", "options": {"widths": widths, "batch_norm": False}}


def loader_forms():
    """A DataLoader over PyAV in front of PyTorch as it is, with two workers, and in front of its tuned forms, with one worker,
    which leaves more time to the step; a DataLoader over torchcodec in front of one tuned form."""
    def form(reader, torch, workers):
        words = "1 worker" if workers == 1 else f"{workers} workers"
        return dataclasses.replace(
            torch, name=f"DataLoader of {reader}, {words}, {torch.name}",
            options={**torch.options, "reader": reader.lower(), "workers": workers})

    first, *others = torch_forms("autocast")
    tuned = [torch for torch in others if torch.environment]
    channels_last = next(torch for torch in tuned if torch.options["layout"] == "channels_last")
    return [form("PyAV", first, 2), *(form("PyAV", torch, 1) for torch in tuned), form("torchcodec", channels_last, 1)]


ROWS = in_both_precisions([
    Row("dub-step", "whole dub step: X3D-M, two tracks through one resnet50, heads, three NT-Xent terms, batch 4", "dub_step",
        {"video": X3D_M, "audio": RESNET50, "video_head": head(2048, 1024, 128), "audio_head": head(2048, 1024, 128),
         "loss": NT_XENT, "optimizer": ADAMW, "video_input": [4, 16, 224, 224, 3], "audio_input": [4, 96, 280, 2]},
        torch_forms("autocast"), {"loss": 1e-3}, 2, BFLOAT16, prepare=by_peer, shows_memory=True),
    Row("end-to-end", "films to weights: clips of 8 x 112x112 and two tracks read ahead, X3D-S and resnet18, batch 8",
        "end_to_end",
        {"video": X3D_S, "audio": RESNET18, "video_head": head(2048, 512, 128), "audio_head": head(512, 512, 128),
         "loss": NT_XENT, "optimizer": ADAMW, "steps": 4, "film_seconds": 16, "sampler": {"name": "uniform", "options": {"batch": 8}},
         "films": {"name": "films", "options": {
             "path": str(ROOT / "samples" / "movies"), "frames": 8, "size": 112, "tracks": ["en", "es"], "split": "all",
             "workers": 2}}},
        loader_forms(), {"loss": 1e-3}, 2.5, BFLOAT16, prepare=by_peer,
        note="by `perf`, 49 % of the samples are in the micro-kernels of dense products, most of them resnet18's, where PyTorch is "
             "nearly as fast (see resnet50); 8 % are in libavcodec: on two cores, reading takes time from the step."),
])
