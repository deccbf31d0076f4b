"""Makes the S4D golden files of models/src/test/resources/golden.

    python goldens.py ../../src/test/resources/golden        (numpy, safetensors)

Tiny, random, seeded checkpoints of our kind "s4d" with logits computed in float64. The layer is the one of Gu, Goel, Gupta and Re, "On the
Parameterization and Initialization of Diagonal State Space Models" (2022), as its published minimal code has it:

    A = -exp(log_A_real) + i A_imag,  dt = exp(log_dt),  one of each conjugate pair of the N states
    K_l = 2 Re(sum_n C_n (exp(dt A_n) - 1) / A_n exp(dt A_n l))          zero-order hold with B = 1
    y = K * u + D u,  out = GLU(W GELU(y) + bias)

inside of the residual blocks that our other kinds have, x += layer(RMSNorm(x)). The logits come from the convolution; the recurrence
x' = exp(dt A) x + B~ u, y = 2 Re(C x) + D u is computed beside it and must agree.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

D_MODEL, LAYERS, VOCAB, EPS = 20, 2, 19, 1e-5


def frequencies(kind, n):
    k = np.arange(n // 2)
    return math.pi * k if kind == "lin" else n / math.pi * (n / (2 * k + 1) - 1)


def gelu(x):
    return np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x.ravel()]).reshape(x.shape)


def norm(x, weight):
    return weight * x / np.sqrt(np.mean(x * x, -1, keepdims=True) + EPS)


def system(w, mixer):
    dt = np.exp(w[mixer + "log_dt"])[:, None]
    a = -np.exp(w[mixer + "log_A_real"]) + 1j * w[mixer + "A_imag"]
    c = w[mixer + "C"][..., 0] + 1j * w[mixer + "C"][..., 1]
    return np.exp(dt * a), (np.exp(dt * a) - 1) / a, c, w[mixer + "D"]


def convolution(u, w, mixer):
    steps = len(u)
    a, b, c, d = system(w, mixer)
    kernel = 2 * np.einsum("hn,hnl->lh", c * b, a[..., None] ** np.arange(steps)).real
    spectrum = np.fft.rfft(u, 2 * steps, axis=0) * np.fft.rfft(kernel, 2 * steps, axis=0)
    return np.fft.irfft(spectrum, 2 * steps, axis=0)[:steps] + d * u


def recurrence(u, w, mixer):
    a, b, c, d = system(w, mixer)
    x = np.zeros_like(a)
    out = []
    for v in u:
        x = a * x + b * v[:, None]
        out.append(2 * (c * x).real.sum(-1) + d * v)
    return np.array(out)


def logits(ids, w, ssm):
    x = w["backbone.embeddings.weight"][ids]
    for i in range(LAYERS):
        layer = f"backbone.layers.{i}."
        mixer = layer + "mixer."
        y = gelu(ssm(norm(x, w[layer + "norm.weight"]), w, mixer)) @ w[mixer + "out_proj.weight"].T
        y = y + w.get(mixer + "out_proj.bias", 0)
        x = x + y[:, :D_MODEL] / (1 + np.exp(-y[:, D_MODEL:]))
    return norm(x, w["backbone.norm_f.weight"]) @ w.get("lm_head.weight", w["backbone.embeddings.weight"]).T


def checkpoint(kind, n, bias, tied, seed):
    rng = np.random.default_rng(seed)
    t = {}

    def add(name, values):
        t[name] = np.ascontiguousarray(values, dtype=np.float32)

    add("backbone.embeddings.weight", rng.normal(size=(VOCAB, D_MODEL)))
    for i in range(LAYERS):
        layer = f"backbone.layers.{i}."
        mixer = layer + "mixer."
        add(layer + "norm.weight", rng.uniform(0.5, 1.5, D_MODEL))
        add(mixer + "log_dt", rng.uniform(math.log(0.001), math.log(0.1), D_MODEL))
        add(mixer + "log_A_real", np.full((D_MODEL, n // 2), math.log(0.5)) + rng.normal(0, 0.1, (D_MODEL, n // 2)))
        add(mixer + "A_imag", np.tile(frequencies(kind, n), (D_MODEL, 1)))
        add(mixer + "C", rng.normal(size=(D_MODEL, n // 2, 2)) / math.sqrt(2))
        add(mixer + "D", rng.normal(size=D_MODEL))
        add(mixer + "out_proj.weight", rng.normal(size=(2 * D_MODEL, D_MODEL)) / math.sqrt(D_MODEL))
        if bias:
            add(mixer + "out_proj.bias", rng.normal(0, 0.3, 2 * D_MODEL))
    add("backbone.norm_f.weight", rng.uniform(0.5, 1.5, D_MODEL))
    if not tied:
        add("lm_head.weight", rng.normal(size=(VOCAB, D_MODEL)) / math.sqrt(D_MODEL))
    config = {"model_type": "s4d", "hidden_size": D_MODEL, "num_hidden_layers": LAYERS, "state_size": n, "use_bias": bias,
              "layer_norm_epsilon": EPS, "vocab_size": VOCAB, "tie_word_embeddings": tied}
    return t, config


def main():
    for name, kind, n, bias, tied, seed in (("s4d-lin", "lin", 16, True, False, 1), ("s4d-inv", "inv", 10, False, True, 2)):
        tensors, config = checkpoint(kind, n, bias, tied, seed)
        w = {key: v.astype(np.float64) for key, v in tensors.items()}
        ids = np.random.default_rng(seed).integers(0, VOCAB, (2, 150))
        found = np.array([logits(row, w, convolution) for row in ids])
        apart = np.abs(found - np.array([logits(row, w, recurrence) for row in ids])).max()
        assert np.isfinite(found).all() and apart < 1e-10, apart
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        save_file(tensors, folder / "model.safetensors", {"mamba_audio.format": "1", "mamba_audio.config": json.dumps(config)})
        save_file({"input_ids": ids.astype(np.int64), "logits": found.astype(np.float32)}, folder / "expected.safetensors")
        print(f"{name}: largest logit {np.abs(found).max():.3f}, convolution and recurrence {apart:.1e} apart")


if __name__ == "__main__":
    main()
