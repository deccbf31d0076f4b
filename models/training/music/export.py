"""Writes the checkpoint that the engine reads (int8 safetensors), and the golden file its tests compare with.

    python -m music.export RUN/final.pt OUT.safetensors [--float32] [--note TEXT] [--name NAME]
    python -m music.export RUN/final.pt OUT.safetensors --golden GOLDEN.safetensors --data DATA

As the speech checkpoint, but for `lm_head`: its rows are the features of the frame head and then the notes' logits (onset, sounding,
velocity of 88 pitches, of the step before the newest). The frame head is in tensors `music.*`, described by `mamba_audio.music`.
"""
import argparse
import json

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from speech.export import is_int8, quantise

from .frontend import MELS, SPEC, from_bytes
from .model import CONTEXT, LOWEST, PITCHES, Config, MusicModel, mixture

LICENCE = "weights: CC0-1.0; trained on scores of OpenScore (CC0) and Bach's chorales, played by FluidR3 GM (MIT)"


def load(path):
    """-> (model with the averaged weights in float32, the rest of the checkpoint)"""
    ck = torch.load(path, map_location="cpu", weights_only=True)
    model = MusicModel(Config(**ck["config"]))
    model.load_state_dict({k: v.float() for k, v in (ck.get("ema") or ck["model"]).items()})
    return model.eval(), ck


def head_matrices(model):
    """Stored as int8, computed with as float32."""
    named = {"music.notes.in": model.note_in, "music.notes.out": model.note_out, "music.sound.in": model.sound_in, "music.sound.out": model.sound_out}
    return named | {f"music.groups.{g}.mix": w for g, w in enumerate(model.mix_weight)}


def tensors_of(model, small=torch.bfloat16):
    t = {"frontend.mean": model.mean, "frontend.scale": model.scale, "frontend.proj.weight": model.proj_weight,
         "frontend.proj.bias": model.proj_bias, "backbone.norm_f.weight": model.norm_f,
         "lm_head.weight": model.head_weight[:model.cfg.vocab], "lm_head.bias": model.head_bias[:model.cfg.vocab],
         "music.base.bias": model.base_bias, "music.notes.bias": model.note_bias}
    for i, p in enumerate(model.layers()):
        b = f"backbone.layers.{i}."
        t[b + "norm.weight"] = p["norm"]
        t[b + "mixer.in_proj.weight"] = p["in_proj"]
        t[b + "mixer.conv1d.weight"] = p["conv_weight"].unsqueeze(1)
        t[b + "mixer.conv1d.bias"] = p["conv_bias"]
        t[b + "mixer.dt_bias"] = p["dt_bias"]
        t[b + "mixer.A_log"] = p["A_log"]
        t[b + "mixer.D"] = p["D"]
        t[b + "mixer.norm.weight"] = p["gate_norm"]
        t[b + "mixer.out_proj.weight"] = p["out_proj"]
    t = {k: v.detach().float().contiguous().clone() for k, v in t.items()}
    t["music.base.weight"], t["music.unwhiten"] = model.base_weight.to(small), model.unwhiten.to(small)
    t["music.notes.mix"] = model.note_mix.detach().tril(-1).to(small).contiguous()
    for name, w in head_matrices(model).items():
        t[name] = w.detach().float().contiguous()
    for g in range(len(model.cfg.groups)):
        if g:
            t[f"music.groups.{g}.before"] = model.before_weight[g - 1].detach().to(small).contiguous()
        t[f"music.groups.{g}.bias"] = model.mix_bias[g].detach().float().contiguous()
    return t


def metadata(model, a):
    c = model.cfg
    config = {"model_type": "mamba2", "hidden_size": c.d_model, "num_hidden_layers": c.n_layers, "state_size": c.d_state,
              "conv_kernel": c.d_conv, "expand": c.expand, "head_dim": c.head_dim, "num_heads": c.n_heads, "n_groups": 1,
              "use_bias": False, "use_conv_bias": True, "layer_norm_epsilon": c.eps, "time_step_limit": [0.0, 1000.0],
              "chunk_size": c.chunk, "vocab_size": c.vocab, "tie_word_embeddings": False, "hidden_act": "silu",
              "rms_norm": True, "residual_in_fp32": True,
              "frontend": {"n_mels": MELS, "window_frames": 2, "stride_frames": 2}}
    music = {"groups": c.groups, "components": c.components, "hidden": c.hidden, "note_hidden": c.note_hidden,
             "sound_hidden": c.sound_hidden, "context_frames": CONTEXT,
             "pitches": PITCHES, "lowest_pitch": LOWEST}
    return {"mamba_audio.format": "1", "mamba_audio.config": json.dumps(config), "mamba_audio.mel": json.dumps(SPEC),
            "mamba_audio.music": json.dumps(music), "mamba_audio.training": a.note, "mamba_audio.licence": LICENCE,
            "mamba_audio.name": a.name}


@torch.no_grad()
def as_exported(model, float32=False):
    """The model as its file means it."""
    if not float32:
        for w in [model.proj_weight, model.head_weight, *model.in_proj, *model.out_proj, *head_matrices(model).values()]:
            q, scale = quantise(w.float())
            w.copy_(q.to(w.dtype) * scale.to(w.dtype).unsqueeze(1))
    for w in [*model.before_weight, model.note_mix, model.base_weight, model.unwhiten]:
        w.copy_(w.bfloat16().to(w.dtype))
    return model


def first_notes(model, row, before, earlier):
    """The likeliest lowest note, and above it each that is likelier than not."""
    first, more = model.note_parts(row, before, earlier, torch.ones_like(row[:1]))
    none_below = F.logsigmoid(-first).cumsum(-1)
    begin = torch.zeros_like(first)
    low = int((F.logsigmoid(first) + none_below - F.logsigmoid(-first)).argmax())
    begin[low] = 1
    for p in range(low + 1, len(begin)):
        begin[p] = float(more[p] + model.note_mix[p, :p] @ begin[:p] > 0)
    return begin


@torch.no_grad()
def one_sigma(model, features, base):
    """The pair where every group takes its likeliest component, one standard deviation above its mean."""
    z = features.new_zeros(0)
    for g, (n, k) in enumerate(zip(model.cfg.groups, model.cfg.components)):
        weights, means, logs = mixture(model._group(g, features, z), k, n)
        best = int(weights.argmax())
        z = torch.cat([z, means[best] + torch.exp(logs[best])])
    return F.linear(z, model.unwhiten) + base


@torch.no_grad()
def golden(model, a):
    """Frames of a held-out clip, the rows after each pair, from the third on the notes that begin (in every third step none), and their pair.

    In float64. Of each pair the notes are `first_notes`, the sound is `one_sigma`.
    """
    import glob
    import numpy as np
    with np.load(sorted(glob.glob(f"{a.data}/held-*.npz"))[0]) as z:
        mel = from_bytes(torch.from_numpy(z["mel"][0][200:280]))
    model = as_exported(model, a.float32).double()
    state, rows, pairs, notes = model.zero_state(1, torch.float64), [], [], []
    x = mel.double()
    base = model.base(x[None])[0]
    earlier = before = torch.zeros(PITCHES, dtype=torch.float64)
    for t in range(len(x) // 2):
        row = model.step(x[None, 2 * t:2 * t + 2], state)[0]
        rows.append(row[:model.cfg.vocab])
        if t >= 1:
            begin = first_notes(model, row, before, earlier) * float(t % 3 > 0)
            pairs.append(one_sigma(model, model.features(row, begin, before, torch.ones_like(row[:1])), base[t - 1]))
            notes.append(begin)
            earlier, before = before, begin
    save_file({"mel": mel.float().contiguous(), "rows": torch.stack(rows).float(), "pairs": torch.stack(pairs).float(),
               "notes": torch.stack(notes).float()}, a.golden)
    print(f"{a.golden}: mel {tuple(mel.shape)}, rows {len(rows)}, notes {int(torch.stack(notes).sum())}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint")
    ap.add_argument("out")
    ap.add_argument("--float32", action="store_true")
    ap.add_argument("--note", default="")
    ap.add_argument("--name", default="mamba-audio music, pairs of frames")
    ap.add_argument("--golden")
    ap.add_argument("--data")
    a = ap.parse_args()
    model, ck = load(a.checkpoint)
    a.note = a.note or f"step {ck['step']}, {ck['seen_hours']:.0f} h heard"
    tensors = tensors_of(model)
    bad = [k for k, v in tensors.items() if not torch.isfinite(v).all()]
    if bad:
        raise SystemExit(f"checkpoint={a.checkpoint} has values that are not finite in {bad}")
    if not a.float32:
        for k in [k for k in tensors if is_int8(k) or k in head_matrices(model)]:
            tensors[k], tensors[k + "_scale"] = quantise(tensors[k])
    save_file(tensors, a.out, metadata=metadata(model, a))
    print(f"{a.out}: {len(tensors)} tensors, {sum(v.numel() * v.element_size() for v in tensors.values()) / 1e6:.2f} MB")
    if a.golden:
        golden(model, a)


if __name__ == "__main__":
    main()
