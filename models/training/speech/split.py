"""Holds out whole speakers of the real speech, before anything else looks at it.

    python -m speech.split --real DIR --out splits/ [--wav HELDOUT_DIR]

Writes dev.tsv, test.tsv and train.tsv (id, source, speaker). Speakers are drawn with a fixed seed; dc_tts-author, the only
long-sentence speaker of whom training hears nothing, is held out whole (a fixed sample of it is the test). Training
utterances (and synthetic prompts, see prompts.py) with the text of a held-out utterance of four words or more are dropped,
so that words of a test sentence are never learnt from another reader of it.
With --wav, also writes {dev,test}/wav/*.wav and {dev,test}/manifest.tsv as score.py reads them.
"""
import argparse
import collections
import io
import os
import random
import tarfile

SEED = 20261124
# source: (dev speakers, test speakers, at most so many utterances each of dev and test)
HOLD_OUT = {"speechocean762": (8, 14, 280), "cmu-an4-train": (6, 9, 130), "speech-commands-test": (12, 24, 240),
            "dc_tts-author": (0, 1, 60), "commonvoice-puri-gagan": (1, 2, 60)}
NAMED = {"commonvoice-puri-gagan": (["cv-4acac047"], ["cv-c22c452a", "cv-6f8426eb"])}     # one has half the utterances: training


def read_manifest(real):
    with open(os.path.join(real, "manifest.tsv"), encoding="utf-8") as f:
        names = f.readline().rstrip("\n").split("\t")
        return [dict(zip(names, line.rstrip("\n").split("\t"))) for line in f]


def choose(rows):
    rng = random.Random(SEED)
    part = {}
    for source, (n_dev, n_test, _) in HOLD_OUT.items():
        speakers = sorted({r["speaker"] for r in rows if r["source"] == source})
        rng.shuffle(speakers)
        if source in NAMED:
            dev, test = NAMED[source]
        else:
            dev, test = speakers[:n_dev], speakers[n_dev:n_dev + n_test]
        part.update({(source, s): "dev" for s in dev})
        part.update({(source, s): "test" for s in test})
    out = {"dev": [], "test": [], "train": []}
    for r in rows:
        out[part.get((r["source"], r["speaker"]), "train")].append(r)
    for name in ("dev", "test"):
        kept = []
        for source, (_, _, limit) in HOLD_OUT.items():
            mine = sorted((r for r in out[name] if r["source"] == source), key=lambda r: r["id"])
            rng.shuffle(mine)
            kept += sorted(mine[:limit], key=lambda r: r["id"])
        out[name + "-unused"] = [r for r in out[name] if r not in kept]
        out[name] = kept
    return out


def drop_overlap(out):
    held = {r["transcript"]: name for name in ("dev", "test") for r in out[name]}
    long = {t for t in held if len(t.split()) >= 4}
    dropped = [r for r in out["train"] if r["transcript"] in long]
    out["train"] = [r for r in out["train"] if r["transcript"] not in long]
    short = collections.Counter()
    texts = {r["transcript"] for r in out["train"]}
    for name in ("dev", "test"):
        short[name] = sum(r["transcript"] in texts for r in out[name])
    print(f"seed={SEED}: dropped {len(dropped)} training utterances with a held-out text of four words or more "
          f"({dict(collections.Counter(r['source'] for r in dropped))})")
    print(f"texts of one to three words that training also has (commands, digits): {dict(short)}")


def write_wavs(real, out, target):
    import soundfile
    want = {r["id"]: name for name in ("dev", "test") for r in out[name]}
    for name in ("dev", "test"):
        os.makedirs(os.path.join(target, name, "wav"), exist_ok=True)
        with open(os.path.join(target, name, "manifest.tsv"), "w", encoding="utf-8") as f:
            f.write("file\ttranscript\tsource\tspeaker\n")
            for r in out[name]:
                f.write(f"wav/{r['id']}.wav\t{r['transcript']}\t{r['source']}\t{r['speaker']}\n")
    for shard in sorted({r["shard"] for name in ("dev", "test") for r in out[name]}):
        with tarfile.open(os.path.join(real, shard)) as tar:
            for member in tar:
                key = os.path.basename(member.name)[:-len(".opus")]
                if key in want:
                    audio, rate = soundfile.read(io.BytesIO(tar.extractfile(member).read()), dtype="int16")
                    assert rate == 16000 and audio.ndim == 1, (key, rate, audio.shape)
                    soundfile.write(os.path.join(target, want[key], "wav", key + ".wav"), audio, rate, subtype="PCM_16")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--real", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--wav")
    a = ap.parse_args()
    out = choose(read_manifest(a.real))
    drop_overlap(out)
    os.makedirs(a.out, exist_ok=True)
    for name in ("dev", "test", "train"):
        with open(os.path.join(a.out, name + ".tsv"), "w", encoding="utf-8") as f:
            f.writelines(f"{r['id']}\t{r['source']}\t{r['speaker']}\n" for r in out[name])
        for source in sorted({r["source"] for r in out[name]}):
            rows = [r for r in out[name] if r["source"] == source]
            print(f"{name:5} {source:24} {len(rows):5} utterances {len({r['speaker'] for r in rows}):4} speakers "
                  f"{sum(float(r['seconds']) for r in rows) / 60:6.1f} min {sum(len(r['transcript'].split()) for r in rows):6} words")
    if a.wav:
        write_wavs(a.real, out, a.wav)


if __name__ == "__main__":
    main()
