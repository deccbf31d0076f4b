"""Makes the golden files of models/src/test/resources/golden, except mamba1-a and mamba2-a, which came with the project.

    python make_goldens.py ../resources/golden        (transformers 5.17.0, torch, numpy, safetensors)

Two families, all tiny, random and seeded:
- Hugging Face checkpoints of every variant that a configuration can ask for, with the logits that transformers computes in float64;
- a speech checkpoint with int8 weights and a frame front end, with the logits of the recurrence written out below in numpy's float64.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import Mamba2Config, Mamba2ForCausalLM, MambaConfig, MambaForCausalLM

SMALL = {"vocab_size": 23, "hidden_size": 24, "num_hidden_layers": 2, "initializer_range": 0.3}
VARIANTS = {
    "mamba1-bias-untied": MambaConfig(**SMALL, state_size=5, conv_kernel=3, time_step_rank=5, use_bias=True,
                                      use_conv_bias=False, tie_word_embeddings=False, layer_norm_epsilon=1e-3),
    "mamba1-expand3": MambaConfig(**SMALL, state_size=16, conv_kernel=2, expand=3, use_bias=False,
                                  tie_word_embeddings=True),
    "mamba1-float16": MambaConfig(**SMALL, state_size=8, use_bias=False, tie_word_embeddings=True),
    "mamba2-groups-bias-tied": Mamba2Config(**SMALL, state_size=7, conv_kernel=3, n_groups=2, num_heads=4, head_dim=12,
                                            use_bias=True, use_conv_bias=False, tie_word_embeddings=True,
                                            time_step_limit=(0.02, 0.05), chunk_size=8),
    "mamba2-one-group": Mamba2Config(**SMALL, state_size=16, conv_kernel=2, expand=3, n_groups=1, num_heads=9, head_dim=8,
                                     tie_word_embeddings=False, layer_norm_epsilon=1e-3, chunk_size=8),
    "mamba2-bfloat16-sharded": Mamba2Config(**SMALL, state_size=8, n_groups=4, num_heads=4, head_dim=12, chunk_size=8,
                                            tie_word_embeddings=False),
}
STORED = {"mamba1-float16": torch.float16, "mamba2-bfloat16-sharded": torch.bfloat16}


def randomise(model, seed):
    """Fresh models have zero biases and alike heads, which would hide mistakes."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=g)
            if name.endswith(("bias", "D", "norm.weight", "norm_f.weight")):
                p.add_(0.3 * noise)
            elif name.endswith(("A_log", "dt_bias")):
                p.add_(0.5 * noise)


def hugging_face(name, config, folder, seed):
    torch.manual_seed(seed)
    model = (Mamba2ForCausalLM if config.model_type == "mamba2" else MambaForCausalLM)(config).eval()
    randomise(model, seed)
    model = model.to(STORED.get(name, torch.float32))
    out = folder / name
    model.save_pretrained(out, max_shard_size="12KB" if name.endswith("sharded") else "1GB")
    (out / "generation_config.json").unlink(missing_ok=True)
    ids = torch.randint(0, config.vocab_size, (2, 27), generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        logits = model.double()(ids, use_cache=False).logits
    assert logits.dtype == torch.float64 and torch.isfinite(logits).all()
    save_file({"input_ids": ids.to(torch.int64).numpy(), "logits": logits.float().numpy()},
              out / "expected.safetensors")
    print(name, sum(f.stat().st_size for f in out.iterdir()), "bytes, largest logit", logits.abs().max().item())


def speech(folder, seed):
    rng = np.random.default_rng(seed)
    n_mels, window, stride, d, layers, n, heads, p, vocab, k, eps = 6, 4, 3, 32, 2, 8, 4, 16, 9, 4, 1e-5
    d_inner, conv_dim = heads * p, heads * p + 2 * n
    config = {"model_type": "mamba2", "hidden_size": d, "num_hidden_layers": layers, "state_size": n, "conv_kernel": k,
              "expand": 2, "head_dim": p, "num_heads": heads, "n_groups": 1, "use_bias": False, "use_conv_bias": True,
              "layer_norm_epsilon": eps, "time_step_limit": [0.0, 1000.0], "chunk_size": 8, "vocab_size": vocab,
              "tie_word_embeddings": False,
              "frontend": {"n_mels": n_mels, "window_frames": window, "stride_frames": stride}}
    t = {}

    def vector(name, *shape, least=-0.5, most=0.5):
        t[name] = rng.uniform(least, most, shape).astype(np.float32)

    def matrix(name, rows, cols):
        w = rng.normal(size=(rows, cols)) / np.sqrt(cols)
        scale = (np.abs(w).max(1) / 127).astype(np.float32)
        t[name + ".weight"] = np.clip(np.rint(w / scale[:, None]), -127, 127).astype(np.int8)
        t[name + ".weight_scale"] = scale

    vector("frontend.mean", n_mels)
    vector("frontend.scale", n_mels, least=0.5, most=1.5)
    matrix("frontend.proj", d, window * n_mels)
    vector("frontend.proj.bias", d)
    for i in range(layers):
        layer = f"backbone.layers.{i}."
        vector(layer + "norm.weight", d, least=0.5, most=1.5)
        matrix(layer + "mixer.in_proj", d_inner + conv_dim + heads, d)
        vector(layer + "mixer.conv1d.weight", conv_dim, 1, k)
        vector(layer + "mixer.conv1d.bias", conv_dim)
        vector(layer + "mixer.dt_bias", heads, least=-4, most=1)
        vector(layer + "mixer.A_log", heads, least=0, most=2)
        vector(layer + "mixer.D", heads)
        vector(layer + "mixer.norm.weight", d_inner, least=0.5, most=1.5)
        matrix(layer + "mixer.out_proj", d, d_inner)
    vector("backbone.norm_f.weight", d, least=0.5, most=1.5)
    matrix("lm_head", vocab, d)
    vector("lm_head.bias", vocab)

    w = {name: v.astype(np.float64) for name, v in t.items()}
    w = {name: v * w[name + "_scale"][:, None] if name + "_scale" in w else v for name, v in w.items()}

    def norm(x, weight):
        return weight * x / np.sqrt(np.mean(x * x) + eps)

    def silu(x):
        return x / (1 + np.exp(-x))

    mel = rng.normal(-6, 3, (40, n_mels)).astype(np.float32)
    frames = (mel.astype(np.float64) - w["frontend.mean"]) * w["frontend.scale"]
    conv = np.zeros((layers, conv_dim, k))
    ssm = np.zeros((layers, heads, p, n))
    rows = []
    for start in range(0, len(mel) - window + 1, stride):
        x = w["frontend.proj.weight"] @ frames[start:start + window].ravel() + w["frontend.proj.bias"]
        for i in range(layers):
            layer = f"backbone.layers.{i}."
            mixer = {key[len(layer + "mixer."):]: v for key, v in w.items() if key.startswith(layer + "mixer.")}
            projected = mixer["in_proj.weight"] @ norm(x, w[layer + "norm.weight"])
            z, xBC, dt = np.split(projected, [d_inner, d_inner + conv_dim])
            conv[i] = np.concatenate([conv[i][:, 1:], xBC[:, None]], 1)
            xBC = silu((conv[i] * mixer["conv1d.weight"][:, 0]).sum(1) + mixer["conv1d.bias"])
            u, B, C = np.split(xBC, [d_inner, d_inner + n])
            u = u.reshape(heads, p)
            dt = np.log1p(np.exp(dt + mixer["dt_bias"]))
            decay = np.exp(-dt * np.exp(mixer["A_log"]))
            ssm[i] = decay[:, None, None] * ssm[i] + (dt[:, None] * u)[:, :, None] * B
            y = (ssm[i] @ C + mixer["D"][:, None] * u).ravel()
            x = x + mixer["out_proj.weight"] @ norm(y * silu(z), mixer["norm.weight"])
        rows.append(w["lm_head.weight"] @ norm(x, w["backbone.norm_f.weight"]) + w["lm_head.bias"])
    pieces = ["<blank>", "\u2581a", "\u2581the", "b", "c", "ing", "'", "\u2581'", "zz"]
    metadata = {"mamba_audio.format": "1", "mamba_audio.config": json.dumps(config),
                "mamba_audio.mel": json.dumps({"n_mels": n_mels}), "mamba_audio.vocabulary": json.dumps(pieces)}
    out = folder / "speech-int8"
    out.mkdir(exist_ok=True)
    save_file(t, out / "model.safetensors", metadata)
    save_file({"mel": mel, "logits": np.array(rows, np.float32)}, out / "expected.safetensors")
    print("speech-int8", len(rows), "steps, largest logit", np.abs(rows).max())


def main():
    # transformers casts inside of the recurrence with .float(); in float64 the casts must not round
    torch.Tensor.float = torch.Tensor.double
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for seed, (name, config) in enumerate(VARIANTS.items()):
        hugging_face(name, config, folder, seed)
    speech(folder, 99)


if __name__ == "__main__":
    main()
