"""Times one step of a speech checkpoint in PyTorch on the CPU, with one thread: the yardstick of our own step.

    python torch_step.py MODEL.safetensors [--steps 300] [--expected GOLDEN.safetensors]

The recurrence is written as a PyTorch user would for one frame: matrix-vector products, no batch, no autograd, state changed in place.
int8 weights are dequantised at load (PyTorch has no weight-only int8 matrix-vector product for the CPU in its stable interface), so both
files are computed in float32. Needs torch and numpy; prints `torch-f32 MEDIAN_MS MIN_MS`.
"""
import argparse
import json
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F

DTYPES = {"F32": np.float32, "I8": np.int8, "I32": np.int32}


def read(path):
    """-> ({name: tensor}, metadata); an I8 matrix is multiplied with its row scales."""
    with open(path, "rb") as f:
        blob = f.read()
    size = struct.unpack("<Q", blob[:8])[0]
    header = json.loads(blob[8:8 + size])
    metadata = header.pop("__metadata__", {})
    raw = {}
    for name, t in header.items():
        begin, end = t["data_offsets"]
        raw[name] = np.frombuffer(blob[8 + size + begin:8 + size + end], DTYPES[t["dtype"]]).reshape(t["shape"])
    out = {}
    for name, value in raw.items():
        if name + "_scale" in raw:
            value = value.astype(np.float32) * raw[name + "_scale"][:, None]
        out[name] = torch.from_numpy(np.array(value))
    return out, metadata


class Step:
    def __init__(self, path):
        w, metadata = read(path)
        self.c = c = json.loads(metadata["mamba_audio.config"])
        self.w, self.eps = w, c["layer_norm_epsilon"]
        self.d_inner, self.n = c["expand"] * c["hidden_size"], c["state_size"]
        self.heads, self.head_dim, self.groups = c["num_heads"], c["head_dim"], c["n_groups"]
        self.layers = []
        for i in range(c["num_hidden_layers"]):
            p = {k[len(f"backbone.layers.{i}."):]: v for k, v in w.items() if k.startswith(f"backbone.layers.{i}.")}
            p["conv"] = p["mixer.conv1d.weight"].squeeze(1)
            p["A"] = -torch.exp(p["mixer.A_log"])
            conv_dim = p["conv"].shape[0]
            self.layers.append((p, torch.zeros(conv_dim, c["conv_kernel"]),
                                torch.zeros(self.heads, self.head_dim, self.n)))

    def norm(self, x, weight):
        return F.rms_norm(x, weight.shape, weight, self.eps) if hasattr(F, "rms_norm") else \
            x * torch.rsqrt(x.square().mean() + self.eps) * weight

    def step(self, window):
        """window (W, n_mels) -> logits (vocab)"""
        w, lo_hi = self.w, self.c["time_step_limit"]
        x = F.linear(((window - w["frontend.mean"]) * w["frontend.scale"]).flatten(), w["frontend.proj.weight"],
                     w["frontend.proj.bias"])
        for p, conv_state, ssm_state in self.layers:
            zxbcdt = F.linear(self.norm(x, p["norm.weight"]), p["mixer.in_proj.weight"])
            z, xBC, dt = zxbcdt.split([self.d_inner, conv_state.shape[0], self.heads])
            conv_state[:, :-1] = conv_state[:, 1:].clone()
            conv_state[:, -1] = xBC
            xBC = F.silu((conv_state * p["conv"]).sum(-1) + p["mixer.conv1d.bias"])
            u, B, C = xBC.split([self.d_inner, self.groups * self.n, self.groups * self.n])
            u = u.view(self.heads, self.head_dim)
            B, C = (v.view(self.groups, self.n).repeat_interleave(self.heads // self.groups, 0) for v in (B, C))
            dt = F.softplus(dt + p["mixer.dt_bias"]).clamp(*lo_hi)
            decay = torch.exp(dt * p["A"])
            ssm_state.mul_(decay[:, None, None]).add_((dt[:, None] * u).unsqueeze(-1) * B[:, None])
            y = (torch.bmm(ssm_state, C.unsqueeze(-1)).squeeze(-1) + p["mixer.D"][:, None] * u).flatten()
            x = x + F.linear(self.norm(y * F.silu(z), p["mixer.norm.weight"]), p["mixer.out_proj.weight"])
        return F.linear(self.norm(x, w["backbone.norm_f.weight"]), w["lm_head.weight"], w["lm_head.bias"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--expected")
    args = parser.parse_args()
    torch.set_num_threads(1)
    with torch.inference_mode():
        model = Step(args.model)
        front = model.c["frontend"]
        width, stride = front["window_frames"], front["stride_frames"]
        if args.expected:
            golden, _ = read(args.expected)
            rows = [model.step(golden["mel"][k * stride:k * stride + width]) for k in range(len(golden["logits"]))]
            worst = (torch.stack(rows) - golden["logits"]).abs().max() / golden["logits"].abs().max()
            print(f"# largest difference to the golden: {worst:.1e}")
        mel = torch.randn(width, front["n_mels"], generator=torch.Generator().manual_seed(1))
        for _ in range(50):
            model.step(mel)
        times = []
        for _ in range(args.steps):
            start = time.perf_counter()
            model.step(mel)
            times.append((time.perf_counter() - start) * 1e3)
    print(f"torch-f32 {np.median(times):.3f} {min(times):.3f}")


if __name__ == "__main__":
    main()
