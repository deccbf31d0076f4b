"""Word error rate of a checkpoint, greedy, and the words it hears where there are none. A quick count of its own for decisions;
final numbers come from the engine and score.py (write --hyp and score that).

    python -m speech.evaluate CHECKPOINT.pt --manifest DIR/manifest.tsv [--int8] [--hyp HYP.tsv] [--sounds] [--music A.wav ...]
"""
import argparse
import os

import numpy as np
import torch

from .frontend import LogMel
from .tokens import Tokens

TAIL_SECONDS = 0.6                                # silence that ends an utterance, as the engine's finish() pushes it


def edits(ref, hyp):
    row = list(range(len(hyp) + 1))
    for i, r in enumerate(ref, 1):
        last, row[0] = row[0], i
        for j, h in enumerate(hyp, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (r != h))
    return row[-1]


@torch.no_grad()
def transcribe(model, mel, tokens, clips, device, dtype=None, batch=64):
    """clips: float arrays in [-1, 1] -> texts. Causal, so padding at the end changes nothing before it."""
    order = sorted(range(len(clips)), key=lambda i: len(clips[i]))
    texts = [""] * len(clips)
    for at in range(0, len(order), batch):
        part = order[at:at + batch]
        longest = max(len(clips[i]) for i in part) + int(TAIL_SECONDS * 16000)
        audio = np.zeros((len(part), max(longest, 3000)), np.float32)
        for k, i in enumerate(part):
            audio[k, :len(clips[i])] = clips[i]
        best = model(mel(torch.from_numpy(audio).to(device)), dtype=dtype).argmax(-1).cpu()
        for k, i in enumerate(part):
            steps = (len(clips[i]) + int(TAIL_SECONDS * 16000)) // 640
            texts[i] = tokens.greedy(best[k, :steps].tolist())
    return texts


def wer_table(refs, hyps, sources):
    """-> [(source, utterances, words, errors)], all sources last"""
    out = []
    for s in sorted(set(sources)) + ["all"]:
        mine = [i for i in range(len(refs)) if s in ("all", sources[i])]
        out.append((s, len(mine), sum(len(refs[i].split()) for i in mine),
                    sum(edits(refs[i].split(), hyps[i].split()) for i in mine)))
    return out


def read_set(manifest):
    import soundfile
    with open(manifest, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in list(f)[1:]]
    base = os.path.dirname(manifest)
    return rows, [soundfile.read(os.path.join(base, r[0]), dtype="float32")[0] for r in rows]


def no_speech(seconds=60):
    """Sounds without words: name -> samples."""
    rng, n = np.random.default_rng(7), seconds * 16000
    white = rng.standard_normal(n)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), n)
    pink /= pink.std()
    hum = np.sin(2 * np.pi * 50 * np.arange(n) / 16000)
    out = {"silence": np.zeros(n)}
    for level in (-20, -40, -60):
        g = 10 ** (level / 20)
        out.update({f"white {level} dB": white * g, f"pink {level} dB": pink * g, f"hum {level} dB": hum * g})
    return {k: np.clip(v, -1, 1).astype(np.float32) for k, v in out.items()}


def main():
    from .export import dequantise_in_place, load
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint")
    ap.add_argument("--manifest")
    ap.add_argument("--int8", action="store_true")
    ap.add_argument("--hyp")
    ap.add_argument("--sounds", action="store_true")
    ap.add_argument("--music", nargs="*", default=[])
    ap.add_argument("--show", type=int, default=8)
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    model, vocabulary, _ = load(a.checkpoint)
    if a.int8:
        dequantise_in_place(model)
    mel, tokens = LogMel(), Tokens(vocabulary)
    if a.manifest:
        rows, clips = read_set(a.manifest)
        hyps = transcribe(model, mel, tokens, clips, "cpu", batch=16)
        for s, n, words, wrong in wer_table([r[1] for r in rows], hyps, [r[2] for r in rows]):
            print(f"{s:26} utterances {n:4}  words {words:5}  errors {wrong:5}  WER {100 * wrong / max(words, 1):5.1f} %")
        for i in range(0, len(rows), max(1, len(rows) // max(a.show, 1))):
            print(f"  ref {rows[i][1]}\n  hyp {hyps[i]}")
        if a.hyp:
            with open(a.hyp, "w", encoding="utf-8") as f:
                f.writelines(f"{r[0]}\t{h}\n" for r, h in zip(rows, hyps))
    sounds = no_speech() if a.sounds else {}
    if a.music:
        import soundfile
        sounds.update({os.path.basename(p): soundfile.read(p, dtype="float32")[0] for p in a.music})
    for name, clip in sounds.items():
        text = transcribe(model, mel, tokens, [clip], "cpu")[0]
        print(f"{name:20} {len(clip) / 16000:5.0f} s  {len(text.split())} words  {text[:80]}")


if __name__ == "__main__":
    main()
