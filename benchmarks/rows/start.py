"""The time until work can begin."""
from harness.row import Form, Row
from harness.workers import BUILD, ROOT

ORDER = 9
IMPORTS = "import torchvision_operators, torch, torchvision, torchaudio, pytorchvideo.models, pytorchvideo.data, av"
RECIPE = ROOT / "scripts" / "pretrain" / "simclr_dub.lua"
DRY_RUN = [BUILD / "dubkit", "run", "-q", "--dry-run", RECIPE, "--set", f"data={ROOT / 'samples' / 'movies'}"]


def start(name, title, command, target, note):
    return Row(name, title, "start", {"command": list(map(str, command))},
               [Form("Python, importing torch, torchvision, torchaudio, pytorchvideo and av", {"imports": IMPORTS})], {}, target,
               shows_memory=True, note=note)


ROWS = [
    start("start-dry-run", "`dubkit run --dry-run` of a recipe, against imports alone", DRY_RUN, 30,
          "by `perf`, 28 % of the samples are in the system (pages of libraries, weights and activations), 27 % in the kit (weights, "
          "the networks of four clips), 23 % in libav (sixteen films opened, four clips read), 10 % in the dynamic linker: FFmpeg "
          "brings a hundred libraries. Starting and loading libraries alone take a third of the time. A dry run opens all films, "
          "builds all networks and computes the loss of two clips; doing less would make it faster, but less useful."),
    start("start-version", "`dubkit --version`, against imports alone", [BUILD / "dubkit", "--version"], 30,
          "mapping and relocating 36 libraries, most of them the Swift runtime's."),
]
