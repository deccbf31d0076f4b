#!/usr/bin/env python3
"""Makes the golden log-mel frames that MelFrontendGoldenTest compares with.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install numpy librosa torch torchaudio
    /tmp/goldens/bin/python dsp/src/test/python/mel_goldens.py

Writes mel_goldens.tsv (one row a case: the spec, and where its numbers lie) and mel_goldens.f32 (little-endian floats) into the
test's resources. Both libraries run in float64, so that what is left of a difference is ours.

Both put a window that is shorter than the transform into its middle; ours stands at its start. That is a shift, which magnitudes do
not show, so the libraries get the same sound with (fft - window) / 2 zeros before it.
"""
import pathlib
import librosa
import numpy as np
import torch
import torchaudio

# name, rate, window, hop, fft, mels, min, max, scale, norm, power, floor
CASES = [
    ("speech", 16000, 400, 160, 512, 80, 20.0, 7600.0, "slaney", None, 2.0, 1e-6),
    ("speech_slaney_norm", 16000, 400, 160, 512, 80, 20.0, 7600.0, "slaney", "slaney", 2.0, 1e-10),
    ("htk", 16000, 400, 160, 512, 64, 60.0, 7800.0, "htk", None, 2.0, 1e-6),
    ("htk_magnitude_slaney_norm", 16000, 512, 128, 512, 40, 0.0, 8000.0, "htk", "slaney", 1.0, 1e-8),
    ("music", 24000, 1024, 256, 1024, 128, 0.0, 12000.0, "slaney", "slaney", 1.0, 1e-5),
    ("music_power", 24000, 960, 240, 1024, 100, 50.0, 11000.0, "slaney", None, 2.0, 1e-6),
    ("narrow_bands", 16000, 200, 80, 256, 40, 100.0, 900.0, "slaney", "slaney", 2.0, 1e-9),
    ("long_hop", 16000, 256, 600, 256, 20, 300.0, 3400.0, "htk", None, 2.0, 1e-6),
    ("odd_power", 16000, 400, 160, 1024, 32, 0.0, 8000.0, "slaney", "slaney", 1.5, 1e-6),
]


def sound(rate, seconds, seed):
    """A vowel-like buzz, a chirp over the whole band, clicks, noise at several levels and digital silence, as float32."""
    n = int(rate * seconds)
    t = np.arange(n) / rate
    rng = np.random.default_rng(seed)
    buzz = sum(np.sin(2 * np.pi * 120 * k * t + k) / k for k in range(1, 20)) * np.exp(-(((t - 0.06) / 0.04) ** 2))
    chirp = 0.5 * np.sin(2 * np.pi * (50 + 0.5 * (rate / 2 - 50) * t / seconds) * t)
    noise = rng.standard_normal(n) * np.where(t < 0.5 * seconds, 1e-4, 3e-2)
    x = 0.3 * buzz + chirp * (t > 0.35 * seconds) + noise
    x[int(0.55 * n)] = 1.0
    x[int(0.75 * n) : int(0.9 * n)] = 0.0
    x[int(0.95 * n) :] = 0.9 * np.sin(2 * np.pi * 1000 * t[int(0.95 * n) :])
    return np.clip(x, -1, 1).astype(np.float32)


def frame_count(samples, window, hop):
    return 1 + (samples - window) // hop


def padded(x, window, fft):
    left = (fft - window) // 2
    return np.concatenate([np.zeros(left), x.astype(np.float64), np.zeros(fft - window - left)])


def by_librosa(x, rate, window, hop, fft, mels, low, high, scale, norm, power, floor):
    mel = librosa.feature.melspectrogram(
        y=padded(x, window, fft), sr=rate, n_fft=fft, hop_length=hop, win_length=window, window="hann", center=False,
        power=power, n_mels=mels, fmin=low, fmax=high, htk=scale == "htk", norm=norm, dtype=np.float64)
    return np.log(np.maximum(mel.T, np.float32(floor)))


def by_torchaudio(x, rate, window, hop, fft, mels, low, high, scale, norm, power, floor):
    mel = torchaudio.transforms.MelSpectrogram(
        sample_rate=rate, n_fft=fft, win_length=window, hop_length=hop, f_min=low, f_max=high, n_mels=mels,
        power=power, norm=norm, mel_scale=scale, center=False)(torch.from_numpy(padded(x, window, fft)))
    return torch.log(torch.clamp(mel.T, min=float(np.float32(floor)))).numpy()


def main():
    torch.set_default_dtype(torch.float64)
    folder = pathlib.Path(__file__).parent.parent / "resources/io/mambaaudio/dsp"
    sounds = {16000: sound(16000, 0.3, 1), 24000: sound(24000, 0.3, 2)}
    numbers, rows, at = [], [], 0

    def put(array):
        nonlocal at
        flat = np.ascontiguousarray(array, dtype="<f4").ravel()
        numbers.append(flat)
        start, at = at, at + flat.size
        return start

    sound_at = {rate: put(x) for rate, x in sounds.items()}
    for name, *spec in CASES:
        x = sounds[spec[0]]
        frames = frame_count(len(x), spec[1], spec[2])
        librosa_mel = by_librosa(x, *spec)[:frames]
        torch_mel = by_torchaudio(x, *spec)[:frames]
        assert librosa_mel.shape == torch_mel.shape == (frames, spec[4]), (name, librosa_mel.shape, torch_mel.shape)
        apart = np.abs(librosa_mel - torch_mel).max()
        print(f"{name}: {frames} frames, librosa and torchaudio {apart:.1e} apart")
        assert apart < 1e-6, name
        rows.append([name, *spec, sound_at[spec[0]], len(x), frames, put(librosa_mel), put(torch_mel)])
    columns = ("name rate window hop fft mels min max scale norm power floor sound sound_length frames librosa torchaudio").split()
    lines = ["\t".join(columns)] + ["\t".join("none" if v is None else str(v) for v in row) for row in rows]
    (folder / "mel_goldens.tsv").write_text("\n".join(lines) + "\n")
    np.concatenate(numbers).tofile(folder / "mel_goldens.f32")
    print(f"torchaudio {torchaudio.__version__}, librosa {librosa.__version__}, {at * 4} bytes")


if __name__ == "__main__":
    main()
