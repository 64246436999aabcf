"""Reference values of `vit`: Tests/ModelTests/Fixtures/vit.safetensors, from Hugging Face's `ASTModel` and `VideoMAEModel`.

Weights are made by formula.py under the names of the public weight files, which transformers 5 renames for AST when it loads them.
Stored are outputs and gradients of some weights. Needs torch and transformers; torchaudio is hidden from it, because it is not needed
and its wheels may not load.
"""
import re
import sys

sys.modules["torchaudio"] = None
import torch  # noqa: E402
import torchvision_import  # noqa: E402, F401
from formula import weights  # noqa: E402
from oracle import Fixture, pattern  # noqa: E402
from transformers import ASTConfig, ASTModel, VideoMAEConfig, VideoMAEModel  # noqa: E402

SIZES = {"ti": (192, 3), "s": (384, 6)}


def settings(size):
    width, heads = SIZES[size]
    return dict(hidden_size=width, num_attention_heads=heads, intermediate_size=4 * width, attn_implementation="eager")


def public(name):
    """The name in public weight files."""
    for new, old in [(r"^layers\.", "encoder.layer."), (r"\.attention\.q_proj\.", ".attention.attention.query."),
                     (r"\.attention\.k_proj\.", ".attention.attention.key."), (r"\.attention\.o_proj\.", ".attention.output.dense."),
                     (r"\.attention\.v_proj\.", ".attention.attention.value."), (r"\.mlp\.fc1\.", ".intermediate.dense."),
                     (r"\.mlp\.fc2\.", ".output.dense.")]:
        name = re.sub(new, old, name)
    return name


def filled(model):
    state = {name: torch.from_numpy(weights(public(name), tuple(value.shape))).double()
             for name, value in model.state_dict().items()}
    model.double().load_state_dict(state, strict=True)
    return model


def case(fixture, model, shape, function, chosen, norm=None, **options):
    parameters = {public(name): value for name, value in filled(model).named_parameters()}
    if norm is not None:
        with torch.no_grad():
            for key, value in norm.named_parameters():
                value.copy_(torch.from_numpy(weights(f"fc_norm.{key}", tuple(value.shape))))
        parameters |= {f"fc_norm.{key}": value for key, value in norm.named_parameters()}
    name = f"vit/{fixture.counts.get('vit', 0)}"
    x = torch.from_numpy(pattern(f"{name}/input", shape)).double()
    output = function(x)
    (output * torch.from_numpy(pattern(f"{name}/seed", tuple(output.shape)))).sum().backward()
    fixture.case("vit", lambda input: output.detach(), {"input": shape}, constants=["input"], gradients=chosen, **options)
    for key in chosen:
        fixture.value(name, key, parameters[key].grad)


def audio(fixture, size, frames, mels, batch):
    model = ASTModel(ASTConfig(**settings(size), max_length=frames, num_mel_bins=mels))
    case(fixture, model, (batch, frames, mels, 1), lambda x: model(x[..., 0]).pooler_output,
         ["embeddings.cls_token", "embeddings.position_embeddings", "embeddings.patch_embeddings.projection.weight",
          "encoder.layer.0.attention.attention.query.weight", "encoder.layer.11.output.dense.bias", "layernorm.weight"],
         size=size, modality="audio", frames=frames, mels=mels)


def video(fixture, size, time, side, batch):
    model = VideoMAEModel(VideoMAEConfig(**settings(size), image_size=side, num_frames=time))
    norm = torch.nn.LayerNorm(SIZES[size][0]).double()
    case(fixture, model, (batch, time, side, side, 3),
         lambda x: norm(model(x.permute(0, 1, 4, 2, 3)).last_hidden_state.mean(1)),
         ["embeddings.patch_embeddings.projection.weight", "encoder.layer.3.attention.attention.value.bias",
          "encoder.layer.11.intermediate.dense.weight", "fc_norm.bias"], norm, size=size, modality="video")


if __name__ == "__main__":
    with Fixture("ModelTests", "vit") as fixture:
        audio(fixture, "ti", 64, 48, 2)
        audio(fixture, "s", 101, 128, 1)
        video(fixture, "ti", 4, 48, 2)
