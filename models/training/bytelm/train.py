"""Trains the byte model on one accelerator and writes the int8 checkpoint that the engine reads.

    python -m bytelm.train DIR --until UNIX_TIME --run DIR [--device cpu] [--plain] [--no-graph] [--steps N]

DIR holds train.txt and held.txt (books.py). The rate follows the clock: warm-up, flat, then a straight fall to nothing. The last fifth of the
time sees sequences four times as long, since a stream never ends. The whole step is one CUDA graph.
"""
import argparse
import json
import math
import os
import sys
import time

import numpy as np
import torch
from safetensors.torch import save_file

from speech.optim import Optimiser

from .model import BYTES, ByteModel, Config

SEED, RATE, WARM_UP, FALL, DECAY = 20261124, 3e-3, 300, 0.6, 0.1
SHAPES = ((0.8, 64, 1024), (1.0, 16, 4096))
END_SECONDS = 30                                        # for the evaluation and the files at the end


class Data:
    def __init__(self, folder, device):
        self.train, self.held = (torch.from_numpy(np.fromfile(os.path.join(folder, name), np.uint8)).to(device)
                                 for name in ("train.txt", "held.txt"))
        self.device = device

    def sample(self, batch, length):
        """(batch, length + 1): each sequence and the byte after it"""
        start = torch.randint(len(self.train) - length, (batch, 1), device=self.device)
        return self.train[start + torch.arange(length + 1, device=self.device)].long()

    def held_out(self, length, most):
        count = min(most, (len(self.held) - 1) // length)
        at = torch.arange(count, device=self.device)[:, None] * ((len(self.held) - 1 - length) // max(1, count - 1))
        return self.held[at + torch.arange(length + 1, device=self.device)].long()


class Step:
    """A training step of one shape; with graph, recorded once and replayed."""

    def __init__(self, trainer, batch, length, graph):
        self.t, self.batch, self.length = trainer, batch, length
        self.tokens = trainer.data.sample(batch, length)
        self.graph = None
        if graph:
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(2):
                    self.compute()
            torch.cuda.current_stream().wait_stream(stream)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.compute()
        self.norm = trainer.optimiser.norm                  # the graph writes it here

    def compute(self):
        loss = self.t.model.nats(self.tokens[:, :-1], self.tokens[:, 1:], self.t.dtype)
        loss.backward()
        self.t.optimiser.step(self.t.rate)
        self.t.total.add_(loss.detach())

    def run(self):
        self.tokens.copy_(self.t.data.sample(self.batch, self.length))
        if self.graph is None:
            self.compute()
            self.norm = self.t.optimiser.norm
        else:
            self.graph.replay()


class Trainer:
    def __init__(self, a):
        torch.manual_seed(SEED)
        self.a, self.data = a, Data(a.data, a.device)
        self.dtype = torch.bfloat16 if a.device == "cuda" else None
        self.model = ByteModel(Config(), SEED).to(a.device)
        self.eager = self.model.block
        if not a.plain:
            self.model.block = torch.compile(self.eager, dynamic=False)
        self.optimiser = Optimiser(self.model, DECAY, betas=(0.9, 0.98), clip=1.0)
        self.rate = torch.zeros((), device=a.device)
        self.total = torch.zeros((), device=a.device)
        parameters = sum(p.numel() for p in self.model.parameters())
        print(f"torch {torch.__version__} {a.device} seed {SEED}: {self.model.cfg}, {parameters:,} parameters, "
              f"{len(self.data.train):,} bytes to learn, {len(self.data.held):,} held out", flush=True)
        # compiles and records with a rate of nothing: the weights stay, the moments begin with the first gradients
        self.steps = [Step(self, batch, length, not a.no_graph and a.device == "cuda") for _, batch, length in SHAPES]
        self.total.zero_()

    @torch.no_grad()
    def held_bits(self, length, most, rows=4):
        compiled, self.model.block = self.model.block, self.eager
        x = self.data.held_out(length, most)
        bits = [self.model.nats(part[:, :-1], part[:, 1:], self.dtype).item() * len(part) for part in x.split(rows)]
        self.model.block = compiled
        return sum(bits) / len(x) / math.log(2)

    def run(self):
        start, done, logged, last = time.time(), 0, time.time(), 0
        seconds = self.a.until - END_SECONDS - start
        share = 0.0
        while share < 1:
            share = done / self.a.steps if self.a.steps else (time.time() - start) / seconds
            self.rate.fill_(RATE * min(1.0, (done + 1) / WARM_UP) * min(1.0, max(0.0, 1 - share) / FALL))
            which = next((i for i, s in enumerate(SHAPES) if share < s[0]), len(SHAPES) - 1)
            step = self.steps[which]
            step.run()
            done += 1
            if done % 20 == 0:
                step.norm.item()                  # not too far ahead of the device: the clock is the schedule
            if time.time() - logged > self.a.log_seconds:
                n, bits = done - last, self.total.item() / math.log(2)
                self.total.zero_()
                rate = n * step.batch * step.length / (time.time() - logged)
                print(f"{time.time() - start:5.0f} s step {done:6} train {bits / n:.4f} bits, held {self.held_bits(4096, 64):.4f}, "
                      f"norm {step.norm.item():.2f}, skipped {int(self.optimiser.skipped)}, "
                      f"rate {self.rate.item():.5f}, {rate / 1e6:.2f} M bytes/s", flush=True)
                self.save("last")
                logged, last = time.time(), done
        self.finish(done)

    def finish(self, done):
        print(f"end: {done} steps; held out {self.held_bits(4096, 1000):.4f} bits in windows of 4,096, "
              f"{self.held_bits(32768, 1000, 1):.4f} of 32,768", flush=True)
        self.save("final")
        quantise_in_place(self.model)
        print(f"as int8: {self.held_bits(4096, 1000):.4f} bits in windows of 4,096, {self.held_bits(32768, 1000, 1):.4f} of 32,768",
              flush=True)
        print("END", flush=True)

    def save(self, name):
        """NAME.safetensors as the engine reads it, in int8; NAME.pt, all of the weights."""
        path = os.path.join(self.a.run, name)
        torch.save(self.model.state_dict(), path + ".pt.part")
        os.rename(path + ".pt.part", path + ".pt")
        save_file(tensors(self.model), path + ".safetensors.part", metadata(self.model.cfg))
        os.rename(path + ".safetensors.part", path + ".safetensors")


MATRICES = ("embeddings.weight", "in_proj.weight", "out_proj.weight")


def quantise(w):
    """Symmetric, one scale a row: of 24 ranges that clip more and more the one with the least squared error."""
    peak = w.abs().amax(1).clamp(min=1e-12)
    scales = torch.linspace(1, 0.6, 24, device=w.device)[:, None] * peak / 127                    # (24, rows)
    errors = [((w / s[:, None]).round().clamp(-127, 127) * s[:, None] - w).square().sum(1) for s in scales]
    scale = scales.gather(0, torch.stack(errors).argmin(0, keepdim=True))[0]
    return (w / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale


@torch.no_grad()
def quantise_in_place(model):
    for w in [model.embeddings, *model.in_proj, *model.out_proj]:
        q, scale = quantise(w.float())
        w.copy_(q.to(w.dtype) * scale.to(w.dtype).unsqueeze(1))


def tensors(model):
    """Under the names of Hugging Face mamba2: matrices int8 with a scale a row, taps of the convolution float16, all else float32."""
    t = {"backbone.embeddings.weight": model.embeddings, "backbone.norm_f.weight": model.norm_f}
    for i, p in enumerate(model.layers()):
        b = f"backbone.layers.{i}."
        t[b + "norm.weight"] = p["norm"]
        t[b + "mixer.in_proj.weight"] = p["in_proj"]
        t[b + "mixer.conv1d.weight"] = p["conv_weight"].unsqueeze(1).half()
        t[b + "mixer.conv1d.bias"] = p["conv_bias"]
        t[b + "mixer.dt_bias"] = p["dt_bias"]
        t[b + "mixer.A_log"] = p["A_log"]
        t[b + "mixer.D"] = p["D"]
        t[b + "mixer.norm.weight"] = p["gate_norm"]
        t[b + "mixer.out_proj.weight"] = p["out_proj"]
    out = {}
    for k, v in t.items():
        v = v.detach().cpu().contiguous().clone()
        if not torch.isfinite(v).all():
            raise SystemExit(f"{k} has values that are not finite")
        if k.endswith(MATRICES):
            out[k], out[k + "_scale"] = quantise(v.float())
        else:
            out[k] = v
    return out


def metadata(c):
    config = {"model_type": "mamba2", "hidden_size": c.d_model, "num_hidden_layers": c.n_layers, "state_size": c.d_state,
              "conv_kernel": c.d_conv, "expand": c.expand, "head_dim": c.head_dim, "num_heads": c.n_heads, "n_groups": 1,
              "use_bias": False, "use_conv_bias": True, "layer_norm_epsilon": c.eps, "vocab_size": BYTES,
              "tie_word_embeddings": True, "hidden_act": "silu"}
    return {"mamba_audio.format": "1", "mamba_audio.config": json.dumps(config), "mamba_audio.name": "bytes of English novels",
            "mamba_audio.training": "models/training/bytelm", "mamba_audio.licence": "weights: CC0; the books are in the public domain"}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("data")
    ap.add_argument("--until", type=float, required=True)
    ap.add_argument("--run", required=True)
    ap.add_argument("--device", default="cuda")
    ap.add_argument("--plain", action="store_true", help="compile nothing")
    ap.add_argument("--no-graph", action="store_true")
    ap.add_argument("--steps", type=int, default=0, help="instead of the clock")
    ap.add_argument("--log-seconds", type=float, default=20)
    a = ap.parse_args()
    os.makedirs(a.run, exist_ok=True)
    torch.backends.cuda.matmul.allow_tf32 = True
    try:
        trainer = Trainer(a)
    except Exception as e:                              # a compiler or a recording that fails costs speed, not the run
        simpler = "--no-graph" if not a.no_graph else "--plain"
        if getattr(a, simpler[2:].replace("-", "_")):
            raise
        print(f"again with {simpler}: {e!r:.600}", flush=True)
        os.execv(sys.executable, [sys.executable, "-m", "bytelm.train", *sys.argv[1:], simpler])
    trainer.run()


if __name__ == "__main__":
    main()
