"""Inputs that both sides compute with the same formula (Workload.swift)."""
import numpy as np


def pattern(shape):
    """Numbers in [-1, 1) from their index alone."""
    index = np.arange(int(np.prod(shape)), dtype=np.uint64) * np.uint64(2654435761)
    values = ((index & np.uint64(0xFFFFFFFF)) >> np.uint64(8)).astype(np.float32) * np.float32(2.0**-23) - 1
    return values.reshape(shape)


def encoder_input(shape, layout):
    """[batch, ..., channels] as PyTorch's [batch, channels, ...] in one of its layouts."""
    import torch

    x = torch.from_numpy(pattern(shape)).movedim(-1, 1).contiguous()
    return x.contiguous(memory_format=memory_format(layout, x.dim()))


def memory_format(layout, dimensions):
    import torch

    last = {4: torch.channels_last, 5: torch.channels_last_3d}
    return last[dimensions] if layout == "channels_last" else torch.contiguous_format
