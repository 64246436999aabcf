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
          "by `perf`, 28 % is the kernel's (page faults of weights and libraries), 13 % libavcodec's, 11 % the dynamic linker's, "
          "20 % the initial weights, 15 % the networks of two clips."),
    start("start-version", "`dubkit --version`, against imports alone", [BUILD / "dubkit", "--version"], 30,
          "mapping and relocating 36 libraries, most of them the Swift runtime's."),
]
