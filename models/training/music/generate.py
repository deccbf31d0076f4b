"""Continues sounds with a checkpoint, in PyTorch: for measuring while no engine is at hand. The engine's vocoder sounds better.

    python -m music.generate RUN/final.pt IN_DIR OUT_DIR [--prompt 10] [--seconds 10] [--skip 0] [--temperature 1] [--top-p 1] [--seed 1]

IN_DIR has 24 kHz mono WAV files; each gives OUT_DIR/NAME.wav: the prompt, then --seconds of the continuation from --skip on.
"""
import argparse
import glob
import os

import numpy as np
import soundfile
import torch
import torch.nn.functional as F

from speech.frontend import filters

from .export import load
from .frontend import FLOOR, HOP, RATE, SPEC, WINDOW, LogMel
from .model import PITCHES


def magnitudes(mel, iterations=40):
    """Richardson-Lucy, as the engine's MelInverse. mel (frames, n_mels) -> (frames, bins)"""
    m = torch.from_numpy(filters(SPEC)).float()
    target = torch.clamp(torch.exp(mel) - SPEC["floor"], min=0)
    reach = m.sum(0).clamp(min=1e-9)
    p = (target / m.sum(1)) @ m / reach
    for _ in range(iterations):
        p = p * ((target / torch.clamp(p @ m.T, min=1e-12)) @ m) / reach
    return p.sqrt()


def sound(mel, iterations=40):
    """Griffin and Lim with momentum. -> (samples)"""
    mag = magnitudes(mel).T
    window = torch.hann_window(WINDOW)
    gen = torch.Generator().manual_seed(0)
    phase = torch.exp(2j * np.pi * torch.rand(mag.shape, generator=gen))
    before = torch.zeros_like(phase)

    def over(spectrum):
        frames = torch.fft.irfft(spectrum.T) * window
        n = (len(frames) - 1) * HOP + WINDOW
        out = F.fold(frames.T[None], (1, n), (1, WINDOW), stride=(1, HOP)).flatten()
        return out / 1.5
    for _ in range(iterations):
        again = torch.fft.rfft(over(mag * phase).unfold(-1, WINDOW, HOP) * window).T
        phase = again - 0.99 / 1.99 * before
        phase = phase / phase.abs().clamp(min=1e-9)
        before = again
    return over(mag * phase)


@torch.no_grad()
def continue_mel(model, mel, steps, temperature, top_p, seed, sound_temperature=None):
    """mel (b, 2 T, n_mels) of the prompts -> (b, 2 steps, n_mels) and the notes that begin (b, steps, 88)"""
    gen = torch.Generator().manual_seed(seed)
    warmth = temperature if sound_temperature is None else sound_temperature
    state, layers = model.zero_state(len(mel)), model.layers()
    for t in range(mel.shape[1] // 2):
        row = model.step(mel[:, 2 * t:2 * t + 2], state, layers)
    past, out, notes = mel[:, -4:], [], []
    before = earlier = row.new_zeros(len(mel), PITCHES)
    for t in range(steps):
        known = row.new_full((len(mel), 1), float(t > 1))                          # what the player struck last is not known
        begin = model.sample_notes(row, before, earlier, known, temperature, top_p, gen)
        features = model.features(row, begin, before, torch.ones_like(known))
        earlier, before = before, begin
        z = model.sample_z(features, warmth, top_p, gen)
        pair = model.from_z(z, model.base(past)[:, 0]).unflatten(-1, (2, -1)).clamp(FLOOR, 12)
        out.append(pair)
        notes.append(begin)
        past = torch.cat([past[:, 2:], pair], 1)
        row = model.step(pair, state, layers)
    return torch.cat(out, 1), torch.stack(notes, 1)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint")
    ap.add_argument("sounds")
    ap.add_argument("out")
    ap.add_argument("--prompt", type=float, default=10)
    ap.add_argument("--seconds", type=float, default=10)
    ap.add_argument("--skip", type=float, default=0)
    ap.add_argument("--temperature", type=float, default=1)
    ap.add_argument("--sound-temperature", type=float, help="of the sound, where it is another than that of the notes")
    ap.add_argument("--top-p", type=float, default=1)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    torch.set_num_threads(1)
    os.makedirs(a.out, exist_ok=True)
    model, _ = load(a.checkpoint)
    files = sorted(glob.glob(os.path.join(a.sounds, "*.wav")))
    audio = np.stack([soundfile.read(f, dtype="float32")[0][:int(a.prompt * RATE)] for f in files])
    mel = LogMel()(torch.from_numpy(audio))
    mel = mel[:, :mel.shape[1] // 2 * 2]
    steps = int((a.skip + a.seconds) * RATE / 512) + 4
    made, notes = continue_mel(model, mel, steps, a.temperature, a.top_p, a.seed, a.sound_temperature)
    for f, x, heard, new in zip(files, audio, mel, made):
        y = sound(torch.cat([heard[-40:], new])).numpy()
        lead = 40 * HOP - (mel.shape[1] * HOP - len(x)) + int(a.skip * RATE)
        y = np.concatenate([x, y[lead:lead + int(a.seconds * RATE)]])
        soundfile.write(os.path.join(a.out, os.path.basename(f)), np.clip(y, -1, 1), RATE, subtype="PCM_16")
    print(f"{len(files)} continuations, {notes.sum() / len(files) / steps * 46.875:.2f} notes a second, mel std {made.std():.2f} (prompts {mel.std():.2f}), "
          f"pairs near the floor {(made < FLOOR + 0.1).float().mean():.2f} ({(mel < FLOOR + 0.1).float().mean():.2f})")


if __name__ == "__main__":
    main()
