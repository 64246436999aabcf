"""Reference values for the Swift tests: PyTorch in float64 on inputs that both sides compute with the same formula.

    from oracle import Fixture
    with Fixture("TensorTests", "ops") as fixture:
        fixture.case("softmax", lambda x: torch.softmax(x, 1), {"x": (3, 7)}, axis=1)
        fixture.case("sqrt", torch.sqrt, {"x": ((5, 3), 0.1, 2.0)})       # shape, low, high; default -1, 1

writes Tests/TensorTests/Fixtures/ops.safetensors, which Tests/TestSupport/Oracle.swift reads and describes.
A function gets its inputs as float64 tensors, in order, and returns a tensor or a tuple of tensors. Inputs named in
`constants` get no gradient. Keyword arguments are options that the Swift test reads (numbers, strings, lists, booleans).
"""
import json
import os
import struct

import numpy as np
import torch

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LARGEST_IN_FULL = 64
SKETCH_LINES = 32


def _mixed(start, count):
    """SplitMix64's finaliser of start + 0, start + 1, ..."""
    with np.errstate(over="ignore"):
        z = np.arange(count, dtype=np.uint64) + np.uint64(start) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _hash(name):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def pattern(name, shape, low=-1.0, high=1.0):
    """Numbers uniform in [low, high), the same as Swift's Pattern.tensor; a float32 array."""
    fraction = (_mixed(_hash(name), int(np.prod(shape))) >> np.uint64(40)).astype(np.float64) * 2.0**-24
    return (low + (high - low) * fraction).astype(np.float32).reshape(shape)


def _signed_sum(name, values):
    signs = np.where(_mixed(_hash(name), values.size) >> np.uint64(63), -1.0, 1.0)
    return float(np.dot(signs, values.reshape(-1).astype(np.float64)))


class Fixture:
    """One .safetensors file of reference values for one folder of tests."""

    def __init__(self, tests, name):
        self.path = os.path.join(ROOT, "Tests", tests, "Fixtures", name + ".safetensors")
        self.cases, self.counts, self.values = {}, {}, {}

    def case(self, operation, function, inputs, constants=(), **options):
        """Runs `function` on the inputs, stores its results and gradients; returns the case's name."""
        index = self.counts.setdefault(operation, 0)
        self.counts[operation] += 1
        name = f"{operation}/{index}"
        described, tensors = {}, {}
        for key, value in inputs.items():
            shape, low, high = value if value and isinstance(value[0], (tuple, list)) else (value, -1.0, 1.0)
            described[key] = [list(shape)] if (low, high) == (-1.0, 1.0) else [list(shape), low, high]
            array = pattern(f"{name}/{key}", shape, low, high).astype(np.float64)
            tensors[key] = torch.from_numpy(array).requires_grad_(key not in constants)
        self.cases[name] = {"inputs": described, "options": options, "values": []}
        self.values[name] = []
        outputs = function(*tensors.values())
        outputs = [outputs] if torch.is_tensor(outputs) else list(outputs)
        total = torch.zeros((), dtype=torch.float64)
        for number, output in enumerate(outputs):
            self.value(name, f"output.{number}", output)
            total = total + (output * torch.from_numpy(pattern(f"{name}/seed.{number}", tuple(output.shape)))).sum()
        if total.requires_grad:
            total.backward()
        for key, tensor in tensors.items():
            if tensor.grad is not None:
                self.value(name, f"grad.{key}", tensor.grad)
        return name

    def value(self, case, key, value):
        """Stores one expected value: in full, or as its norm and a sketch if it is large."""
        array = np.asarray(value.detach().double().cpu().numpy() if torch.is_tensor(value) else value)
        self.cases[case]["values"].append([key, list(array.shape)])
        if array.size > LARGEST_IN_FULL:
            sums = [_signed_sum(f"{case}/{key}#{line}", array) for line in range(SKETCH_LINES)]
            array = np.array([np.linalg.norm(array.reshape(-1))] + sums)
        self.values[case].append(array)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            return
        header = {"__metadata__": {name: json.dumps(case, separators=(",", ":")) for name, case in self.cases.items()}}
        blobs, offset = [], 0
        for name, values in self.values.items():
            numbers = np.concatenate([value.reshape(-1) for value in values]) if values else np.zeros(0)
            blob = numbers.astype("<f4").tobytes()
            header[name] = {"dtype": "F32", "shape": [numbers.size], "data_offsets": [offset, offset + len(blob)]}
            blobs.append(blob)
            offset += len(blob)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
        print(f"{self.path}: {len(self.cases)} cases, {8 + len(text) + offset} bytes")
