"""Renders excerpts to stored frames, without end or up to a number of hours, in one process per core.

    python -m music.data MIDI_DIR OUT_DIR --soundfont A.sf2 [--soundfont B.sf3] --hours 8 --processes 1 [--held-out LIST] [--only LIST]

A shard is NAME.npz: mel (clips, frames, 128) uint8 (frontend.to_bytes), notes (n, 5) int32: clip, first sample, last sample, pitch,
velocity; piece (clips,). Shards appear by renaming, so that a trainer may read along. Only pieces that are not held out are touched.
"""
import argparse
import glob
import multiprocessing
import os
import time

import numpy as np
import torch

from .frontend import RATE, LogMel, samples_of_frames, to_bytes
from .midi import read
from .render import Synth, clip

HERE = os.path.dirname(os.path.abspath(__file__))
HELD_OUT = os.path.join(HERE, "held-out.txt")


def names(path):
    with open(path, encoding="utf-8") as f:
        return {line.split("#")[0].strip() for line in f if line.split("#")[0].strip()}


def pieces(midi_dir, held_out=HELD_OUT, only=None):
    """Paths below midi_dir, sorted; those of the list `only`, or all but the held-out ones."""
    found = {os.path.relpath(p, midi_dir): p for p in glob.glob(os.path.join(midi_dir, "**", "*.mid"), recursive=True)}
    if only:
        return [found[k] for k in sorted(found) if k in names(only)]
    out = names(held_out)
    return [found[k] for k in sorted(found) if k not in out]


def worker(number, a, paths, per_shard, shards):
    torch.set_num_threads(1)
    rng = np.random.default_rng([a.seed, number])
    synths, mel, cache = [Synth(s) for s in a.soundfont], LogMel(), {}
    frames = int(a.seconds * RATE - samples_of_frames(1)) // 256 // 2 * 2
    for shard in range(shards):
        stored, notes, which = [], [], []
        while len(stored) < per_shard:
            if a.until and time.time() > a.until:
                return
            i = int(rng.integers(len(paths)))
            try:
                score = cache.get(i) or cache.setdefault(i, read(paths[i]))
                audio, played = clip(synths[int(rng.integers(len(synths)))], rng, score, a.seconds, a.deadpan)
            except (ValueError, IndexError) as e:
                print(f"{paths[i]}: {e}", flush=True)
                continue
            if not played or np.abs(audio).max() < 300:
                continue
            x = torch.from_numpy(audio[:samples_of_frames(frames)].astype(np.float32) / 32768)
            stored.append(to_bytes(mel(x)).numpy())
            notes += [(len(stored) - 1, int(n.on * RATE), int(n.off * RATE), n.pitch, n.velocity) for n in played]
            which.append(i)
        name = os.path.join(a.out, f"{a.tag}-{number:02d}-{shard:04d}.npz")
        np.savez(name + ".part.npz", mel=np.stack(stored), notes=np.array(notes, np.int32), piece=np.array(which, np.int32))
        os.rename(name + ".part.npz", name)
        print(f"{name}: {per_shard * a.seconds / 60:.0f} min", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("midi")
    ap.add_argument("out")
    ap.add_argument("--soundfont", action="append", required=True)
    ap.add_argument("--hours", type=float, default=8)
    ap.add_argument("--seconds", type=float, default=24)
    ap.add_argument("--processes", type=int, default=1)
    ap.add_argument("--clips", type=int, default=75, help="in a shard")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--tag", default="train")
    ap.add_argument("--until", type=float, default=0, help="stop at this time of the clock")
    ap.add_argument("--held-out", default=HELD_OUT)
    ap.add_argument("--only", help="a list of pieces to take instead")
    ap.add_argument("--deadpan", action="store_true", help="as the score has it")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    paths = pieces(a.midi, a.held_out, a.only)
    shards = max(1, round(a.hours * 3600 / a.seconds / a.clips / a.processes))
    print(f"{len(paths)} pieces, seed {a.seed}, {shards} shards a process", flush=True)
    jobs = [multiprocessing.Process(target=worker, args=(i, a, paths, a.clips, shards)) for i in range(a.processes)]
    for j in jobs:
        j.start()
    for j in jobs:
        j.join()
    if any(j.exitcode for j in jobs):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
