"""Mamba-2 over bytes: an embedding that is also the head, and the blocks of the speech model (speech/model.py)."""
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from speech.model import Sizes, Stack, block, rms_norm

BYTES = 256


@dataclass
class Config(Sizes):
    d_model: int = 192
    n_layers: int = 7
    expand: int = 2
    head_dim: int = 32
    d_state: int = 64
    d_conv: int = 4
    eps: float = 1e-5
    chunk: int = 64
    dropout: float = 0.0


class ByteModel(Stack):
    def __init__(self, cfg, seed=1):
        super().__init__()
        self.cfg, self.block = cfg, block                                            # train.py puts the compiled block here
        g = torch.Generator().manual_seed(seed)
        L, d, di, h = cfg.n_layers, cfg.d_model, cfg.d_inner, cfg.n_heads

        def normal(*shape, std):
            return nn.Parameter(torch.randn(*shape, generator=g) * std)
        self.embeddings = normal(BYTES, d, std=0.05)
        self.in_proj = normal(L, 2 * di + 2 * cfg.d_state + h, d, std=d ** -0.5)
        self.out_proj = normal(L, d, di, std=di ** -0.5 / math.sqrt(L))
        self.conv_weight = normal(L, cfg.conv_dim, cfg.d_conv, std=cfg.d_conv ** -0.5)
        self.conv_bias = nn.Parameter(torch.zeros(L, cfg.conv_dim))
        dt = torch.exp(torch.rand(L, h, generator=g) * (math.log(0.2) - math.log(0.001)) + math.log(0.001))
        self.dt_bias = nn.Parameter(dt + torch.log(-torch.expm1(-dt)))             # softplus(dt_bias) = dt
        self.A_log = nn.Parameter(torch.log(1 + 7 * torch.rand(L, h, generator=g)))
        self.D = nn.Parameter(torch.ones(L, h))
        self.norm, self.gate_norm = nn.Parameter(torch.ones(L, d)), nn.Parameter(torch.ones(L, di))
        self.norm_f = nn.Parameter(torch.ones(d))

    def forward(self, tokens, dtype=None):
        """tokens (b, T), T a multiple of the chunk -> what goes into the head (b, T, d_model)"""
        chosen = tokens.unsqueeze(-1) == torch.arange(BYTES, device=tokens.device)   # a product, so that its gradient is one, too
        x = (chosen.to(dtype or torch.float32) @ self.embeddings.to(dtype or torch.float32)).float()
        for p in self.layers(dtype):
            x = self.block(x, p, self.cfg, self.training)
        return rms_norm(x, self.norm_f, self.cfg.eps)

    def nats(self, tokens, targets, dtype=None):
        """(b, T) and (b, T) -> mean cross-entropy"""
        x = self.forward(tokens, dtype)
        logits = F.linear(x.to(dtype or x.dtype), self.embeddings.to(dtype or x.dtype)).float()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())
