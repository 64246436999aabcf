"""Training steps and inference of single encoders."""
import dataclasses

from harness.measure import by_peer
from harness.row import BFLOAT16 as BFLOAT16_NAME
from harness.row import Row, torch_forms

ORDER = 1
ADAMW = {"name": "adamw", "options": {"decay_all": True}}
X3D_M, X3D_S, X3D_XS = ({"name": "x3d", "options": {"variant": variant}} for variant in ("m", "s", "xs"))
# A bfloat16 has 8 bits, so each rounding is off by up to 0.4 %. PyTorch's features differ by 0.4 to 0.6 % of their norm from
# those in float32, and its losses by 0.13 % at most.
BFLOAT16 = {"features": 0.02, "loss": 0.01}
RESNET50, ACOUSTIC = {"name": "resnet50"}, {"name": "acoustic_resnet50"}
MVIT_VIDEO, MVIT_AUDIO = ({"name": "mvitv2", "options": {"size": "s", "modality": modality, "drop_path": 0}}
                          for modality in ("video", "audio"))


def step(name, title, encoder, shape, target):
    return Row(
        name, title, "step", {"encoder": encoder, "input": shape, "optimizer": ADAMW}, torch_forms("autocast"),
        {"features": 1e-4, "loss": 1e-3}, target, BFLOAT16, prepare=by_peer, shows_memory=True)


def inference(name, title, encoder, shape, note=""):
    return Row(
        name, title, "inference", {"encoder": encoder, "input": shape}, torch_forms("autocast", "bfloat16"), {"features": 1e-4},
        1.5, {"features": BFLOAT16["features"]}, prepare=by_peer, note=note)


def in_both_precisions(rows):
    """Each row, and the same work with the kit in bfloat16."""
    return [each for row in rows for each in (row, dataclasses.replace(
        row, name=f"{row.name}-bfloat16", title=f"{row.title}, in bfloat16", spec={**row.spec, "precision": BFLOAT16_NAME},
        note=""))]


RESNET50_8 = ("by `perf`, 84 % of the samples are in the products' micro-kernels, which compute the 28 GFLOP that Winograd filtering "
              "leaves; 6 % are in normalisations and residual sums. Winograd tiles of 4 x 4 would save 7 % of the products, at three "
              "to five times the error ([decision](decisions/0009-winograd-tiles.md)).")

MVIT_2 = ("by `perf`, on Zen 5 in bfloat16, 61 % of the samples are in the products' micro-kernels, 4 % each in rounding their left "
          "factors, in the weights of attention and in GELU; the two threads work nine tenths of the time. PyTorch's compiled forms "
          "join GELU, norms and sums into fewer passes over memory.")
MVIT_8 = ("by `perf`, on Zen 4 in bfloat16, 63 % of the samples are in the products' micro-kernels, which run near the peak there; "
          "4 % each are in GELU and in conversions between bfloat16 and float32, 3 % each in layer norms, in rounding left factors "
          "and in waiting for the other thread. On an Intel server with a tile unit, where products take less time, they were 36 % "
          "while tokens were still stored in float32.")


ROWS = in_both_precisions([
    step("x3d-m-step", "X3D-M training step, 4 x 16x224x224", X3D_M, [4, 16, 224, 224, 3], 2.5),
    step("x3d-s-step", "X3D-S training step, 4 x 13x160x160", X3D_S, [4, 13, 160, 160, 3], 2.5),
    step("x3d-xs-step", "X3D-XS training step, 4 x 4x160x160", X3D_XS, [4, 4, 160, 160, 3], 2.5),
    step("resnet50-step", "resnet50 training step, 16 x 2x96x280", RESNET50, [16, 96, 280, 2], 1.15),
    step("acoustic-step", "acoustic_resnet50 training step, 4 x 2x96x280", ACOUSTIC, [4, 96, 280, 2], 1.15),
    *(inference(f"x3d-m-{batch}", f"X3D-M inference, batch {batch}", X3D_M, [batch, 16, 224, 224, 3])
      for batch in (1, 8)),
    inference("resnet50-1", "resnet50 inference, batch 1", RESNET50, [1, 96, 280, 2]),
    step("mvit-video-step", "MViTv2-S training step, video, 2 x 16x224x224", MVIT_VIDEO, [2, 16, 224, 224, 3], 1.5),
    step("mvit-audio-step", "MViTv2-S training step, sound, 8 x 96x288", MVIT_AUDIO, [8, 96, 288, 1], 1.5),
    inference("mvit-video-2", "MViTv2-S inference, video, batch 2", MVIT_VIDEO, [2, 16, 224, 224, 3], MVIT_2),
    inference("mvit-audio-8", "MViTv2-S inference, sound, batch 8", MVIT_AUDIO, [8, 96, 288, 1], MVIT_8),
    inference("resnet50-8", "resnet50 inference, batch 8", RESNET50, [8, 96, 280, 2], RESNET50_8),
])
