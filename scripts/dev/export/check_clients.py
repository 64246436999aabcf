"""Runs the checkers of the programs that the Python package fits a model to.

    python3 scripts/dev/export/check_clients.py FOLDER

FOLDER is an export with one encoder for sound. Each client that is installed is checked: hearvalidator, xares, mteb,
safetensors and huggingface_hub's reader of model cards. hearvalidator imports TensorFlow for models in it; without
TensorFlow, an empty module takes its place. Exits with 1 if a check fails.
"""

import importlib.util
import pathlib
import sys
import types

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "python"))


def hear(folder):
    if importlib.util.find_spec("tensorflow") is None:
        stub = types.ModuleType("tensorflow")
        stub.Module = type("Module", (), {})
        sys.modules["tensorflow"] = stub
        print("  (without TensorFlow)")
    from hearvalidator.validate import ValidateModel

    ValidateModel("dubkit.hear", folder, "cpu")()


def xares(folder):
    import os

    from xares.audio_encoder_checker import check_audio_encoder

    from dubkit.xares import DubkitEncoder

    os.environ["DUBKIT_EXPORT"] = folder
    if not check_audio_encoder(DubkitEncoder()):
        raise AssertionError("xares refuses the encoder")


def mteb(folder):
    import mteb as client
    from mteb.models.models_protocols import EncoderProtocol

    from dubkit.mteb import DubkitEncoder

    encoder = DubkitEncoder(folder)
    if not isinstance(encoder, EncoderProtocol):
        raise AssertionError("not an EncoderProtocol")
    random = np.random.default_rng(1)
    sounds = [{"array": random.standard_normal(n) * 0.1, "sampling_rate": 16_000} for n in (20_000, 60_000)]
    features = encoder.encode([{"audio": sounds}])
    if features.shape[0] != 2 or not np.isfinite(features).all():
        raise AssertionError(f"features of shape {features.shape}")
    scores = np.asarray(encoder.similarity(features, features))
    if abs(scores[0, 0] - 1) > 1e-5:
        raise AssertionError("the similarity of a sound with itself is not 1")
    print(f"  mteb {client.__version__}: {encoder.mteb_model_meta.name}, revision {encoder.mteb_model_meta.revision}")


def hub(folder):
    from huggingface_hub import ModelCard
    from safetensors import safe_open

    place = pathlib.Path(folder)
    if not (place / "README.md").is_file():
        print("  (not a Hugging Face folder)")
        return
    card = ModelCard.load(place / "README.md")
    if card.data.library_name != "dubkit":
        raise AssertionError("the card's head cannot be read")
    with safe_open(str(place / "model.safetensors"), framework="pt") as weights:
        print(f"  {len(list(weights.keys()))} tensors, tags {card.data.tags}")


def main():
    folder = sys.argv[1]
    failed = False
    for name, module, check in [
        ("hearvalidator", "hearvalidator", hear),
        ("xares", "xares", xares),
        ("mteb", "mteb", mteb),
        ("huggingface_hub", "huggingface_hub", hub),
    ]:
        if importlib.util.find_spec(module) is None:
            print(f"{name}: not installed")
            continue
        print(f"{name}:")
        try:
            check(folder)
            print(f"{name}: passes")
        except Exception as error:  # A client may raise anything.
            failed = True
            print(f"{name}: FAILS: {type(error).__name__}: {error}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
