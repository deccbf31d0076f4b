"""A teacher's ears: the encoder of Whisper base (MIT licence), whose features our encoder learns to foretell beside the text.

    python -m speech.teacher MODEL.bin OUT.npz SOUND...    from the CTranslate2 file that the package holds to int8 matrices (a scale a row),
                                                           with mean and deviation of each feature over the sounds (16 kHz)

Few hours of real speech carry few labels: two or three word pieces a second. The features of an encoder that has heard 680,000 hours say at
every fiftieth of a second what is said, whoever says it. The teacher hears the clean window, the student the spoilt one.
"""
import math
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .frontend import filters, hz_to_mel, mel_to_hz

HEADS, WIDTH, LAYERS = 8, 512, 6
FFT, HOP, MELS = 400, 160, 80
FEATURES = 2 * WIDTH                              # a step of 40 ms has two of the teacher's frames


def read_ctranslate2(path):
    """Variables by name of a CTranslate2 model of version 6."""
    with open(path, "rb") as f:
        data = f.read()
    at = 0

    def take(kind):
        nonlocal at
        value = struct.unpack_from("<" + kind, data, at)[0]
        at += struct.calcsize("<" + kind)
        return value

    def text():
        nonlocal at
        n = take("H")
        at += n
        return data[at - n:at - 1].decode()
    version, _, _, count = take("I"), text(), take("I"), take("I")
    if version < 4:
        raise ValueError(f"version {version} of {path}: read are 4 to 6")
    kinds, out = (np.float32, np.int8, np.int16, np.int32, np.float16), {}
    for _ in range(count):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind = np.dtype(kinds[take("B")])
        size = take("I")
        out[name] = np.frombuffer(data, kind, size // kind.itemsize, at).reshape(shape)
        at += size
    return out


def positions(n):
    """(n, WIDTH) sines, then cosines, of wavelengths from 2 pi to 20,000 pi."""
    rates = torch.exp(-math.log(10000) / (WIDTH // 2 - 1) * torch.arange(WIDTH // 2))
    at = torch.arange(n)[:, None] * rates
    return torch.cat([at.sin(), at.cos()], 1)


def slaney(sample_rate=16000):
    """(FFT/2+1, MELS) triangles of equal area from 0 Hz to half the rate."""
    f = filters({"fft_size": FFT, "sample_rate_hz": sample_rate, "n_mels": MELS, "min_hz": 0.0, "max_hz": sample_rate / 2})
    edges = mel_to_hz(np.linspace(hz_to_mel(0.0), hz_to_mel(sample_rate / 2), MELS + 2))
    return torch.from_numpy((f * (2 / (edges[2:] - edges[:-2]))[:, None]).T.copy()).float()


def rounded(name, w):
    """-> {name: int8 or, for vectors, half precision; name/scale}."""
    if w.ndim < 2:
        return {name: w.astype(np.float16)}
    scale = np.abs(w).reshape(len(w), -1).max(1).astype(np.float32) / 127
    return {name: np.rint(w / scale.reshape(-1, *[1] * (w.ndim - 1))).astype(np.int8), name + "/scale": scale}


def whole(z, name):
    w = z[name].astype(np.float32)
    return w * z[name + "/scale"].reshape(-1, *[1] * (w.ndim - 1)) if name + "/scale" in z.files else w


class Teacher(nn.Module):
    """forward: (b, samples) at 16 kHz -> (b, frames of 20 ms, WIDTH), each feature at mean 0 and deviation 1 if the file says how."""

    def __init__(self, path, device="cpu", dtype=torch.float32):
        super().__init__()
        z = np.load(path)
        self.w = {k: torch.from_numpy(whole(z, k)).to(device, dtype) for k in z.files if not k.endswith("/scale")}
        self.filters, self.window = slaney().to(device), torch.hann_window(FFT, device=device)
        self.positions = positions(1500).to(device, dtype)
        self.dtype = dtype

    def mel(self, x):
        spectrum = torch.stft(x, FFT, HOP, window=self.window, return_complex=True)[..., :-1].abs().square()
        log = torch.log10((spectrum.transpose(1, 2) @ self.filters).clamp(min=1e-10))
        log = torch.maximum(log, log.amax((1, 2), keepdim=True) - 8)
        return ((log + 4) / 4).transpose(1, 2)

    def norm(self, x, name):
        return F.layer_norm(x, (WIDTH,), self.w[name + "/gamma"], self.w[name + "/beta"])

    def linear(self, x, name):
        return F.linear(x, self.w[name + "/weight"], self.w[name + "/bias"])

    @torch.no_grad()
    def forward(self, audio):
        audio = F.pad(audio.float(), (0, -audio.shape[1] % (2 * HOP)))
        w, x = self.w, self.mel(audio).to(self.dtype)
        x = F.gelu(F.conv1d(x, w["conv1/weight"], w["conv1/bias"], padding=1))
        x = F.gelu(F.conv1d(x, w["conv2/weight"], w["conv2/bias"], padding=1, stride=2)).transpose(1, 2)
        x = x + self.positions[:x.shape[1]]
        for i in range(LAYERS):
            at = f"layer_{i}/"
            qkv = self.linear(self.norm(x, at + "self_attention/layer_norm"), at + "self_attention/linear_0")
            q, k, v = (t.unflatten(-1, (HEADS, -1)).transpose(1, 2) for t in qkv.chunk(3, -1))
            y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
            x = x + self.linear(y, at + "self_attention/linear_1")
            y = F.gelu(self.linear(self.norm(x, at + "ffn/layer_norm"), at + "ffn/linear_0"))
            x = x + self.linear(y, at + "ffn/linear_1")
        x = self.norm(x, "layer_norm")
        return (x - w["mean"]) / w["deviation"] if "mean" in w else x


def main(source, out, *sounds):
    import soundfile
    weights = {}
    for k, v in read_ctranslate2(source).items():
        if k.startswith("encoder/") and v.ndim and "position" not in k:
            weights.update(rounded(k.removeprefix("encoder/"), v.astype(np.float32)))
    np.savez(out, **weights)
    teacher = Teacher(out)
    heard = torch.cat([teacher(torch.from_numpy(soundfile.read(s, dtype="float32")[0])[None])[0] for s in sounds])
    print(f"{len(heard) / 50:.0f} s of sound")
    np.savez(out, **weights, mean=heard.mean(0).numpy(), deviation=heard.std(0).numpy())


if __name__ == "__main__":
    main(*sys.argv[1:])
