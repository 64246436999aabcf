"""NT-Xent as it is usually written."""
import torch
from torch.nn import functional


def nt_xent(a, b, temperature=0.1):
    """The loss of two batches of views, [batch, features] each: every row competes with all other rows of both."""
    z = functional.normalize(torch.cat([a, b]), dim=1)
    similarities = z @ z.T / temperature
    similarities.fill_diagonal_(float("-inf"))
    partners = torch.arange(len(z)).roll(len(a))
    return functional.cross_entropy(similarities, partners)
