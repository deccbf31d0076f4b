"""Writes the checkpoint that the engine reads (int8 or float32 safetensors), and the golden file its tests compare with.

    python -m speech.export CHECKPOINT.pt OUT.safetensors [--float32] [--note TEXT] [--name NAME]
    python -m speech.export CHECKPOINT.pt --golden GOLDEN.safetensors --audio A.wav --text "..."
"""
import argparse
import json

import numpy as np
import soundfile
import torch
from safetensors.torch import save_file

from .frontend import SPEC, STRIDE_FRAMES, WINDOW_FRAMES, LogMel
from .model import Config, SpeechModel
from .tokens import Tokens

INT8 = ("frontend.proj", "in_proj", "out_proj", "lm_head")
LICENCE = "weights: CC BY 4.0 (see MODEL_CARD.md for the data and its attribution)"


def load(path):
    """-> (model in float32 with the averaged weights, vocabulary, the rest of the checkpoint)"""
    ck = torch.load(path, map_location="cpu", weights_only=True)
    model = SpeechModel(Config(**ck["config"]))
    weights = {k: v.float() for k, v in (ck.get("ema") or ck["model"]).items()}
    missing = set(model.state_dict()) ^ set(weights)
    if missing:
        raise SystemExit(f"checkpoint={path} does not fit the model: names differ: {sorted(missing)}")
    model.load_state_dict(weights)
    return model.eval(), ck["vocabulary"], ck


def tensors_of(model):
    """Our stacked parameters under the names of Hugging Face mamba2."""
    t = {"frontend.mean": model.mean, "frontend.scale": model.scale, "frontend.proj.weight": model.proj_weight,
         "frontend.proj.bias": model.proj_bias, "backbone.norm_f.weight": model.norm_f,
         "lm_head.weight": model.head_weight, "lm_head.bias": model.head_bias}
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
    return {k: v.detach().float().contiguous().clone() for k, v in t.items()}


def quantise(w):
    """Symmetric, one scale a row; of 24 smaller ranges the one with the least squared error (clipping a rare outlier helps)."""
    peak = w.abs().amax(1, keepdim=True).clamp(min=1e-12)
    best, best_error = None, None
    for f in np.linspace(1.0, 0.6, 24):
        scale = peak * float(f) / 127.0
        q = torch.clamp(torch.round(w / scale), -127, 127)
        error = (q * scale - w).square().sum(1, keepdim=True)
        if best is None:
            best, best_error = scale, error
        else:
            best = torch.where(error < best_error, scale, best)
            best_error = torch.minimum(error, best_error)
    return torch.clamp(torch.round(w / best), -127, 127).to(torch.int8), best.squeeze(1)


def is_int8(name):
    return name.endswith(".weight") and name[:-len(".weight")].endswith(INT8)


def quantised(tensors):
    out = {}
    for k, v in tensors.items():
        if is_int8(k):
            out[k], out[k + "_scale"] = quantise(v)
        else:
            out[k] = v
    return out


@torch.no_grad()
def dequantise_in_place(model):
    """The model as its int8 file means it."""
    for w in [model.proj_weight, model.head_weight, *model.in_proj, *model.out_proj]:
        q, scale = quantise(w.float())
        w.copy_(q.to(w.dtype) * scale.to(w.dtype).unsqueeze(1))
    return model


def metadata(model, vocabulary, a):
    c = model.cfg
    config = {"model_type": "mamba2", "hidden_size": c.d_model, "num_hidden_layers": c.n_layers, "state_size": c.d_state,
              "conv_kernel": c.d_conv, "expand": c.expand, "head_dim": c.head_dim, "num_heads": c.n_heads, "n_groups": 1,
              "use_bias": False, "use_conv_bias": True, "layer_norm_epsilon": c.eps, "time_step_limit": [0.0, 1000.0],
              "chunk_size": c.chunk, "vocab_size": c.vocab, "tie_word_embeddings": False, "hidden_act": "silu",
              "rms_norm": True, "residual_in_fp32": True,
              "frontend": {"n_mels": c.n_mels, "window_frames": WINDOW_FRAMES, "stride_frames": STRIDE_FRAMES}}
    return {"mamba_audio.format": "1", "mamba_audio.config": json.dumps(config), "mamba_audio.mel": json.dumps(SPEC),
            "mamba_audio.vocabulary": json.dumps(vocabulary, ensure_ascii=False), "mamba_audio.training": a.note,
            "mamba_audio.licence": LICENCE, "mamba_audio.name": a.name}


def golden(model, vocabulary, a):
    """audio, mel and logits of one utterance; logits in float64 by the recurrent form, from the int8 weights."""
    audio, rate = soundfile.read(a.audio, dtype="float32")
    if rate != SPEC["sample_rate_hz"] or audio.ndim != 1:
        raise SystemExit(f"audio={a.audio} is {rate} Hz, shape={audio.shape}; golden needs 16000 Hz mono")
    model = dequantise_in_place(model).double()
    mel = LogMel(torch.float64)(torch.from_numpy(audio).double()[None])[0]
    state, logits = model.zero_state(), []
    for k in range(0, len(mel) - WINDOW_FRAMES + 1, STRIDE_FRAMES):
        logits.append(model.step(mel[k:k + WINDOW_FRAMES], state))
    logits = torch.stack(logits)
    text = Tokens(vocabulary).greedy(logits.argmax(-1).tolist())
    save_file({"audio": torch.from_numpy(audio), "mel": mel.float(), "logits": logits.float()}, a.golden,
              metadata={"text": text, "reference": a.text, "source": a.source})
    print(f"{a.golden}: {len(audio)} samples, mel {tuple(mel.shape)}, logits {tuple(logits.shape)}, text '{text}'")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint")
    ap.add_argument("out", nargs="?")
    ap.add_argument("--float32", action="store_true")
    ap.add_argument("--note", default="")
    ap.add_argument("--name", default="mamba-audio speech, English, 40 ms steps")
    ap.add_argument("--golden")
    ap.add_argument("--audio")
    ap.add_argument("--text", default="")
    ap.add_argument("--source", default="")
    a = ap.parse_args()
    model, vocabulary, _ = load(a.checkpoint)
    if a.out:
        tensors = tensors_of(model)
        bad = [k for k, v in tensors.items() if not torch.isfinite(v).all()]
        if bad:
            raise SystemExit(f"checkpoint={a.checkpoint} has values that are not finite in {bad}")
        tensors = tensors if a.float32 else quantised(tensors)
        save_file(tensors, a.out, metadata=metadata(model, vocabulary, a))
        size = sum(v.numel() * v.element_size() for v in tensors.values())
        print(f"{a.out}: {len(tensors)} tensors, {size / 1e6:.2f} MB")
    if a.golden:
        golden(model, vocabulary, a)


if __name__ == "__main__":
    main()
