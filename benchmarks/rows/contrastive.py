"""NT-Xent alone."""
from harness.row import TUNED, Form, Row
from rows.dub import NT_XENT

ORDER = 4


def nt_xent(batch):
    plain = {"loss_of": "plain", "compile": False}
    forms = [
        Form("plain PyTorch", plain), Form("plain PyTorch, tuned malloc", plain, TUNED),
        Form("plain PyTorch compiled, tuned malloc", {"loss_of": "plain", "compile": True}, TUNED),
        Form("lightly", {"loss_of": "lightly"}), Form("lightly, tuned malloc", {"loss_of": "lightly"}, TUNED),
    ]
    # One product of the similarities and two for the gradient, each once for all pairs.
    return Row(
        f"nt-xent-{batch}", f"NT-Xent forward + backward, {batch} x 128", "contrastive", {"loss": NT_XENT, "shape": [batch, 128]},
        forms, {"loss": 1e-4, "gradient": 1e-3}, 1.5, shows_memory=True,
        prepare=lambda row, folder: {"flops": 3 * 2 * (2 * batch) ** 2 * 128},
        note="matrix products: the three of the plain form are counted. The kit computes each pair's similarity once and again for "
             "the gradient, which is two thirds of that, so a fraction above 1 is possible.")


ROWS = [nt_xent(1024), nt_xent(8192)]
