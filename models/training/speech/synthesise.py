"""Synthesises prompts with Kokoro on an accelerator, beside the training: batches of utterances (voices.py), a few processes under MPS.

    python -m speech.synthesise PROMPTS.tsv.xz --kokoro DIR --out DIR --workers 2 [--until UNIX_TIME] [--plain]

Prompts: id, voice, speed, phonemes, transcript. A voice is TIMBRE, TIMBRE|PROSODY or TIMBRE|PROSODY|PITCH: each of the first two is a name or a
mixture ("af_heart*1.25+bm_george*-0.25"), PITCH the factor by which pitch and formants rise (1.25: a child). Each process writes shards:
NAME.i16 (16 kHz samples, one after another) and NAME.tsv (offset, samples, source, speaker, transcript). The .tsv appears last, by a
rename, so that a reader never sees half a shard. A file STOP in the output directory ends the work. --skip goes on where another run ended.
"""
import argparse
import lzma
import multiprocessing
import os
import random
import sys
import time
import traceback

import numpy as np

SHARD_SECONDS = 600
GROUP = 4096                                      # prompts that are sorted by length together


def write_shard(out, name, audio, rows):
    np.concatenate(audio).tofile(os.path.join(out, name + ".i16"))
    with open(os.path.join(out, name + ".part"), "w", encoding="utf-8") as f:
        f.writelines("\t".join(map(str, r)) + "\n" for r in rows)
    os.rename(os.path.join(out, name + ".part"), os.path.join(out, name + ".tsv"))


class Shards:
    """Collects clips and writes a shard when there is enough; the first ones are small, so that training can start."""

    def __init__(self, out, name):
        self.out, self.name, self.audio, self.rows, self.samples, self.count = out, name, [], [], 0, 0

    def add(self, x, speaker, text):
        self.audio.append(x)
        self.rows.append((self.samples, len(x), "kokoro", speaker, text))
        self.samples += len(x)
        if self.samples > 16000 * min(SHARD_SECONDS, 60 * 2 ** self.count):
            self.flush()

    def flush(self):
        if self.rows:
            write_shard(self.out, f"{self.name}-{self.count:04d}", self.audio, self.rows)
            self.audio, self.rows, self.samples, self.count = [], [], 0, self.count + 1


def trim(a, rate=16000, keep=0.12):
    """Cuts silence at the ends down to keep seconds."""
    loud = np.flatnonzero(np.abs(a) > 0.01 * max(np.abs(a).max(), 1e-6))
    return a[max(0, loud[0] - int(keep * rate)):loud[-1] + int(keep * rate)] if len(loud) else a[:0]


def finish(x):
    """float clip at 16 kHz -> int16 without the silence at its ends; None if it is not speech."""
    if not np.isfinite(x).all():
        return None
    x = trim(x)
    if not 0.2 < len(x) / 16000 < 30 or np.abs(x).max() < 0.01:
        return None
    return (np.clip(x * min(1.0, 0.99 / np.abs(x).max()), -1, 1) * 32767).astype("<i2")


def resample(torch, x, lengths, pitch):
    """x (b, samples) at 24 kHz -> at 16 kHz and pitch (b) times as fast, with the new lengths. Twice as many samples through a low pass of the
    row's own, then straight lines between them."""
    taps = torch.arange(-48, 49, dtype=torch.float32, device=x.device)
    edge = 0.96 / pitch.clamp(min=1.0).unsqueeze(1)                    # of 8 kHz
    h = torch.sinc(taps / 3 * edge) * torch.hamming_window(97, periodic=False, device=x.device)
    twice = torch.zeros(len(x), 2 * x.shape[1], device=x.device)
    twice[:, ::2] = x
    y = torch.nn.functional.conv1d(twice.unsqueeze(0), (2 * h / h.sum(1, keepdim=True)).unsqueeze(1), padding=48, groups=len(x))[0]
    step = 3 * pitch
    new = (2 * lengths.to(x.device) / step).long() - 1
    at = torch.arange(int(new.max()), device=x.device) * step.unsqueeze(1)
    whole = at.floor()
    left = whole.long().clamp(max=y.shape[1] - 2)
    a, b = y.gather(1, left), y.gather(1, left + 1)
    return a + (b - a) * (at - whole), new


def seconds_of(job):
    return (0.5 + len(job[3]) / 14) / float(job[2])


def batches(jobs, seconds, most, seed=1):
    """Prompts of like length together, each batch of about so many padded seconds; in random order within a group."""
    rng = random.Random(seed)
    for i in range(0, len(jobs), GROUP):
        group, out, batch = sorted(jobs[i:i + GROUP], key=seconds_of), [], []
        for job in group:
            if batch and (len(batch) + 1) * seconds_of(job) > seconds or len(batch) == most:
                out.append(batch)
                batch = []
            batch.append(job)
        out.append(batch)
        rng.shuffle(out)
        yield from out


def style_of(tts, spec, n):
    parts = spec.split("|")
    timbre, prosody = (tts.get_style(s) for s in (parts + parts)[:2]) if len(parts) < 2 else map(tts.get_style, parts[:2])
    row = min(n, len(timbre)) - 1
    return np.concatenate([timbre[row, :128], prosody[row, 128:]]), float(parts[2]) if len(parts) > 2 else 1.0


def speak(torch, tts, voices, batch):
    """-> [(voice, transcript, float clip)]."""
    ids = [[tts.VOCAB[c] for c in job[3]] for job in batch]
    styles, pitch = zip(*(style_of(tts, job[1], len(i)) for job, i in zip(batch, ids)))
    speeds = [float(job[2]) / p for job, p in zip(batch, pitch)]
    audio, lengths = voices.run(ids, np.stack(styles), speeds, frames_multiple=20)
    audio, lengths = resample(torch, audio, lengths, torch.tensor(pitch, device=audio.device))
    return [(job[1], job[4], x[:n]) for job, x, n in zip(batch, audio.cpu().numpy(), lengths.tolist())]


def worker(k, jobs, a):
    sys.path.insert(0, a.kokoro)
    import torch
    import tts_kokoro

    from .voices import Voices
    torch.set_num_threads(1)
    cuda = a.device == "cuda"
    if cuda:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.cuda.set_per_process_memory_fraction(a.memory_fraction)
    voices = Voices(os.path.join(a.kokoro, "kokoro/kokoro_pack.npz"), a.device, torch.float16 if cuda and not a.plain else torch.float32,
                    fused=cuda and not a.plain)
    shards, made, failed, start, said = Shards(a.out, f"synth-{a.tag}-{k:02d}"), 0.0, 0, time.time(), 0.0
    for batch in batches(jobs, a.seconds, a.most, seed=k):
        if time.time() > a.until or os.path.exists(os.path.join(a.out, "STOP")):
            break
        try:
            clips = speak(torch, tts_kokoro, voices, batch)
        except Exception:
            failed += len(batch)
            if failed < 200:
                traceback.print_exc()
            voices.eager()                        # a compiler that fails must not end the run
            continue
        for voice, text, x in clips:
            x = finish(x)
            if x is None:
                failed += 1
            else:
                made += len(x) / 16000
                shards.add(x, voice, text)
        if time.time() - said > 10:
            said = time.time()
            memory = torch.cuda.max_memory_allocated() / 1e9 if cuda else 0
            print(f"worker {k}: {made:.0f} s in {said - start:.0f} s ({made / (said - start):.0f}x), {failed} failed, {memory:.1f} GB", flush=True)
    shards.flush()
    print(f"worker {k} ends: {made:.0f} s in {time.time() - start:.0f} s, {failed} failed", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("prompts")
    ap.add_argument("--kokoro", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--workers", type=int, default=2)
    ap.add_argument("--until", type=float, default=1e18)
    ap.add_argument("--device", default="cuda")
    ap.add_argument("--memory-fraction", type=float, default=0.12)
    ap.add_argument("--seconds", type=float, default=240, help="of padded speech in a batch")
    ap.add_argument("--most", type=int, default=64, help="utterances in a batch")
    ap.add_argument("--skip", type=int, default=0, help="prompts that another run has spoken")
    ap.add_argument("--plain", action="store_true", help="float32 and no compiler")
    ap.add_argument("--tag", default="a")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    with lzma.open(a.prompts, "rt", encoding="utf-8") as f:
        jobs = [line.rstrip("\n").split("\t") for line in f][a.skip:]
    multiprocessing.set_start_method("spawn")
    workers = [multiprocessing.Process(target=worker, args=(k, jobs[k::a.workers], a)) for k in range(a.workers)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()


if __name__ == "__main__":
    main()
