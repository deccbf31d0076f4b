"""Speech shards on the accelerator, and batches of fixed windows made of them.

A shard is NAME.i16 (16 kHz samples) and NAME.tsv (offset, samples, source, speaker, transcript). `Pool` watches a directory and puts every
new shard into one flat int16 tensor on the device. `compose` (in processes of its own: it is plain Python) fills windows with whole
utterances and gaps; what it hands over is only numbers: where each piece comes from, how fast, how loud, and the word pieces.
"""
import glob
import multiprocessing
import os
import queue
import threading
import time

import numpy as np

from .frontend import samples_of_steps
from .tokens import Tokens

RATE = 16000
MAX_SEGMENTS = 24
SPEECH, NOISE, SILENCE = 0, 1, 2                # kinds of rows


def level_db(x):
    """Loudness of the speech in a clip: the mean power of its louder half, in dB below full scale."""
    x = x[:len(x) // 320 * 320].astype(np.float32).reshape(-1, 320) / 32768
    power = np.sort((x * x).mean(1))
    return 10 * np.log10(max(float(power[len(power) // 2:].mean()) if len(power) else 0.0, 1e-9))


class Pool:
    """All audio in one tensor on the device; a thread adds the shards that appear and tells the composers."""

    def __init__(self, directory, device, hours, vocabulary, held_out=()):
        import torch
        self.torch, self.directory, self.device = torch, directory, device
        self.flat = torch.zeros(int(hours * 3600 * RATE), dtype=torch.int16, device=device)
        self.used, self.seen, self.tokens = 0, set(), Tokens(vocabulary)
        self.held_out = frozenset(held_out)     # texts that must not be learnt, whatever a shard holds
        self.listeners, self.hours, self.stop = [], {}, False
        self.tunes = []                         # (offset, samples) of the shards of music, for backgrounds

    def poll(self):
        for path in sorted(glob.glob(os.path.join(self.directory, "*.tsv"))):
            if path not in self.seen:
                self.seen.add(path)
                try:
                    self.add(path)
                except Exception as e:          # a bad shard must not end the run
                    print(f"shard={path} left out: {e!r}", flush=True)

    def add(self, path):
        audio = np.fromfile(path[:-4] + ".i16", dtype="<i2")
        if self.used + len(audio) + 4 > len(self.flat):
            raise ValueError(f"pool full: {len(self.flat) / RATE / 3600:.1f} h")
        rows = []
        with open(path, encoding="utf-8") as f:
            for line in f:
                offset, n, source, _, text = line.rstrip("\n").split("\t")
                offset, n = int(offset), int(n)
                if (len(text.split()) >= 4 and text in self.held_out) or n < 1600:
                    continue
                rows.append((self.used + offset, n, source, level_db(audio[offset:offset + n]), self.tokens.encode(text)))
                self.hours[source] = self.hours.get(source, 0) + n / RATE / 3600
        self.flat[self.used:self.used + len(audio)].copy_(self.torch.from_numpy(audio))
        if self.device != "cpu":
            self.torch.cuda.current_stream().synchronize()
        if rows and rows[0][2] == "music":
            self.tunes.append((self.used, len(audio)))
        self.used += len(audio)
        for q in self.listeners:
            q.put(rows)

    def watch(self, seconds=3.0):
        def run():
            while not self.stop:
                self.poll()
                time.sleep(seconds)
        threading.Thread(target=run, daemon=True).start()


class Groups:
    """The utterances of each source, sorted by length, so that one that fits is drawn at once."""

    def __init__(self):
        self.rows, self.lengths, self.pending = {}, {}, []

    def add(self, rows):
        for r in rows:
            self.rows.setdefault(r[2], []).append(r)
        for source in {r[2] for r in rows}:
            self.rows[source].sort(key=lambda r: r[1])
            self.lengths[source] = np.array([r[1] for r in self.rows[source]])

    def draw(self, rng, source, limit):
        n = int(np.searchsorted(self.lengths[source], limit, side="right"))
        return self.rows[source][int(rng.integers(n))] if n else None


def gap_samples(rng):
    kind = rng.random()
    seconds = rng.uniform(0.03, 0.5) if kind < 0.65 else rng.uniform(0.5, 1.3) if kind < 0.93 else rng.uniform(1.3, 4.0)
    return int(seconds * RATE)


def compose(rng, groups, weights, rows, steps, strength, non_speech):
    """-> dict of arrays; strength 0 to 1 scales the change of speed and the share of rows without speech."""
    n = samples_of_steps(steps)
    names = [s for s in weights if s in groups.rows and weights[s] > 0]
    p = np.array([weights[s] for s in names])
    p /= p.sum()
    start = np.full((rows, MAX_SEGMENTS), n, np.int32)
    length = np.zeros((rows, MAX_SEGMENTS), np.int32)
    source = np.zeros((rows, MAX_SEGMENTS), np.int64)
    rate, gain = np.ones((rows, MAX_SEGMENTS), np.float32), np.zeros((rows, MAX_SEGMENTS), np.float32)
    kind, targets, target_lengths = np.zeros(rows, np.int64), [], []
    for b in range(rows):
        ids, k, at = [], 0, int(gap_samples(rng) * 0.6)
        music = False
        if rng.random() < non_speech * strength:
            kind[b] = rng.choice([NOISE, NOISE, NOISE, SILENCE])
            music = "music" in groups.rows and rng.random() < 0.5
        while k < MAX_SEGMENTS and (kind[b] == SPEECH or music):
            speed = float(rng.uniform(1 - 0.13 * strength, 1 + 0.15 * strength))
            name = "music" if music else names[int(rng.choice(len(names), p=p))]
            room = n - int(0.4 * RATE) - at
            row = groups.draw(rng, name, int(room * speed) - 2) or (None if music else groups.draw(rng, "kokoro" if "kokoro" in groups.rows else name, int(room * speed) - 2))
            if row is None:
                break
            start[b, k], source[b, k], rate[b, k] = at, row[0], speed
            length[b, k] = int((row[1] - 2) / speed)
            gain[b, k] = -row[3] + rng.normal(0, 1.5)           # dB, to a speech level of 0 dB
            ids += row[4]
            at += int(length[b, k]) + gap_samples(rng)
            k += 1
        targets += ids
        target_lengths.append(len(ids))
    return {"start": start, "length": length, "source": source, "rate": rate, "gain": gain, "kind": kind, "steps": steps,
            "targets": np.array(targets, np.int64), "target_lengths": np.array(target_lengths, np.int64)}


def composer(seed, inbox, control, out):
    """Process: control carries (weights, [(rows, steps, share)], strength, non_speech); inbox the new utterances."""
    rng, groups, plan = np.random.default_rng(seed), Groups(), None
    while True:
        arrived = []
        try:
            while True:
                arrived += inbox.get_nowait()
        except queue.Empty:
            groups.add(arrived)
        try:
            while True:
                plan = control.get_nowait()
        except queue.Empty:
            pass
        if plan is None or not any(plan[0].get(s, 0) > 0 for s in groups.rows):
            time.sleep(0.05)
            continue
        weights, shapes, strength, non_speech = plan
        share = np.array([s[2] for s in shapes], float)
        rows, steps, _ = shapes[int(rng.choice(len(shapes), p=share / share.sum()))]
        out.put(compose(rng, groups, weights, rows, steps, strength, non_speech))


class Composers:
    def __init__(self, pool, count, seed):
        context = multiprocessing.get_context("spawn")
        self.out = context.Queue(maxsize=4 * count)
        self.controls, self.processes = [], []
        for i in range(count):
            inbox, control = context.Queue(), context.Queue()
            pool.listeners.append(inbox)
            self.controls.append(control)
            self.processes.append(context.Process(target=composer, args=(seed + i, inbox, control, self.out), daemon=True))
            self.processes[-1].start()

    def plan(self, *plan):
        for c in self.controls:
            c.put(plan)

    def next(self, timeout=60):
        return self.out.get(timeout=timeout)
