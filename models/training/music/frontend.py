"""Log-mel frames of the music model, identical to the engine's: frame t covers samples [t*hop, t*hop+window), no centring, no padding.
A step of the model takes a pair of frames (512 samples, 21.3 ms) and says how the next pair is distributed.
"""
import math

import torch

from speech.frontend import filters

SPEC = {"sample_rate_hz": 24000, "window_samples": 1024, "hop_samples": 256, "fft_size": 1024, "n_mels": 128,
        "min_hz": 20.0, "max_hz": 12000.0, "mel_scale": "slaney", "norm": "none", "window": "hann_periodic",
        "power": 2.0, "log": "natural", "floor": 1e-3, "pad": "none"}
RATE, WINDOW, HOP, MELS = SPEC["sample_rate_hz"], SPEC["window_samples"], SPEC["hop_samples"], SPEC["n_mels"]
PAIR = 2 * MELS
STEP = 2 * HOP                                  # samples of a step
FLOOR = math.log(SPEC["floor"])
BYTE_SCALE = 0.08                               # a stored byte is this many nats above the floor: up to 20.4, rounding 0.023 r.m.s.
DITHER = 0.05                                   # added to every value before its likelihood is asked for: without it silence has none


def samples_of_frames(frames):
    return (frames - 1) * HOP + WINDOW


class LogMel(torch.nn.Module):
    """(..., samples) in [-1, 1] -> (..., frames, n_mels), ln(max(power, floor))."""

    def __init__(self, dtype=torch.float32):
        super().__init__()
        n = torch.arange(WINDOW, dtype=torch.float64)
        self.register_buffer("window", (0.5 - 0.5 * torch.cos(2 * math.pi * n / WINDOW)).to(dtype))
        self.register_buffer("filters", torch.from_numpy(filters(SPEC).T.copy()).to(dtype))     # (bins, n_mels)

    def forward(self, audio):
        spectrum = torch.fft.rfft(audio.unfold(-1, WINDOW, HOP) * self.window)
        power = spectrum.real.square() + spectrum.imag.square()
        return torch.log(torch.clamp(power @ self.filters, min=SPEC["floor"]))


def to_bytes(mel):
    return torch.clamp(torch.round((mel - FLOOR) / BYTE_SCALE), 0, 255).to(torch.uint8)


def from_bytes(stored):
    return stored.float() * BYTE_SCALE + FLOOR
