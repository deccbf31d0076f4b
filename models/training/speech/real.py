"""Turns packs of real speech (manifest.tsv and tar shards of Opus) into shards for training, and the dev set into held-out.npz.

    python -m speech.real --real DIR --out DATA [--splits splits/] [--processes 8] [--only real-00.tar ...]

With --splits only the utterances of train.tsv become shards, those of dev.tsv go into held-out.npz, and the texts of dev and test are
written there as forbidden. Without it everything is for training (a pack of which nothing is held out).
"""
import argparse
import io
import multiprocessing
import os
import tarfile

import numpy as np

from .split import read_manifest
from .synthesise import write_shard


def read_ids(path):
    with open(path, encoding="utf-8") as f:
        return {line.split("\t")[0] for line in f}


def decode(job):
    """One tar: its training utterances become a shard; -> those of the dev set [(id, int16 samples)]."""
    import soundfile
    real, shard, wanted, dev, out = job
    audio, rows, offset, held = [], [], 0, []
    with tarfile.open(os.path.join(real, shard)) as tar:
        for member in tar:
            key = os.path.splitext(os.path.basename(member.name))[0]
            if key not in wanted and key not in dev:
                continue
            x, rate = soundfile.read(io.BytesIO(tar.extractfile(member).read()), dtype="int16")
            assert rate == 16000 and x.ndim == 1, (key, rate, x.shape)
            if key in dev:
                held.append((key, x))
            else:
                audio.append(x)
                rows.append((offset, len(x), wanted[key]["source"], wanted[key]["speaker"], wanted[key]["transcript"]))
                offset += len(x)
    if rows:
        write_shard(out, "real-" + os.path.splitext(shard)[0], audio, rows)
    return held


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--real", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--splits")
    ap.add_argument("--processes", type=int, default=8)
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    rows = {r["id"]: r for r in read_manifest(a.real)}
    wanted, dev, forbidden = rows, {}, []
    if a.splits:
        ids = {name: read_ids(os.path.join(a.splits, name + ".tsv")) for name in ("train", "dev", "test")}
        assert not ids["train"] & (ids["dev"] | ids["test"])
        wanted = {k: r for k, r in rows.items() if k in ids["train"]}
        dev = {k: r for k, r in rows.items() if k in ids["dev"]}
        forbidden = sorted({rows[k]["transcript"] for k in ids["dev"] | ids["test"]})
    shards = sorted({r["shard"] for r in rows.values() if os.path.exists(os.path.join(a.real, r["shard"]))})
    jobs = [(a.real, s, {k: r for k, r in wanted.items() if r["shard"] == s}, {k for k in dev if dev[k]["shard"] == s}, a.out) for s in shards]
    with multiprocessing.Pool(a.processes) as pool:
        held = [x for part in pool.map(decode, jobs, chunksize=1) for x in part]
    if dev:
        np.savez(os.path.join(a.out, "held-out.npz"), audio=np.concatenate([x for _, x in held]), lengths=np.array([len(x) for _, x in held]),
                 texts=np.array([dev[k]["transcript"] for k, _ in held]), sources=np.array([dev[k]["source"] for k, _ in held]),
                 forbidden=np.array(forbidden))
    print(f"{len(shards)} shards, {sum(len(j[2]) for j in jobs)} utterances for training, {len(held)} held out", flush=True)


if __name__ == "__main__":
    main()
