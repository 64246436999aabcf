"""How long it takes until work can begin."""
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
          "by `perf`, 32 % of the samples are the system's (page faults of weights, gradients and libraries), 20 % the networks of "
          "two clips, 12 % the initial weights, 8 % the dynamic linker's. A dry run opens all films, builds all networks and "
          "computes the loss of two clips: less of that would make it faster, and worth less."),
    start("start-version", "`dubkit --version`, against imports alone", [BUILD / "dubkit", "--version"], 30,
          "mapping and relocating 36 libraries, most of them the Swift runtime's."),
]
