"""The small networks of docs/guide/weights.md: samples/weights, by the script that the guide explains, with random weights.
Needs torch, timm and torchvision."""
import pathlib
import runpy
import sys

from torchvision_import import torchvision  # noqa: F401 (timm needs it)

ROOT = pathlib.Path(__file__).parents[2]
OUT = ROOT / "samples/weights"

OUT.mkdir(exist_ok=True)
sys.argv = [
    "save_weights.py", "timm:convnext_tiny", str(OUT / "convnext"), "--random", "--set", "depths=1,1,2,1", "--set",
    "dims=8,8,16,16", "--input", "1,3,64,64",
]
runpy.run_path(str(ROOT / "scripts/examples/save_weights.py"), run_name="__main__")
