"""Compares exported graphs, run by onnxruntime and the Python package, with the kit's own features.

    dubkit run scripts/dev/export/encoders.lua --set data=samples/movies --set out=FOLDER
    python3 scripts/dev/export/check_onnx.py FOLDER --data samples/movies [--dubkit PROGRAM] [--only NAME ...]

For each encoder in FOLDER: onnx.checker accepts both graphs; a file is at most 2 % larger than the weights; features
of every clip of the data are those of `dubkit embed --rows clip`; batches of random input give what single samples give
without onnxruntime's optimisations, at other lengths too where the length is open. Differences are relative in norm,
and at most 1e-4. Exits with 1 otherwise. For networks of less than 3 MB, the preparation of sound adds 50 kB.

Needs numpy, onnx, onnxruntime, av, soundfile and soxr, and the package in python/.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "python"))
import dubkit  # noqa: E402
import dubkit.runs  # noqa: E402

LIMIT = 1e-4


def error(ours, theirs):
    difference = float(np.linalg.norm(ours - theirs) / max(1e-30, np.linalg.norm(theirs)))
    return difference if np.isfinite(difference) else np.inf


def session(path, level=onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check_graph(path, weights):
    """What is wrong with a file, and its facts."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    names = {item.name for item in model.graph.initializer}
    size = path.stat().st_size
    faults = [] if size <= 1.02 * weights + 60_000 else [f"{path.name} has {size} bytes, the weights {weights}"]
    facts = {
        "nodes": len(model.graph.node),
        "bytes": size,
        "named": len(names),
        "transposes": sum(node.op_type == "Transpose" for node in model.graph.node),
    }
    if {entry.version for entry in model.opset_import} != {17}:
        faults.append("the opset is not 17")
    return model, faults, facts


def shape_of(model, batch, rng_axis):
    extents = []
    for place, axis in enumerate(model.graph.input[0].type.tensor_type.shape.dim):
        if axis.HasField("dim_value"):
            extents.append(axis.dim_value)
        else:
            extents.append(batch if place == 0 else rng_axis(axis.dim_param))
    return extents


def check_lengths(path, model, random):
    """The largest difference between a batch and its samples, at several lengths."""
    fast, plain = session(path), session(path, onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
    name = fast.get_inputs()[0].name
    worst, lengths = 0.0, set()
    for factor in (1.0, 0.7, 1.6):

        def extent(axis, factor=factor):
            base = {"samples": 144_000, "frames": 280, "time": 8, "height": 112, "width": 112}[axis]
            return int(base * factor) // 4 * 4

        shape = shape_of(model, 3, extent)
        lengths.add(tuple(shape[1:]))
        values = random.standard_normal(shape).astype(np.float32) * 0.1
        whole = fast.run(None, {name: values})[0]
        for index in range(3):
            alone = plain.run(None, {name: values[index : index + 1]})[0]
            worst = max(worst, error(whole[index : index + 1], alone))
    return worst, len(lengths)


def check(folder, data, program):
    random = np.random.default_rng(7)
    name = folder.name
    model = dubkit.load(folder)
    (encoder,) = model.encoders.values()
    weights_file = folder / "model.safetensors"
    graphs = folder / "onnx" if weights_file.is_file() else folder
    features = folder.parent / f"{name}-features"
    if weights_file.is_file():
        weights = weights_file.stat().st_size
        subprocess.run(
            [
                program,
                "embed",
                str(data),
                "--run",
                str(folder),
                "--rows",
                "clip",
                "--views",
                encoder.name,
                "--out",
                str(features),
                "-q",
            ],
            check=True,
        )
    else:
        weights = sum(graph.stat().st_size for graph in [graphs / "backbone.onnx"])
    faults = []
    facts = {}
    for file in ("encoder.onnx", "backbone.onnx"):
        graph, wrong, facts[file] = check_graph(graphs / file, weights)
        faults += [f"{file}: {text}" for text in wrong]
        worst, count = check_lengths(graphs / file, graph, random)
        facts[file]["lengths"] = count
        facts[file]["batch"] = worst
        if worst > LIMIT:
            faults.append(f"{file}: a batch differs from its samples by {worst:.1e}")
    table = dubkit.runs.read_features(features)
    rows = {}
    for row, film in enumerate(table.films):
        rows.setdefault(film, []).append(row)
    worst, clips = 0.0, 0
    for path in sorted(p for p in data.iterdir() if p.suffix in {".mp4", ".mkv", ".wav", ".flac"}):
        own = next((places for film, places in rows.items() if path.stem in film or film in path.name), None)
        if own is None:
            continue
        ours = model.embed_file(path, rows="clip")
        for view, values in ours.items():
            if view not in table.views:
                continue
            theirs = table.views[view][own]
            if values.shape != theirs.shape:
                faults.append(f"{path.name}: {view} is {values.shape} instead of {theirs.shape}")
                continue
            for mine, kits in zip(values, theirs):
                worst = max(worst, error(mine, kits))
                clips += 1
    if clips == 0:
        faults.append("no clip was compared")
    # A network whose features are the same for all clips would prove nothing.
    spread = min(error(values, values.mean(axis=0, keepdims=True)) for values in table.views.values())
    if spread < 20 * LIMIT:
        faults.append(f"features of clips differ by {spread:.1e} only")
    if worst > LIMIT:
        faults.append(f"a clip's features differ from the kit's by {worst:.1e}")
    encoder_facts, backbone_facts = facts["encoder.onnx"], facts["backbone.onnx"]
    print(
        f"{name:18} {clips:4} clips, worst {worst:.1e}, spread {spread:.1e}; batches {encoder_facts['batch']:.1e} "
        f"({encoder_facts['lengths']} lengths); {backbone_facts['nodes']} nodes, {backbone_facts['transposes']} "
        f"transposes; encoder {encoder_facts['bytes']:,} of {weights:,} bytes "
        f"({100 * encoder_facts['bytes'] / weights - 100:+.1f} %)"
        + "".join(f"\n    FAULT: {fault}" for fault in faults),
        flush=True,
    )
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "samples/movies")
    parser.add_argument("--dubkit", default=str(ROOT / ".build/release/dubkit"))
    options = parser.parse_args()
    folders = [place for place in sorted(options.folder.iterdir()) if (place / "dubkit.json").is_file()]
    chosen = [place for place in folders if not options.only or place.name in options.only]
    if not chosen:
        sys.exit(f"{options.folder}: contains no exported encoders")
    good = [check(place, options.data, options.dubkit) for place in chosen]
    print(json.dumps({"encoders": len(good), "good": sum(good)}))
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
