"""HEAR's evaluation kit without PyTorch Lightning, of which it needs a version that is no longer compatible.

Needs heareval 2021.1.3 (`pip install --no-deps heareval`), torch, sed_eval, setuptools below 80, pandas, more-itertools,
torchinfo, tqdm. What subclasses a Lightning module becomes a torch module; training is the caller's.
"""
import sys
import types

import torch

for name in ("pytorch_lightning", "pytorch_lightning.callbacks", "pytorch_lightning.callbacks.early_stopping",
             "pytorch_lightning.callbacks.model_checkpoint", "pytorch_lightning.loggers"):
    sys.modules[name] = types.ModuleType(name)
lightning = sys.modules["pytorch_lightning"]
lightning.LightningModule = type("LightningModule", (torch.nn.Module,), {"device": torch.device("cpu")})
lightning.seed_everything = lightning.Trainer = sys.modules["pytorch_lightning.loggers"].CSVLogger = None
sys.modules["pytorch_lightning.callbacks.early_stopping"].EarlyStopping = None
sys.modules["pytorch_lightning.callbacks.model_checkpoint"].ModelCheckpoint = None
from heareval.predictions.task_predictions import (  # noqa: E402, F401
    PARAM_GRID, FullyConnectedPrediction, ParameterGrid, create_events_from_prediction)
from heareval.score import available_scores  # noqa: E402, F401
