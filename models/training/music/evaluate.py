"""Likelihood of held-out continuations: the model against linear prediction, by context, and against foils.

    python -m music.evaluate RUN/final.pt --data DATA --sounds DIR [--clips 48]

Nats per 20 ms of log-mel values with the fixed floor of frontend.py and N(0, 0.05) dither. DIR has WAV files of 20 s, 24 kHz mono: the
prompt is the first half, what is measured is the second. (Rendered clips that end in silence flatter any model that knows silence.)
"""
import argparse
import glob
import os

import numpy as np
import soundfile
import torch

from .export import load
from .frontend import DITHER, MELS, RATE, LogMel, from_bytes
from .model import LOG_2PI, PITCHES
from .train import Pool

PER_20_MS = 15 / 16                             # of a pair of frames (21.33 ms)


def dithered(mel, seed):
    return mel + DITHER * torch.randn(mel.shape, generator=torch.Generator().manual_seed(seed))


def linear_prediction(train, test, order=8, ridge=1.0):
    """AR(order) with full covariance, fitted to train (b, frames, MELS); -> nats of each frame of test from `order` on."""
    def rows(mel):
        x = mel[:, :-1].unfold(1, order, 1).transpose(-1, -2).flatten(-2)
        return torch.cat([x, torch.ones_like(x[..., :1])], -1).double(), mel[:, order:].double()
    x, y = rows(train)
    x, y = x.flatten(0, 1), y.flatten(0, 1)
    w = torch.linalg.solve(x.T @ x + ridge * torch.eye(x.shape[1], dtype=x.dtype), x.T @ y)
    left = y - x @ w
    cov = left.T @ left / len(left)
    chol = torch.linalg.cholesky(cov)
    x, y = rows(test)
    white = torch.linalg.solve_triangular(chol, (y - x @ w).transpose(-1, -2), upper=False)
    return 0.5 * white.square().sum(-2) + chol.diagonal().log().sum() + 0.5 * MELS * LOG_2PI


@torch.no_grad()
def nats(model, mel):
    """-> (b, T - 2): nats of the pairs from the third on, their notes not known"""
    rows = torch.cat([model(m[None]) for m in mel])[:, 1:-1]
    none = rows.new_zeros(*rows.shape[:2], PITCHES)
    z = model.to_z(mel.unflatten(1, (-1, 2)).flatten(-2)[:, 2:], model.base(mel)[:, :-1])
    return -model.log_density(model.features(rows, none, none, none[..., :1]), z)


def sounds(folder):
    """-> log-mel frames (files, frames, MELS), an even number of them"""
    audio = [soundfile.read(f, dtype="float32")[0][:20 * RATE] for f in sorted(glob.glob(os.path.join(folder, "*.wav")))]
    mel = LogMel()(torch.from_numpy(np.stack(audio)))
    return mel[:, :mel.shape[1] // 2 * 2]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint")
    ap.add_argument("--data", required=True)
    ap.add_argument("--sounds", required=True)
    ap.add_argument("--clips", type=int, default=48)
    a = ap.parse_args()
    torch.set_num_threads(1)
    model, ck = load(a.checkpoint)
    rng = np.random.default_rng(5)
    clean = sounds(a.sounds)[:a.clips]
    test, last = dithered(clean, 1), 936                                                 # frames of 10 s
    store = Pool(a.data, "train", 4).look()
    train = store.batch(rng, 120, store.mel[0].shape[1] // 2)[0]
    ar = linear_prediction(dithered(from_bytes(train), 2), test)[:, -last:].mean() * 1.875
    ours = nats(model, test)[:, -last // 2:].mean() * PER_20_MS
    print(f"step {ck['step']}, {ck['seen_hours']:.1f} h heard, {len(test)} sounds")
    print(f"AR(8), full covariance {ar:.2f}   model {ours:.2f}   better by {ar - ours:.2f} nats per 20 ms")
    for seconds in (1, 2, 5, 10, 15):
        n = int(seconds * 93.75) // 2 * 2
        some = nats(model, test[:, -234 - n:])[:, -117:].mean() * PER_20_MS
        print(f"the last 2.5 s with {seconds:2} s before them: {some:.2f}")
    held = Pool(a.data, "held").look()
    mel, onset, _ = held.batch(np.random.default_rng(6), 24, 1024)
    mel, onset = dithered(from_bytes(mel), 4), (onset > 0).float()
    for seconds in (1, 2, 5, 10, 20):
        rows = torch.cat([model(m[None, -2 * (int(seconds * 46.875) + 96):]) for m in mel])[:, -96:-1]
        end = onset[:, -97:]
        per = model.note_nats(rows, end[:, 2:], end[:, 1:-1], end[:, :-2], torch.ones_like(end[:, 2:, :1])).mean() * PER_20_MS
        print(f"the notes that begin in the last 2 s with {seconds:2} s before them: {per:.4f} nats per 20 ms")
    cut = test.shape[1] - last
    prompt, true = clean[:, :cut], clean[:, cut:cut + 376]                               # 4 s
    foils = {"another piece": true.roll(7, 0), "reversed": true.flip(1),
             "shuffled beats": true.unflatten(1, (8, 47))[:, torch.tensor([3, 0, 6, 1, 7, 4, 2, 5])].flatten(1, 2)}
    score = lambda c: nats(model, dithered(torch.cat([prompt[:, -938:], c], 1), 3))[:, -c.shape[1] // 2 + 1:].mean(1)   # noqa: E731
    good = score(true)
    for name, foil in foils.items():
        print(f"foil {name}: the truth is likelier in {(good < score(foil)).float().mean() * 100:.0f} %")


if __name__ == "__main__":
    main()
