#!/usr/bin/env python3
"""Saves a network of torchvision or timm for dubkit: its weights, and an input with its output to compare.

    python save_weights.py timm:convnext_tiny OUT [--random] [--set depths=1,1,2,1] [--input 1,3,64,64]

Writes OUT.pt, the state dict, and OUT_values.safetensors with 'input' and 'output'. The classifier is left out. Needs
torch, safetensors, and timm or torchvision. Without --random, the library downloads its published weights.
"""
import argparse

import torch
from safetensors.torch import save_file


def network(name, options, is_random):
    library, _, model = name.partition(":")
    if library == "timm":
        import timm

        return timm.create_model(model, pretrained=not is_random, num_classes=0, **options)
    if library == "torchvision":
        import torchvision

        made = torchvision.models.get_model(model, weights=None if is_random else "DEFAULT", **options)
        made.fc = torch.nn.Identity()
        return made
    raise SystemExit(f"{name}: expected timm:MODEL or torchvision:MODEL")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--random", action="store_true", help="random weights instead of the published ones")
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=NUMBERS", help="an option of the network")
    parser.add_argument("--input", default="1,3,224,224", help="the shape of the input")
    arguments = parser.parse_args()

    torch.manual_seed(1)
    options = {}
    for text in arguments.set:
        key, _, numbers = text.partition("=")
        options[key] = tuple(int(number) for number in numbers.split(","))
    model = network(arguments.model, options, arguments.random).eval()
    if arguments.random:
        # Fresh weights hide mistakes: biases are 0, and layer scales nearly so.
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.normal_(0, 0.3).add_(0.1)
    image = torch.rand([int(number) for number in arguments.input.split(",")])
    with torch.no_grad():
        output = model(image)
    torch.save(model.state_dict(), f"{arguments.out}.pt")
    save_file({"input": image, "output": output}, f"{arguments.out}_values.safetensors")


if __name__ == "__main__":
    main()
