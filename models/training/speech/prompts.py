"""Text and phonemes for the synthetic speech (needs espeak-ng, no accelerator).

    python -m speech.prompts --text sentences.tsv.xz --kokoro DIR --held-out manifest.tsv [manifest.tsv ...] --out prompts.tsv.xz

DIR holds tts_kokoro.py and the unpacked voices. Lines: id, voice, speed, phonemes, transcript. A quarter of the running text is two sentences in
one breath, which is nearer to a stream. Voices are as synthesise.py reads them; accents.py has the accents, which change the phonemes only.
"""
import argparse
import collections
import lzma
import os
import random
import sys

from .accents import Accents
from .spoken import Generator, sounds_of, text_of

GRAM = 6


def grams(text):
    w = text.split()
    return {" ".join(w[i:i + GRAM]) for i in range(len(w) - GRAM + 1)} | ({text} if len(w) >= 3 else set())


def mixture(rng, names, english):
    """35 % one English voice, 25 % a mixture of two or three, 20 % one beyond itself, away from another, 20 % with a voice of another language."""
    kind, first = rng.random(), rng.choice(english)
    if kind < 0.35:
        return first
    if kind < 0.55:
        away = rng.uniform(0.1, 0.4)
        return f"{first}*{1 + away:.2f}+{rng.choice([n for n in english if n != first])}*{-away:.2f}"
    chosen = [first] + rng.sample([n for n in (english if kind < 0.8 else names) if n != first], rng.choice([1, 1, 2]))
    weights = [rng.uniform(0.3, 1.0) for _ in chosen]
    return "+".join(f"{n}*{w / sum(weights):.2f}" for n, w in zip(chosen, weights))


def voice(rng, names, kind):
    """TIMBRE|PROSODY|PITCH for a speaker of this kind. Half of the voices have the melody of another one; children are high women mostly."""
    english = [n for n in names if n[0] in "ab"]
    women = [n for n in english if n[1] == "f"]
    timbre = mixture(rng, names, women if kind == "child" and rng.random() < 0.8 else english)
    prosody = mixture(rng, names, english) if rng.random() < 0.5 else timbre
    pitch = rng.uniform(1.08, 1.38) if kind == "child" or rng.random() < 0.06 else rng.triangular(0.88, 1.14, 1.0) if rng.random() < 0.5 else 1.0
    return f"{timbre}|{prosody}|{pitch:.2f}"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--text", required=True)
    ap.add_argument("--kokoro", required=True)
    ap.add_argument("--held-out", nargs="+", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--lines", type=int, default=100000)
    ap.add_argument("--start", type=int, default=0, help="skip so many sentences of the pack: another slice for another run")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    print("seed", a.seed)
    sys.path.insert(0, a.kokoro)
    import tts_kokoro
    select = tts_kokoro.Espeak.set          # newer espeak-ng does not know "en-gb" and would silently stay American
    tts_kokoro.Espeak.set = lambda self, lang: select(self, "en-gb-x-rp" if lang == "en-gb" else lang)
    held = set()
    for path in a.held_out:
        with open(path, encoding="utf-8") as f:
            for line in list(f)[1:]:
                held |= grams(line.split("\t")[1])
    rng = random.Random(a.seed)
    with lzma.open(a.text, "rt", encoding="ascii") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    counts = collections.Counter(w for r in rows for w in r[1].split())
    generate = Generator(rng, [w for w, n in counts.most_common(20000) if len(w) > 1 and n > 3])
    names = tts_kokoro.voice_names()
    held_rows, accents = 0, Accents()
    sentences = []
    for display, spoken, source in rows[a.start:]:
        if grams(spoken) & held:
            held_rows += 1
        elif source != "gutenberg" or rng.random() < 0.5:           # a quarter of the pack is old novels
            sentences.append((display, spoken))
    rng.shuffle(sentences)
    sentences = iter(sentences)
    seconds = kept = 0
    with lzma.open(a.out, "wt", encoding="utf-8", preset=6) as out:
        for i in range(a.lines):
            kind = accents.speaker(rng)
            v = voice(rng, names, kind)
            british = v[0] == "b"
            speed = rng.triangular(0.65, 1.4, 0.9 if kind else 1.05)
            if rng.random() < 0.14:
                parts = generate()
                text, sounds = text_of(parts), sounds_of(parts, lambda t: tts_kokoro.phonemize(t, british))
            else:
                display, text = next(sentences)
                if rng.random() < 0.25 and len(text.split()) < 16:
                    more, spoken = next(sentences)
                    if len(text.split()) + len(spoken.split()) < 27:
                        display, text = display + " " + more, text + " " + spoken
                sounds = tts_kokoro.phonemize(display, british)
            sounds, slower = accents.deliver(rng, accents.pronounce(rng, sounds, kind))
            speed *= slower
            sounds = "".join(c for c in sounds if c in tts_kokoro.VOCAB)
            if 0 < len(sounds) < 480 and text:
                out.write(f"k{a.seed}-{i}\t{v}\t{speed:.2f}\t{sounds}\t{text}\n")
                kept += 1
                seconds += (0.5 + len(sounds) / 14) / speed
            if i % 10000 == 0:
                print(i, f"about {seconds / 3600:.1f} h", flush=True)
    print(f"{kept} lines, about {seconds / 3600:.0f} h, {held_rows} sentences left out as too near to held-out ones, "
          f"{os.path.getsize(a.out) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
