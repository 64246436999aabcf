"""Arrays of every type that the kit reads, as numpy writes them.

Writes Tests/ModelTests/Fixtures/arrays.npz with an array for each type, and compressed.npz, which is refused.
"""
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent.parent / "ModelTests" / "Fixtures"
TYPES = ["float32", "float64", "float16", "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"]


def values(name):
    if name == "bool":
        return np.array([[True, False, True], [False, False, True]])
    signed = np.array([[0, 1, 2], [3, 100, 127]], dtype=np.float64)
    return (-signed if name.startswith(("float", "int")) else signed).astype(name)


arrays = {name: values(name) for name in TYPES}
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4))
arrays["scalar"] = np.float32(2.5)
arrays["empty"] = np.zeros((0, 3), np.float32)
np.savez(FOLDER / "arrays.npz", **arrays)
np.savez_compressed(FOLDER / "compressed.npz", a=np.zeros(1000, np.float32))
