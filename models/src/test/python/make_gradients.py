"""Makes src/test/resources/gradients: tiny networks, a batch, its loss and the gradient of every parameter, by PyTorch's autograd in float64.

    python make_gradients.py ../resources/gradients        (torch 2.11, safetensors)

The networks are the definitions of the papers written step by step: no chunks, no recomputation, nothing fused.
"""
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

EPS = 1e-5
BATCH, LENGTH, LAYERS, VOCAB, D_MODEL, HEAD_DIM = 2, 41, 2, 11, 20, 10


def rms(x, w):
    return w * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS)


def conv(x, w, b):
    """x (B, L, C), w (C, 1, K): causal, then silu."""
    y = F.conv1d(F.pad(x.transpose(1, 2), (w.shape[2] - 1, 0)), w, b, groups=w.shape[0])
    return F.silu(y.transpose(1, 2))


def mamba1(p, u):
    a = -torch.exp(p["A_log"])
    n = a.shape[1]
    x, z = (u @ p["in_proj.weight"].T).chunk(2, -1)
    x = conv(x, p["conv1d.weight"], p["conv1d.bias"])
    dt, b, c = (x @ p["x_proj.weight"].T).split([p["dt_proj.weight"].shape[1], n, n], -1)
    dt = F.softplus(dt @ p["dt_proj.weight"].T + p["dt_proj.bias"])
    h = torch.zeros(u.shape[0], *a.shape, dtype=u.dtype)
    ys = []
    for t in range(u.shape[1]):
        h = torch.exp(dt[:, t, :, None] * a) * h + (dt[:, t] * x[:, t])[:, :, None] * b[:, t, None, :]
        ys.append((h * c[:, t, None, :]).sum(-1) + p["D"] * x[:, t])
    return (torch.stack(ys, 1) * F.silu(z)) @ p["out_proj.weight"].T


def mamba2(p, u):
    heads = p["A_log"].shape[0]
    d_inner = p["out_proj.weight"].shape[1]
    n = (p["conv1d.weight"].shape[0] - d_inner) // 2
    z, xbc, dt = (u @ p["in_proj.weight"].T).split([d_inner, d_inner + 2 * n, heads], -1)
    xbc = conv(xbc, p["conv1d.weight"], p["conv1d.bias"])
    x, b, c = xbc.split([d_inner, n, n], -1)
    dt = F.softplus(dt + p["dt_bias"])
    x = x.reshape(*x.shape[:2], heads, -1)
    a = -torch.exp(p["A_log"])
    h = torch.zeros(u.shape[0], heads, x.shape[-1], n, dtype=u.dtype)
    ys = []
    for t in range(u.shape[1]):
        h = torch.exp(dt[:, t] * a)[:, :, None, None] * h
        h = h + (dt[:, t, :, None] * x[:, t])[..., None] * b[:, t, None, None, :]
        ys.append((h * c[:, t, None, None, :]).sum(-1) + p["D"][:, None] * x[:, t])
    y = torch.stack(ys, 1).flatten(2)
    return rms(y * F.silu(z), p["norm.weight"]) @ p["out_proj.weight"].T


def s4d(p, u):
    """The layer of models/training/s4d/goldens.py, by its recurrence."""
    dt = torch.exp(p["log_dt"])[:, None]
    a = torch.complex(-torch.exp(p["log_A_real"]), p["A_imag"])
    decay = torch.exp(dt * a)
    read = 2 * torch.view_as_complex(p["C"]) * (decay - 1) / a
    h = torch.zeros(u.shape[0], *a.shape, dtype=a.dtype)
    ys = []
    for t in range(u.shape[1]):
        h = decay * h + u[:, t, :, None]
        ys.append((read * h).real.sum(-1) + p["D"] * u[:, t])
    return F.glu(F.gelu(torch.stack(ys, 1)) @ p["out_proj.weight"].T + p["out_proj.bias"])


def rotated(x):
    """x (B, heads, L, headDim): pairs of channels turn with time."""
    t, n = x.shape[-2:]
    angle = torch.arange(t)[:, None] * 10000.0 ** (-torch.arange(0, n, 2).double() / n)
    turned = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous()) * torch.polar(torch.ones_like(angle), angle)
    return torch.view_as_real(turned).flatten(-2)


def attention(p, x):
    """A whole Transformer block: attention, then the feed-forward layer, each behind a norm and on its residual."""
    q, k, v = (y.unflatten(-1, (-1, HEAD_DIM)).transpose(1, 2) for y in (rms(x, p["norm.weight"]) @ p["qkv.weight"].T).chunk(3, -1))
    y = F.scaled_dot_product_attention(rotated(q), rotated(k), v, is_causal=True)
    x = x + y.transpose(1, 2).flatten(2) @ p["out.weight"].T
    return x + F.gelu(rms(x, p["mlp_norm.weight"]) @ p["up.weight"].T) @ p["down.weight"].T


def sizes(kind, n):
    """Shapes of one mixer."""
    d_inner, rank = 2 * D_MODEL, 2
    if kind == "mamba1":
        return {"in_proj.weight": (2 * d_inner, D_MODEL), "conv1d.weight": (d_inner, 1, 4), "conv1d.bias": (d_inner,),
                "x_proj.weight": (rank + 2 * n, d_inner), "dt_proj.weight": (d_inner, rank), "dt_proj.bias": (d_inner,),
                "A_log": (d_inner, n), "D": (d_inner,), "out_proj.weight": (D_MODEL, d_inner)}
    if kind == "s4d":
        return {"log_dt": (D_MODEL,), "log_A_real": (D_MODEL, n // 2), "A_imag": (D_MODEL, n // 2), "C": (D_MODEL, n // 2, 2),
                "D": (D_MODEL,), "out_proj.weight": (2 * D_MODEL, D_MODEL), "out_proj.bias": (2 * D_MODEL,)}
    if kind == "attention":
        return {"qkv.weight": (3 * D_MODEL, D_MODEL), "out.weight": (D_MODEL, D_MODEL), "mlp_norm.weight": (D_MODEL,),
                "up.weight": (4 * D_MODEL, D_MODEL), "down.weight": (D_MODEL, 4 * D_MODEL)}
    heads, conv_dim = 4, d_inner + 2 * n
    return {"in_proj.weight": (d_inner + conv_dim + heads, D_MODEL), "conv1d.weight": (conv_dim, 1, 4), "conv1d.bias": (conv_dim,),
            "dt_bias": (heads,), "A_log": (heads,), "D": (heads,), "norm.weight": (d_inner,), "out_proj.weight": (D_MODEL, d_inner)}


def value(name, shape, g):
    noise = torch.randn(shape, generator=g)
    if name.endswith("A_log"):
        return 0.7 * noise
    if name.endswith("log_dt"):
        return 0.8 * noise - 3
    if name.endswith("A_imag"):
        return 3 * torch.arange(shape[-1]) + noise
    if name.endswith(("mixer.C", "log_A_real")):
        return 0.7 * noise
    if name.endswith(("dt_bias", "dt_proj.bias")):
        return noise - 2
    if name.endswith(("norm.weight", "norm_f.weight", "D")):
        return 1 + 0.2 * noise
    return noise * (1.5 / shape[-1] ** 0.5 if len(shape) > 1 else 0.2)


def inside(kind):
    return "" if kind == "attention" else "mixer."


def make(kind, n, tied, seed, folder):
    g = torch.Generator().manual_seed(seed)
    shapes = {"backbone.embeddings.weight": (VOCAB, D_MODEL), "backbone.norm_f.weight": (D_MODEL,)}
    for i in range(LAYERS):
        shapes[f"backbone.layers.{i}.norm.weight"] = (D_MODEL,)
        shapes |= {f"backbone.layers.{i}.{inside(kind)}{k}": s for k, s in sizes(kind, n).items()}
    if not tied:
        shapes["lm_head.weight"] = (VOCAB, D_MODEL)
    single = {k: value(k, s, g).float() for k, s in shapes.items()}
    p = {k: v.double().requires_grad_() for k, v in single.items()}
    tokens = torch.randint(0, VOCAB, (BATCH, LENGTH), generator=g)
    targets = torch.randint(0, VOCAB, (BATCH, LENGTH), generator=g)
    targets[:, ::5] = -1
    x = p["backbone.embeddings.weight"][tokens]
    for i in range(LAYERS):
        layer = f"backbone.layers.{i}."
        block = {k.removeprefix(layer + inside(kind)): v for k, v in p.items() if k.startswith(layer + inside(kind))}
        if kind == "attention":
            x = attention(block, x)
        else:
            x = x + {"mamba1": mamba1, "mamba2": mamba2, "s4d": s4d}[kind](block, rms(x, p[layer + "norm.weight"]))
    x = rms(x, p["backbone.norm_f.weight"])
    logits = x @ p["backbone.embeddings.weight" if tied else "lm_head.weight"].T
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)
    loss.backward()
    out = {k: v.numpy() for k, v in single.items()}
    out |= {"gradient." + k: v.grad.float().numpy() for k, v in p.items()}
    out |= {"tokens": tokens.int().numpy(), "targets": targets.int().numpy(), "loss": np.array([loss.item()], np.float32)}
    name = f"{kind}-{'tied' if tied else 'untied'}-n{n}.safetensors"
    save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, str(folder / name))
    print(name, loss.item())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    make("mamba1", 5, True, 1, target)
    make("mamba1", 16, False, 2, target)
    make("mamba2", 6, True, 3, target)
    make("mamba2", 16, False, 4, target)
    make("s4d", 6, True, 5, target)
    make("s4d", 16, False, 6, target)
    make("attention", 1, True, 7, target)
