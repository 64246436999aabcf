"""The update of the weights."""
from harness.row import TUNED, Form, Row

ORDER = 5
TENSORS, SHAPE = 60, [512, 1024]

ROWS = [
    Row("adamw-ema", "AdamW and moving average of 31 M weights", "update",
        {"tensors": TENSORS, "shape": SHAPE, "decay": 0.999,
         "optimizer": {"name": "adamw", "options": {"learning_rate": 1e-3, "weight_decay": 0.01}}},
        [Form("PyTorch", {"adamw": {}}), Form("PyTorch fused", {"adamw": {"fused": True}}),
         Form("PyTorch fused, tuned malloc", {"adamw": {"fused": True}}, TUNED)],
        {"weight": 1e-5, "average": 1e-5}, 1,
        # Read: weight, gradient, mean, mean square, average; written: all but the gradient.
        prepare=lambda row, folder: {"bytes": TENSORS * SHAPE[0] * SHAPE[1] * 4 * 9},
        note="memory: 36 bytes per weight are counted; the average is a separate pass and moves 4 more."),
]
