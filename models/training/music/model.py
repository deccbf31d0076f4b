"""Mamba-2 over pairs of log-mel frames that says how the next pair is distributed, and which notes begin and sound.

The body is the speech model's (speech/model.py). What is new is the head, a density that can be sampled and whose likelihood is exact:

1. A fixed linear prediction from the last four frames, and the whitening of what it leaves (fitted by `fit_base`), turn the next pair
   into 256 coefficients z, the liveliest first. An untrained head is N(0, 1) in z: a linear AR with full covariance.
2. z is cut into groups. Group g is a mixture of a few Gaussians whose parameters follow from the state and from the groups before it:
   h = silu(F_g + B_g z_before), parameters = V_g h + c_g. The first groups say whether something is struck, the later ones what it
   sounds like. F and the notes' logits are one matrix of the state: to the engine they are the "logits" of the model.
3. Before the sound come the notes: which of 88 pitches begin in the next step, from the state and the notes of the two steps before
   (`note_logits`; from low to high, each knows those below it). The sound is then F + W silu(S + E notes): what it sounds like when just
   these begin. Where notes are not known (`known` = 0, a quarter of the clips) it is the density of the sound alone, whose likelihood is exact.

`kind` picks another head for comparison: "bins", a mixture in each band on its own; "flat", one mixture over all of z.
"""
import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

from speech.model import Sizes, Stack, block, rms_norm

from .frontend import DITHER, MELS, PAIR

PITCHES, LOWEST = 88, 21
HORIZONS = 16, 128                              # steps: 0.34 and 2.7 s
CONTEXT = 4                                     # frames that the linear prediction sees
LOG_2PI = math.log(2 * math.pi)


@dataclass
class Config(Sizes):
    d_model: int = 384
    n_layers: int = 8
    expand: int = 2
    head_dim: int = 64
    d_state: int = 64
    d_conv: int = 4
    eps: float = 1e-5
    chunk: int = 64
    dropout: float = 0.0
    kind: str = "groups"                        # or "flat", "bins"
    groups: list = field(default_factory=lambda: [2, 6, 16, 40, 192])
    components: list = field(default_factory=lambda: [16, 16, 12, 8, 4])
    hidden: int = 160
    note_hidden: int = 192
    sound_hidden: int = 448
    body: str = "mamba2"                        # or "gru", "attention": to compare with, not for the engine
    window: int = 256                           # steps that attention sees

    @property
    def feature_size(self):
        return self.hidden * len(self.groups)

    @property
    def vocab(self):
        return self.feature_size + 3 * PITCHES + self.note_hidden + self.sound_hidden

    @property
    def rows(self):
        """Of the head: what the engine needs, and the pitches that begin within HORIZONS, which only training asks for."""
        return self.vocab + len(HORIZONS) * PITCHES


def mixture(params, k, n):
    """-> log weights (..., k), means (..., k, n), log sigmas (..., k, n)"""
    logits, means, logs = params.split([k, k * n, k * n], -1)
    return F.log_softmax(logits, -1), means.unflatten(-1, (k, n)), 3 * torch.tanh(logs / 3).unflatten(-1, (k, n))


def mixture_log_density(z, params, k):
    """z (..., n) -> nats (...)"""
    n = z.shape[-1]
    weights, means, logs = mixture(params, k, n)
    each = -0.5 * ((z.unsqueeze(-2) - means) * torch.exp(-logs)).square() - logs - 0.5 * LOG_2PI
    return torch.logsumexp(weights + each.sum(-1), -1)


def sample_mixture(params, k, n, temperature, top_p, generator):
    weights, means, logs = mixture(params, k, n)
    p = torch.softmax(weights / max(temperature, 1e-3), -1)
    ordered, order = p.sort(-1, descending=True)
    ordered = ordered * ((ordered.cumsum(-1) - ordered) < top_p)              # the least set that holds top_p
    pick = order.gather(-1, torch.multinomial(ordered.flatten(0, -2), 1, generator=generator).view(*ordered.shape[:-1], 1))
    take = pick.unsqueeze(-1).expand(*pick.shape, n)
    noise = torch.randn(*pick.shape[:-1], n, generator=generator, device=params.device)
    return means.gather(-2, take).squeeze(-2) + math.sqrt(temperature) * noise * torch.exp(logs.gather(-2, take).squeeze(-2))


class Gru(nn.Module):
    """For comparison: as many residual blocks, each a GRU of width d_model, which has as many weights as ours."""

    def __init__(self, cfg):
        super().__init__()
        self.norms = nn.ModuleList(nn.RMSNorm(cfg.d_model) for _ in range(cfg.n_layers))
        self.grus = nn.ModuleList(nn.GRU(cfg.d_model, cfg.d_model, batch_first=True) for _ in range(cfg.n_layers))

    def forward(self, x):
        for norm, gru in zip(self.norms, self.grus):
            x = x + gru(norm(x))[0]
        return x


class Attention(nn.Module):
    """For comparison: attention over the last `window` steps, with a feed-forward layer that brings the block to our size."""

    def __init__(self, cfg):
        super().__init__()
        d = cfg.d_model
        self.heads, self.window = d // cfg.head_dim, cfg.window
        self.norms = nn.ModuleList(nn.RMSNorm(d) for _ in range(2 * cfg.n_layers))
        self.qkv = nn.ModuleList(nn.Linear(d, 3 * d, bias=False) for _ in range(cfg.n_layers))
        self.out = nn.ModuleList(nn.Linear(d, d, bias=False) for _ in range(cfg.n_layers))
        self.up = nn.ModuleList(nn.Linear(d, d + d // 4) for _ in range(cfg.n_layers))
        self.down = nn.ModuleList(nn.Linear(d + d // 4, d) for _ in range(cfg.n_layers))

    def forward(self, x):
        steps = torch.arange(x.shape[1], device=x.device)
        back = steps[:, None] - steps
        slopes = 2.0 ** -(8 / self.heads * torch.arange(1, self.heads + 1, device=x.device))      # ALiBi: recent is nearer
        bias = torch.where((back >= 0) & (back < self.window), -slopes[:, None, None] * back, float("-inf"))
        for i in range(len(self.qkv)):
            q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in self.qkv[i](self.norms[2 * i](x)).chunk(3, -1))
            x = x + self.out[i](F.scaled_dot_product_attention(q, k, v, bias).transpose(1, 2).flatten(-2))
            x = x + self.down[i](F.gelu(self.up[i](self.norms[2 * i + 1](x))))
        return x


class MusicModel(Stack):
    def __init__(self, cfg, seed=1):
        super().__init__()
        self.cfg = cfg
        g = torch.Generator().manual_seed(seed)
        L, d, di, h = cfg.n_layers, cfg.d_model, cfg.d_inner, cfg.n_heads

        def normal(*shape, std):
            return nn.Parameter(torch.randn(*shape, generator=g) * std)
        self.proj_weight, self.proj_bias = normal(d, PAIR, std=PAIR ** -0.5), nn.Parameter(torch.zeros(d))
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
        self.head_weight, self.head_bias = normal(cfg.rows, d, std=d ** -0.5), nn.Parameter(torch.zeros(cfg.rows))
        self.note_in, self.sound_in = (normal(n, 2 * PITCHES + 1, std=0.3) for n in (cfg.note_hidden, cfg.sound_hidden))
        self.note_out = normal(2 * PITCHES, cfg.note_hidden, std=0.1 * cfg.note_hidden ** -0.5)
        self.note_bias = nn.Parameter(torch.tensor([-6.0, -3.0]).repeat_interleave(PITCHES))
        self.note_mix = nn.Parameter(torch.zeros(PITCHES, PITCHES))
        self.sound_out = normal(cfg.feature_size, cfg.sound_hidden, std=0.3 * cfg.sound_hidden ** -0.5)
        self.mix_weight, self.before_weight, self.mix_bias = nn.ParameterList(), nn.ParameterList(), nn.ParameterList()
        before = 0
        for n, k in zip(cfg.groups, cfg.components):
            if before:
                self.before_weight.append(nn.Parameter(torch.zeros(cfg.hidden, before)))      # of the group after
            bins = cfg.kind == "bins"
            self.mix_weight.append(normal(3 * k * n if bins else k * (1 + 2 * n), cfg.hidden, std=0.02 * cfg.hidden ** -0.5))
            spread = torch.zeros(n, 3 * k) if bins else torch.zeros(k * (1 + 2 * n))
            means = spread[:, k:2 * k] if bins else spread[k:k + k * n]
            means.copy_(torch.randn(means.shape, generator=g) * 0.3)
            self.mix_bias.append(nn.Parameter(spread.flatten()))
            before += n
        if before != PAIR:
            raise ValueError(f"groups={cfg.groups} hold {before} coefficients, choose groups that hold {PAIR}")
        for name, shape in (("mean", (MELS,)), ("scale", (MELS,)), ("base_bias", (PAIR,))):
            self.register_buffer(name, torch.zeros(shape) if name != "scale" else torch.ones(shape))
        self.register_buffer("base_weight", torch.zeros(PAIR, CONTEXT * MELS))      # of normalised frames, oldest first
        self.register_buffer("whiten", torch.eye(PAIR))                             # z = whiten @ (pair - base)
        self.register_buffer("unwhiten", torch.eye(PAIR))
        self.register_buffer("log_det", torch.zeros(()))
        self.block = block
        if cfg.body != "mamba2":
            self.other = {"gru": Gru, "attention": Attention}[cfg.body](cfg)
            for k in self.LAYER:
                delattr(self, k)
                self.register_buffer(k, torch.zeros(()))

    def normalised(self, mel):
        return (mel - self.mean) * self.scale

    def forward(self, mel, dtype=None):
        """mel (b, 2 T, MELS) -> rows (b, T, rows): row t knows the pairs up to t."""
        x = self.normalised(mel).unflatten(1, (-1, 2)).flatten(-2)
        dtype = dtype or x.dtype
        x = (F.linear(x.to(dtype), self.proj_weight.to(dtype)) + self.proj_bias.to(dtype)).float()
        steps, short = x.shape[1], -x.shape[1] % self.cfg.chunk
        if short:
            x = F.pad(x, (0, 0, 0, short))
        if self.cfg.body == "mamba2":
            for p in self.layers(dtype):
                x = self.block(x, p, self.cfg, self.training)
        else:
            x = self.other(x)
        x = rms_norm(x[:, :steps], self.norm_f, self.cfg.eps)
        return F.linear(x.to(dtype), self.head_weight.to(dtype)).float() + self.head_bias

    def base(self, mel):
        """The linear prediction: mel (b, 2 T, MELS) -> (b, T - 1, PAIR), row t for pair t + 2, from pairs t and t + 1."""
        x = self.normalised(mel).unfold(1, CONTEXT, 2).transpose(-1, -2).flatten(-2)
        return F.linear(x, self.base_weight, self.base_bias)

    def to_z(self, pair, base):
        return F.linear(pair - base, self.whiten)

    def from_z(self, z, base):
        return F.linear(z, self.unwhiten) + base

    def log_density(self, features, z):
        """Nats of the pair, (...): in the units of log-mel values, the whitening's determinant included."""
        if self.cfg.kind == "bins":                                              # z is the pair less its base, unmixed
            params = self._group(0, features, z[..., :0]).unflatten(-1, (PAIR, -1))
            return mixture_log_density(z.unsqueeze(-1), params, self.cfg.components[0]).sum(-1) + self.log_det
        total, at = self.log_det, 0
        for g, (n, k) in enumerate(zip(self.cfg.groups, self.cfg.components)):
            total = total + mixture_log_density(z[..., at:at + n], self._group(g, features, z[..., :at]), k)
            at += n
        return total

    def _group(self, g, features, before):
        h = features[..., g * self.cfg.hidden:(g + 1) * self.cfg.hidden]
        if before.shape[-1]:
            h = h + F.linear(before, self.before_weight[g - 1])
        return F.linear(F.silu(h), self.mix_weight[g], self.mix_bias[g])

    @torch.no_grad()
    def sample_z(self, features, temperature=1.0, top_p=1.0, generator=None):
        z = features.new_zeros(*features.shape[:-1], 0)
        for g, (n, k) in enumerate(zip(self.cfg.groups, self.cfg.components)):
            z = torch.cat([z, sample_mixture(self._group(g, features, z), k, n, temperature, top_p, generator)], -1)
        return z

    def notes(self, rows):
        """-> onset, sounding, velocity logits, each (..., 88), of the step before the newest."""
        return rows[..., self.cfg.feature_size:self.cfg.feature_size + 3 * PITCHES].split(PITCHES, -1)

    def features(self, rows, begin, before, known):
        """What the density is made of. begin, before (..., 88): 1 where a note begins in the next step, in the newest; known (..., 1)."""
        c = self.cfg
        at = c.vocab - c.sound_hidden
        told = F.linear(torch.cat([begin * known, before * known, known], -1), self.sound_in)
        h = F.silu(rows[..., at:c.vocab] + told)
        return rows[..., :c.feature_size] + F.linear(h, self.sound_out)

    def note_parts(self, rows, before, earlier, known):
        """-> logits (..., 88) of each pitch to begin in the next step while none below it does, and when one below it does."""
        c = self.cfg
        at = c.feature_size + 3 * PITCHES
        told = F.linear(torch.cat([before * known, earlier * known, known], -1), self.note_in)
        h = F.silu(rows[..., at:at + c.note_hidden] + told)
        return F.linear(h, self.note_out, self.note_bias).split(PITCHES, -1)

    def note_nats(self, rows, begin, before, earlier, known):
        """Nats of which notes begin in the next step, (...)"""
        first, more = self.note_parts(rows, before, earlier, known)
        logits = torch.where(begin.cumsum(-1) - begin > 0, more, first) + F.linear(begin, self.note_mix.tril(-1))
        return F.binary_cross_entropy_with_logits(logits, begin, reduction="none").sum(-1)

    @torch.no_grad()
    def sample_notes(self, rows, before, earlier, known, temperature=1.0, top_p=1.0, generator=None):
        """Whether notes begin at all is not a matter of temperature; which do, is. rows (b, ...) -> (b, 88)"""
        first, more = self.note_parts(rows, before, earlier, known)
        uniform = lambda: torch.rand(len(rows), generator=generator, device=rows.device)      # noqa: E731
        none_below = F.logsigmoid(-first).cumsum(-1)
        lowest = F.logsigmoid(first) + none_below - F.logsigmoid(-first)                       # log probability to be the lowest
        p = torch.softmax(lowest / max(temperature, 1e-3), -1)
        ordered, order = p.sort(-1, descending=True)
        ordered = ordered * ((ordered.cumsum(-1) - ordered) < top_p)
        low = order.gather(-1, torch.multinomial(ordered, 1, generator=generator))
        begin = torch.zeros_like(first).scatter_(-1, low, 1.0) * (uniform() < 1 - none_below[:, -1].exp()).float()[:, None]
        for pitch in range(1, PITCHES):
            logit = (more[:, pitch] + (begin[:, :pitch] * self.note_mix[pitch, :pitch]).sum(-1)) / max(temperature, 1e-3)
            above = begin[:, :pitch].any(-1)
            begin[:, pitch] += (above & (uniform() < torch.sigmoid(logit))).float()
        return begin

    def future(self, rows):
        """-> logits (..., horizons, 88) of the pitches that begin within HORIZONS steps."""
        return rows[..., self.cfg.vocab:].unflatten(-1, (len(HORIZONS), PITCHES))

    # --- the recurrent form for many streams at once: one step, as the engine runs it ---

    def zero_state(self, batch, dtype=torch.float32):
        c, dev = self.cfg, self.in_proj.device
        return [(torch.zeros(batch, c.conv_dim, c.d_conv, device=dev, dtype=dtype),
                 torch.zeros(batch, c.n_heads, c.head_dim, c.d_state, device=dev, dtype=dtype)) for _ in range(c.n_layers)]

    @torch.no_grad()
    def step(self, pair, state, layers=None):
        """pair (b, 2, MELS); state is changed in place. -> (b, rows)"""
        c = self.cfg

        def norm(v, w):
            return v * torch.rsqrt(v.square().mean(-1, keepdim=True) + c.eps) * w
        x = F.linear(self.normalised(pair).flatten(-2), self.proj_weight, self.proj_bias)
        for p, (conv_state, ssm_state) in zip(layers or self.layers(), state):
            z, xBC, dt = F.linear(norm(x, p["norm"]), p["in_proj"]).split([c.d_inner, c.conv_dim, c.n_heads], -1)
            conv_state[..., :-1] = conv_state[..., 1:].clone()
            conv_state[..., -1] = xBC
            xBC = F.silu((conv_state * p["conv_weight"]).sum(-1) + p["conv_bias"])
            xs, B, C = xBC.split([c.d_inner, c.d_state, c.d_state], -1)
            xs = xs.unflatten(-1, (c.n_heads, c.head_dim))
            dt = F.softplus(dt + p["dt_bias"])
            decay = torch.exp(dt * -torch.exp(p["A_log"]))
            ssm_state.mul_(decay[..., None, None]).add_((dt[..., None] * xs).unsqueeze(-1) * B[:, None, None, :])
            y = ((ssm_state * C[:, None, None, :]).sum(-1) + p["D"][:, None] * xs).flatten(-2)
            x = x + F.linear(norm(y * F.silu(z), p["gate_norm"]), p["out_proj"])
        return F.linear(norm(x, self.norm_f), self.head_weight, self.head_bias)

    @torch.no_grad()
    def fit_base(self, mel, generator=None, ridge=1.0):
        """Mean, scale, linear prediction and whitening from frames (b, 2 T, MELS). -> nats a pair of that AR alone."""
        self.mean.copy_(mel.mean((0, 1)))
        self.scale.copy_(1 / mel.std((0, 1)).clamp(min=0.2))
        mel = mel + DITHER * torch.randn(mel.shape, generator=generator, device=mel.device)
        x = self.normalised(mel[:, :-2]).unfold(1, CONTEXT, 2).transpose(-1, -2).flatten(-2).flatten(0, 1).double()
        y = mel.unflatten(1, (-1, 2)).flatten(-2)[:, 2:].flatten(0, 1).double()
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
        eye = torch.eye(x.shape[1], dtype=x.dtype, device=x.device)
        w = torch.linalg.solve(x.T @ x + ridge * eye, x.T @ y).T
        left = y - x @ w.T
        values, vectors = torch.linalg.eigh(left.T @ left / len(left))
        values, vectors = values.flip(0), vectors.flip(1)
        if self.cfg.kind == "bins":
            values, vectors = left.square().mean(0), torch.eye(PAIR, dtype=x.dtype, device=x.device)
        self.base_weight.copy_(w[:, :-1])
        self.base_bias.copy_(w[:, -1])
        self.whiten.copy_((vectors / values.sqrt()).T)
        self.unwhiten.copy_(vectors * values.sqrt())
        self.log_det.copy_(-0.5 * values.log().sum())
        return float(-0.5 * values.log().sum() - 0.5 * PAIR * (LOG_2PI + 1))
