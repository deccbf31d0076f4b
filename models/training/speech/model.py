"""Mamba-2 with CTC heads. Same function in two forms: `forward` (chunked matrices, for training) and `step` (recurrent, the
specification of the stream). Parameters of all layers are stacked, so that the optimiser handles ten matrices in one call.
"""
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .frontend import SPEC, STRIDE_FRAMES, WINDOW_FRAMES


class Sizes:
    """What follows from the sizes that a configuration of Mamba-2 has."""

    @property
    def d_inner(self):
        return self.expand * self.d_model

    @property
    def n_heads(self):
        return self.d_inner // self.head_dim

    @property
    def conv_dim(self):
        return self.d_inner + 2 * self.d_state


@dataclass
class Config(Sizes):
    d_model: int = 512
    n_layers: int = 10
    expand: int = 2
    head_dim: int = 64
    d_state: int = 32
    d_conv: int = 4
    vocab: int = 256
    n_mels: int = SPEC["n_mels"]
    eps: float = 1e-5
    chunk: int = 64
    dropout: float = 0.1
    aux_layer: int = 5
    teach: int = 0              # features that a teacher's ears have a step (teacher.py); 0: no teacher
    teach_layer: int = 8


def rms_norm(x, weight, eps):
    return F.rms_norm(x.float(), (x.shape[-1],), weight.float(), eps)


def ssd(x, dt, log_decay, B, C, chunk):
    """y_t = sum_{s<=t} exp(sum_{s<r<=t} log_decay_r) dt_s (C_t . B_s) x_s, in chunks.

    x (b, T, h, p), dt and log_decay (b, T, h) float32, B and C (b, T, n). T is a multiple of chunk.
    """
    b, T, h, p = x.shape
    n, c = B.shape[-1], T // chunk
    x = (x * dt.unsqueeze(-1).to(x.dtype)).view(b, c, chunk, h, p)
    B, C = B.view(b, c, chunk, n), C.view(b, c, chunk, n)
    total = log_decay.view(b, c, chunk, h).permute(0, 1, 3, 2).cumsum(-1)               # (b, c, h, q), float32
    causal = torch.ones(chunk, chunk, dtype=torch.bool, device=x.device).tril()
    decay = (total.unsqueeze(-1) - total.unsqueeze(-2)).masked_fill(~causal, -1e30).exp()  # (b, c, h, q, q)
    scores = C @ B.transpose(-1, -2)                                                     # (b, c, q, q)
    within = (decay.to(x.dtype) * scores.unsqueeze(2)) @ x.permute(0, 1, 3, 2, 4)          # (b, c, h, q, p)
    if c == 1:
        return within.permute(0, 1, 3, 2, 4).reshape(b, T, h, p)
    # what each chunk leaves behind, and what the chunks before it have left when it starts
    left = (total[..., -1:] - total).exp().to(x.dtype).permute(0, 1, 3, 2).unsqueeze(-1)    # (b, c, q, h, 1)
    states = B.transpose(-1, -2) @ (x * left).reshape(b, c, chunk, h * p)                # (b, c, n, h*p)
    ends = total[..., -1].cumsum(1)                                                      # (b, c, h)
    before = ends - total[..., -1]                                                       # sum over the chunks before k
    gap = before.unsqueeze(2) - ends.unsqueeze(1)                                        # (b, k, j, h): from end of j to start of k
    earlier = torch.ones(c, c, dtype=torch.bool, device=x.device).tril(-1)[None, :, :, None]
    carry = gap.masked_fill(~earlier, -1e30).exp().to(x.dtype)
    start = torch.einsum("bkjh,bjnhp->bknhp", carry, states.view(b, c, n, h, p)).reshape(b, c, n, h * p)
    across = (C @ start).view(b, c, chunk, h, p) * total.exp().to(x.dtype).permute(0, 1, 3, 2).unsqueeze(-1)
    return (within.permute(0, 1, 3, 2, 4) + across).reshape(b, T, h, p)


def causal_conv(x, weight, bias):
    """Depthwise: x (b, T, c), weight (c, k), as k shifted products, which fuse into one kernel."""
    k, T = weight.shape[-1], x.shape[1]
    padded = F.pad(x, (0, 0, k - 1, 0))
    out = bias.to(x.dtype)
    for i in range(k):
        out = out + padded[:, i:i + T] * weight[:, i].to(x.dtype)
    return out


def block(x, p, cfg, training):
    """One residual layer. x (b, T, d_model) float32; p: this layer's parameters by name."""
    u = rms_norm(x, p["norm"], cfg.eps)
    zxbcdt = F.linear(u.to(p["in_proj"].dtype), p["in_proj"])
    z, xBC, dt = zxbcdt.split([cfg.d_inner, cfg.conv_dim, cfg.n_heads], -1)
    xBC = F.silu(causal_conv(xBC, p["conv_weight"], p["conv_bias"]))
    xs, B, C = xBC.split([cfg.d_inner, cfg.d_state, cfg.d_state], -1)
    xs = xs.unflatten(-1, (cfg.n_heads, cfg.head_dim))
    dt = F.softplus(dt.float() + p["dt_bias"].float())
    y = ssd(xs, dt, dt * -torch.exp(p["A_log"].float()), B, C, cfg.chunk)
    y = (y + p["D"].to(y.dtype).unsqueeze(-1) * xs).flatten(-2)
    y = rms_norm(y.float() * F.silu(z.float()), p["gate_norm"], cfg.eps)
    out = F.linear(y.to(p["out_proj"].dtype), p["out_proj"])
    return x + F.dropout(out, cfg.dropout, training).float()


class Stack(nn.Module):
    """Blocks whose parameters are stacked: each of LAYER has the layer as its first axis. A subclass has them and cfg."""
    LAYER = ("norm", "in_proj", "conv_weight", "conv_bias", "dt_bias", "A_log", "D", "gate_norm", "out_proj")

    def layers(self, dtype=None):
        """The parameters of each layer; unbinding keeps one gradient a stack instead of ten."""
        cast = (lambda k, t: t.to(dtype) if dtype and k in ("in_proj", "out_proj") else t)
        parts = {k: cast(k, getattr(self, k)).unbind(0) for k in self.LAYER}
        return [{k: parts[k][i] for k in self.LAYER} for i in range(self.cfg.n_layers)]


class SpeechModel(Stack):
    def __init__(self, cfg, seed=1):
        super().__init__()
        self.cfg = cfg
        g = torch.Generator().manual_seed(seed)
        L, d, di, h = cfg.n_layers, cfg.d_model, cfg.d_inner, cfg.n_heads

        def normal(*shape, std):
            return nn.Parameter(torch.randn(*shape, generator=g) * std)
        width = WINDOW_FRAMES * cfg.n_mels
        self.proj_weight, self.proj_bias = normal(d, width, std=width ** -0.5), nn.Parameter(torch.zeros(d))
        self.in_proj = normal(L, 2 * di + 2 * cfg.d_state + h, d, std=d ** -0.5)
        self.out_proj = normal(L, d, di, std=di ** -0.5 / math.sqrt(L))
        self.conv_weight = normal(L, cfg.conv_dim, cfg.d_conv, std=cfg.d_conv ** -0.5)
        self.conv_bias = nn.Parameter(torch.zeros(L, cfg.conv_dim))
        dt = torch.exp(torch.rand(L, h, generator=g) * (math.log(0.2) - math.log(0.002)) + math.log(0.002))
        self.dt_bias = nn.Parameter(dt + torch.log(-torch.expm1(-dt)))            # softplus(dt_bias) = dt
        self.A_log = nn.Parameter(torch.log(1 + 7 * torch.rand(L, h, generator=g)))
        self.D = nn.Parameter(torch.ones(L, h))
        self.norm, self.gate_norm = nn.Parameter(torch.ones(L, d)), nn.Parameter(torch.ones(L, di))
        self.norm_f = nn.Parameter(torch.ones(d))
        self.head_weight, self.head_bias = normal(cfg.vocab, d, std=0.02), nn.Parameter(torch.zeros(cfg.vocab))
        self.aux_weight, self.aux_bias = normal(cfg.vocab, d, std=0.02), nn.Parameter(torch.zeros(cfg.vocab))
        self.aux_norm = nn.Parameter(torch.ones(d))
        if cfg.teach:
            self.teach_weight, self.teach_bias = normal(cfg.teach, d, std=d ** -0.5), nn.Parameter(torch.zeros(cfg.teach))
            self.teach_norm = nn.Parameter(torch.ones(d))
        self.register_buffer("mean", torch.zeros(cfg.n_mels))
        self.register_buffer("scale", torch.ones(cfg.n_mels))
        self.block = block                                                        # train.py puts the compiled one here

    def embed(self, mel, dtype=None):
        """mel (b, frames, n_mels) -> (b, steps, d_model), frames of a window oldest first."""
        x = (mel - self.mean) * self.scale
        x = x.unfold(1, WINDOW_FRAMES, STRIDE_FRAMES).transpose(-1, -2).flatten(-2)     # (b, steps, W*n_mels)
        dtype = dtype or x.dtype
        return (F.linear(x.to(dtype), self.proj_weight.to(dtype)) + self.proj_bias.to(dtype)).float()

    def forward(self, mel, dtype=None, aux=False):
        """-> logits (b, steps, vocab) float32; with aux also those of the auxiliary head, and the foretold features or None."""
        x = self.embed(mel, dtype)
        steps, early, heard = x.shape[1], None, None
        short = -steps % self.cfg.chunk
        if short:
            x = F.pad(x, (0, 0, 0, short))                                        # causal: what follows changes nothing
        for i, p in enumerate(self.layers(dtype)):
            if aux and i == self.cfg.aux_layer:
                early = self.head(x, self.aux_norm, self.aux_weight, self.aux_bias, dtype)[:, :steps]
            if aux and self.cfg.teach and i == self.cfg.teach_layer:
                heard = self.head(x, self.teach_norm, self.teach_weight, self.teach_bias, dtype)[:, :steps]
            x = self.block(x, p, self.cfg, self.training)
        logits = self.head(x, self.norm_f, self.head_weight, self.head_bias, dtype)[:, :steps]
        return (logits, early, heard) if aux else logits

    def head(self, x, norm, weight, bias, dtype=None):
        x = rms_norm(x, norm, self.cfg.eps)
        dtype = dtype or weight.dtype
        return F.linear(x.to(dtype), weight.to(dtype)).float() + bias.float()

    # --- the recurrent form: one step, as the engine runs it ---

    def zero_state(self):
        c = self.cfg
        kw = {"dtype": self.in_proj.dtype}
        return [(torch.zeros(c.conv_dim, c.d_conv, **kw), torch.zeros(c.n_heads, c.head_dim, c.d_state, **kw))
                for _ in range(c.n_layers)]

    @torch.no_grad()
    def step(self, window, state):
        """window (W, n_mels): the last mel frames; state is changed in place. -> logits (vocab)."""
        c = self.cfg

        def norm(v, w):
            return v * torch.rsqrt(v.square().mean() + c.eps) * w
        x = self.proj_weight @ ((window - self.mean) * self.scale).flatten() + self.proj_bias
        for p, (conv_state, ssm_state) in zip(self.layers(), state):
            z, xBC, dt = (p["in_proj"] @ norm(x, p["norm"])).split([c.d_inner, c.conv_dim, c.n_heads])
            conv_state[:, :-1] = conv_state[:, 1:].clone()
            conv_state[:, -1] = xBC
            xBC = F.silu((conv_state * p["conv_weight"]).sum(-1) + p["conv_bias"])
            xs, B, C = xBC.split([c.d_inner, c.d_state, c.d_state])
            xs = xs.view(c.n_heads, c.head_dim)
            dt = F.softplus(dt + p["dt_bias"])
            decay = torch.exp(dt * -torch.exp(p["A_log"]))
            ssm_state.mul_(decay[:, None, None]).add_((dt[:, None] * xs).unsqueeze(-1) * B)
            y = (ssm_state @ C + p["D"][:, None] * xs).flatten()
            x = x + p["out_proj"] @ norm(y * F.silu(z), p["gate_norm"])
        return self.head_weight @ norm(x, self.norm_f) + self.head_bias
