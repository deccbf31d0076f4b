"""Log-mel front end, identical to the engine's: frame t covers samples [t*hop, t*hop+window), no centring, no padding."""
import math

import numpy as np
import torch

SPEC = {"sample_rate_hz": 16000, "window_samples": 400, "hop_samples": 160, "fft_size": 512, "n_mels": 80,
        "min_hz": 20.0, "max_hz": 7600.0, "mel_scale": "slaney", "norm": "none", "window": "hann_periodic",
        "power": 2.0, "log": "natural", "floor": 1e-6, "pad": "none"}
WINDOW, HOP, FFT = SPEC["window_samples"], SPEC["hop_samples"], SPEC["fft_size"]
WINDOW_FRAMES, STRIDE_FRAMES = 12, 4            # one step of the model: 12 frames in, every 4 frames (40 ms)
LOG_STEP = math.log(6.4) / 27.0                 # Slaney: linear below 1 kHz (200/3 Hz a mel), logarithmic above


def hz_to_mel(hz):
    hz = np.asarray(hz, np.float64)
    return np.where(hz < 1000.0, hz * 3.0 / 200.0, 15.0 + np.log(np.maximum(hz, 1e-9) / 1000.0) / LOG_STEP)


def mel_to_hz(mel):
    mel = np.asarray(mel, np.float64)
    return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp((mel - 15.0) * LOG_STEP))


def filters(spec=SPEC):
    """(n_mels, fft_size/2+1) triangles in Hz with peak 1."""
    bins = np.arange(spec["fft_size"] // 2 + 1) * spec["sample_rate_hz"] / spec["fft_size"]
    edges = mel_to_hz(np.linspace(hz_to_mel(spec["min_hz"]), hz_to_mel(spec["max_hz"]), spec["n_mels"] + 2))
    low, mid, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.maximum(0.0, np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid)))


def samples_of_steps(steps):
    frames = (steps - 1) * STRIDE_FRAMES + WINDOW_FRAMES
    return (frames - 1) * HOP + WINDOW


def steps_of_samples(samples):
    frames = (samples - WINDOW) // HOP + 1
    return max(0, (frames - WINDOW_FRAMES) // STRIDE_FRAMES + 1)


class LogMel(torch.nn.Module):
    """(B, samples) in [-1, 1] -> (B, frames, n_mels), ln(max(power, floor))."""

    def __init__(self, dtype=torch.float32):
        super().__init__()
        n = torch.arange(WINDOW, dtype=torch.float64)
        self.register_buffer("window", (0.5 - 0.5 * torch.cos(2 * math.pi * n / WINDOW)).to(dtype))
        self.register_buffer("filters", torch.from_numpy(filters().T.copy()).to(dtype))     # (bins, n_mels)

    def forward(self, audio):
        frames = audio.unfold(-1, WINDOW, HOP) * self.window
        spectrum = torch.fft.rfft(frames, n=FFT)
        power = spectrum.real.square() + spectrum.imag.square()
        return torch.log(torch.clamp(power @ self.filters, min=SPEC["floor"]))
