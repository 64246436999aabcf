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
        "to": itself, "cpu": itself, "cuda": itself, "float": itself, "half": itself, "long": itself, "type": itself,
        "astype": itself, "dtype": itself, "device": itself, "contiguous": itself,
        "clone": "x + 0", "copy": "x + 0", "expand": repeated, "expand_as": repeated, "repeat": repeated,
        "tile": repeated,
        "broadcast_to": repeated, "cat": "kit.tensor.concat { x, y, axis = ... }",
        "stack": "kit.tensor.stack { x, y }", "chunk": "x:split(axis, sizes)", "unbind": "x:split(axis, sizes)",
        "one_hot": "kit.tensor.one_hot { labels = ..., classes = ... }", "isnan": "x:not_equal(x)",
        "sign": "x:greater(0) - x:less(0)", "rsqrt": "1 / x:sqrt()", "log1p": "(x + 1):log()",
        "expm1": "x:exp() - 1", "log2": "x:log() / math.log(2)", "log10": "x:log() / math.log(10)",
        "any": "x:max():item() > 0", "all": "x:min():item() > 0", "mv": "x:matmul(y)",
        "lerp": "x + (y - x) * weight", "outer": "x:unsqueeze(2) * y", "ger": "x:unsqueeze(2) * y",
        "diag": "(x * kit.tensor.eye { n }):sum(2)", "diagonal": "(x * kit.tensor.eye { n }):sum(2)",
        "add_": "x:assign(x + y)", "sub_": "x:assign(x - y)", "mul_": "x:assign(x * y)", "div_": "x:assign(x / y)",
        "zero_": "x:assign(0)", "clamp_": "x:assign(x:clamp(low, high))", "detach_": "x:detach()",
    ]

    private static let itself = "x as it is: tensors are float32, in main memory"
    private static let repeated = "x + kit.tensor.zeros { ... }: shapes broadcast in arithmetic"
}
