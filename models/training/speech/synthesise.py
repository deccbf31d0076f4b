"""Synthesises prompts with Kokoro on one accelerator, beside the training, in many processes under MPS.

    python -m speech.synthesise PROMPTS.tsv.xz --kokoro DIR --out DIR --workers 12 [--until UNIX_TIME]

A process spends its time in launching small kernels, so twelve of them are about eight times as fast as one. Each writes shards of
about two minutes: NAME.i16 (16 kHz samples, one after another) and NAME.tsv (offset, samples, source, speaker, transcript). The
.tsv appears last, by a rename, so that a reader never sees half a shard. A file STOP in the output directory ends the work.
"""
import argparse
import lzma
import multiprocessing
import os
import sys
import time
import traceback

import numpy as np

SHARD_SECONDS = 150


def write_shard(out, name, audio, rows):
    np.concatenate(audio).tofile(os.path.join(out, name + ".i16"))
    with open(os.path.join(out, name + ".part"), "w", encoding="utf-8") as f:
        f.writelines("\t".join(map(str, r)) + "\n" for r in rows)
    os.rename(os.path.join(out, name + ".part"), os.path.join(out, name + ".tsv"))


def trim(a, rate=16000, keep=0.12):
    """Cuts silence at the ends down to keep seconds."""
    loud = np.flatnonzero(np.abs(a) > 0.01 * max(np.abs(a).max(), 1e-6))
    return a[max(0, loud[0] - int(keep * rate)):loud[-1] + int(keep * rate)] if len(loud) else a[:0]


def down_filter(torch, device):
    """24 to 16 kHz: low pass at 7.7 kHz, then every third of twice as many samples."""
    n = torch.arange(-48, 49, dtype=torch.float32)
    h = torch.sinc(n / 3 * 0.96) * torch.hamming_window(97, periodic=False)
    return (2 * h / h.sum()).to(device).view(1, 1, -1)


def worker(k, jobs, a):
    sys.path.insert(0, a.kokoro)
    import torch
    import tts_kokoro
    from kokoro_torch import KokoroTorch
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    device = a.device
    if device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.cuda.set_per_process_memory_fraction(a.memory_fraction)
    voice = KokoroTorch(os.path.join(a.kokoro, "kokoro/kokoro_pack.npz"), device)
    low_pass = down_filter(torch, device)
    audio, rows, offset, made, failed, start, n = [], [], 0, 0.0, 0, time.time(), 0
    for name, spec, speed, sounds, text in jobs:
        if time.time() > a.until or os.path.exists(os.path.join(a.out, "STOP")):
            break
        try:
            ids = [tts_kokoro.VOCAB[c] for c in sounds]
            style = tts_kokoro.get_style(spec)
            wave = torch.from_numpy(voice.run(ids, style[min(len(ids), len(style)) - 1], float(speed))).to(device)
            twice = torch.zeros(2 * len(wave), device=device)
            twice[::2] = wave
            x = torch.nn.functional.conv1d(twice[None, None], low_pass, padding=48)[0, 0, ::3].cpu().numpy()
        except Exception:
            failed += 1
            if failed in (1, 10, 100):
                traceback.print_exc()
            continue
        x = trim(x)
        if not np.isfinite(x).all() or not 0.2 < len(x) / 16000 < 25 or np.abs(x).max() < 0.01:
            failed += 1
            continue
        x = (np.clip(x * min(1.0, 0.99 / np.abs(x).max()), -1, 1) * 32767).astype("<i2")
        audio.append(x)
        rows.append((offset, len(x), "kokoro", spec, text))
        offset += len(x)
        made += len(x) / 16000
        if offset > SHARD_SECONDS * 16000 or (n == 0 and offset > 30 * 16000):
            write_shard(a.out, f"synth-{a.tag}-{k:02d}-{n:04d}", audio, rows)
            audio, rows, offset, n = [], [], 0, n + 1
            if k == 0:
                print(f"worker 0: {made:.0f} s in {time.time() - start:.0f} s, {failed} failed", flush=True)
    if rows:
        write_shard(a.out, f"synth-{a.tag}-{k:02d}-{n:04d}", audio, rows)
    print(f"worker {k} ends: {made:.0f} s in {time.time() - start:.0f} s, {failed} failed", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("prompts")
    ap.add_argument("--kokoro", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--workers", type=int, default=12)
    ap.add_argument("--until", type=float, default=1e18)
    ap.add_argument("--device", default="cuda")
    ap.add_argument("--memory-fraction", type=float, default=0.035)
    ap.add_argument("--tag", default="a")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    with lzma.open(a.prompts, "rt", encoding="utf-8") as f:
        jobs = [line.rstrip("\n").split("\t") for line in f]
    multiprocessing.set_start_method("spawn")
    workers = [multiprocessing.Process(target=worker, args=(k, jobs[k::a.workers], a)) for k in range(a.workers)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()


if __name__ == "__main__":
    main()
