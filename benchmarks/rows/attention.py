"""Attention alone."""
from harness.row import BFLOAT16, TUNED, Form, Row
from rows.steps import in_both_precisions

ORDER = 2
# A bfloat16 has 8 bits. Gradients of scores are differences of nearly equal numbers.
NARROW = {"output": 0.02, "query gradient": 0.1, "key gradient": 0.1, "value gradient": 0.05}


def attention(name, title, batch, queries, keys, heads, width, training):
    def form(words, attention, compiled=False, arithmetic="float32", environment=TUNED):
        options = {"attention": attention, "compile": compiled, "arithmetic": arithmetic}
        words += ", compiled" * compiled + ", tuned malloc" * bool(environment)
        return Form(words, options, environment, arithmetic)

    sdpa = "scaled_dot_product_attention"
    forms = [form(sdpa, "sdpa", environment={}), form(sdpa, "sdpa"), form("products and softmax", "plain"),
             form("products and softmax", "plain", compiled=True),
             form(f"{sdpa} in bfloat16", "sdpa", arithmetic=BFLOAT16)]
    spec = dict(batch=batch, queries=queries, keys=keys, heads=heads, width=width, training=training)
    # The two products of the definition, and four for the gradient.
    flops = 4 * batch * heads * queries * keys * width * (3 if training else 1)
    tolerances = {"output": 1e-4} | ({f"{each} gradient": 1e-3 for each in ("query", "key", "value")} if training else {})
    return Row(name, title, "attention", spec, forms, tolerances, 1.0, {key: NARROW[key] for key in tolerances},
               prepare=lambda row, folder: {"flops": flops}, shows_memory=True,
               note="matrix products and exponentials. The kit computes the scores once more for the gradient, which is not "
                    "counted." if training else "matrix products and exponentials.")


ROWS = in_both_precisions([
    attention("attention-vit", "attention forward + backward, 2 x 12 heads of 64, 1568 x 1568 tokens", 2, 1568, 1568, 12, 64, True),
    attention("attention-vit-inference", "the same forward alone", 2, 1568, 1568, 12, 64, False),
    attention("attention-mvit", "attention forward + backward, one head of 96, 25,089 x 393 tokens", 1, 25089, 393, 1, 96, True),
])
