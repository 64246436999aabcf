import KitCore

/// Names of tensor functions in PyTorch and numpy, with the way a recipe writes them for a tensor x.
enum TensorForeignNames {
    static let all = [
        "size": "x:shape()", "dim": "#x:shape()", "ndim": "#x:shape()", "ndimension": "#x:shape()",
        "numel": "#x:reshape { -1 }", "view": "x:reshape { ... }", "view_as": "x:reshape(y:shape())",
        "reshape_as": "x:reshape(y:shape())", "ravel": "x:flatten()", "expand_dims": "x:unsqueeze(axis)",
        "t": "x:transpose()", "T": "x:transpose()", "mT": "x:transpose()", "swapaxes": "x:transpose(first, second)",
        "narrow": "x:slice(axis, first, last)", "index_select": "x:gather { ... }",
        "mm": "x:matmul(y)", "bmm": "x:matmul(y)", "dot": "(x * y):sum()", "add": "x + y", "sub": "x - y",
        "mul": "x * y", "div": "x / y", "pow": "x ^ y", "neg": "-x", "square": "x ^ 2", "lt": "x:less(y)",
        "le": "x:less_equal(y)",
        "gt": "x:greater(y)", "ge": "x:greater_equal(y)", "ne": "x:not_equal(y)", "eq": "x:equal(y)",
        "var": "x:variance()", "argsort": "local values, indices = x:sort()", "masked_fill": "mask:where(value, x)",
        "copy_": "x:assign(y)", "fill_": "x:assign(value)", "einsum": "kit.tensor.einsum { \"ij,jk->ik\", x, y }",
        "amax": "x:max()", "amin": "x:min()", "clip": "x:clamp(low, high)", "silu": "x:swish()",
        "tolist": "x:values()", "numpy": "x:values()", "requires_grad_": "x:requires_grad()",
    ]
}
