"""More real speech and the music, packed as `real/` is (manifest.tsv, tar shards of Opus).

    python -m speech.pack_more robotutor --git GIT_DIR --out DIR      # XPRIZE/GLEXP-Team-RoboTutor-EnglishAssets, CC BY 4.0
    python -m speech.pack_more music --midi DIR --soundfont A.sf2 --out DIR [--minutes 60]
"""
import argparse
import io
import os
import random
import re
import subprocess
import tarfile
import tempfile

import numpy as np
import soundfile
from scipy.signal import resample_poly


class Pack:
    def __init__(self, out, name):
        os.makedirs(out, exist_ok=True)
        self.shard, self.seconds, self.count = name + ".tar", 0.0, 0
        self.tar = tarfile.open(os.path.join(out, self.shard), "w")
        self.manifest = open(os.path.join(out, "manifest.tsv"), "w", encoding="utf-8")
        self.manifest.write("id\tshard\tseconds\tsource\tspeaker\tlicence\ttranscript\n")

    def add(self, key, audio, source, speaker, licence, text):
        data = io.BytesIO()
        soundfile.write(data, audio, 16000, format="OGG", subtype="OPUS", compression_level=0.92)
        info = tarfile.TarInfo(key + ".opus")
        info.size = data.tell()
        data.seek(0)
        self.tar.addfile(info, data)
        self.manifest.write(f"{key}\t{self.shard}\t{len(audio) / 16000:.3f}\t{source}\t{speaker}\t{licence}\t{text}\n")
        self.seconds += len(audio) / 16000
        self.count += 1

    def close(self):
        self.tar.close()
        self.manifest.close()
        print(f"{self.shard}: {self.count} clips, {self.seconds / 3600:.2f} h, {os.path.getsize(self.tar.name) / 1e6:.1f} MB")


def to_16k(audio, rate):
    if audio.ndim > 1:
        audio = audio.mean(1)
    if rate != 16000:
        g = np.gcd(rate, 16000)
        audio = resample_poly(audio, 16000 // g, rate // g)
    return audio.astype(np.float32)


def robotutor(a):
    """Clips whose file name is what is said: sentences and phrases of the stories, single words of the tutor."""
    listing = subprocess.run(["git", "--git-dir", a.git, "ls-tree", "-r", "-z", "HEAD"], capture_output=True, check=True, text=True).stdout
    chosen = {}
    for entry in listing.split("\0"):
        if not entry.endswith(".mp3"):
            continue
        blob, path = entry.split("\t")[0].split()[2], entry.split("\t")[1]
        name = re.sub(r"^\d+[ _]+", "", os.path.basename(path)[:-4]).replace("_", " ")
        text = " ".join(re.sub(r"[^a-z' ]", " ", name.lower().replace("-", " ")).split())
        if re.search(r"\d", name) or not text or not re.fullmatch(r"[A-Za-z',.!? -]+", name):
            continue
        words = text.split()
        if "StoriesAudio" in path and len(words) >= 2:
            chosen[blob] = ("robotutor", text)
        elif "TutorAudio/assets/audio/en/cmu/xprize/literacy" in path and len(words) == 1 and len(text) > 2:
            chosen[blob] = ("robotutor-words", text)
    pack, odd = Pack(a.out, "robotutor"), 0
    reader = subprocess.Popen(["git", "--git-dir", a.git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for i, (blob, (source, text)) in enumerate(sorted(chosen.items())):
        reader.stdin.write((blob + "\n").encode())
        reader.stdin.flush()
        size = int(reader.stdout.readline().split()[2])
        data = reader.stdout.read(size + 1)[:-1]
        try:
            audio = to_16k(*soundfile.read(io.BytesIO(data), dtype="float32"))
        except soundfile.LibsndfileError:
            odd += 1
            continue
        loud = np.flatnonzero(np.abs(audio) > 0.02 * max(np.abs(audio).max(), 1e-4))
        audio = audio[max(0, loud[0] - 2400):loud[-1] + 2400] if len(loud) else audio[:0]
        if not 0.035 < (len(audio) / 16000 - 0.3) / len(text) < 0.2 or len(audio) > 20 * 16000:
            odd += 1
            continue
        pack.add(f"rt-{i}", audio, source, "robotutor", "CC-BY-4.0", text)
    pack.close()
    print(f"{odd} left out: not readable, or too fast or too slow for their text")


def music(a):
    rng = random.Random(5)
    files = sorted(os.path.join(d, f) for d, _, fs in os.walk(a.midi) for f in fs if f.endswith(".mid"))
    rng.shuffle(files)
    pack, n = Pack(a.out, "music"), 0
    for path in files:
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            subprocess.run(["fluidsynth", "-ni", "-q", "-r", "16000", "-g", "0.6", "-F", wav.name, "-T", "wav", a.soundfont, path], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            audio = to_16k(*soundfile.read(wav.name, dtype="float32"))[:150 * 16000]
        at = 0
        while at + 3 * 16000 < len(audio):                      # one piece after another, in clips of 3 to 18 s
            length = int(rng.uniform(3, 18) * 16000)
            pack.add(f"music-{n}", np.clip(audio[at:at + length], -1, 1), "music", os.path.basename(path), "CC0-1.0", "")
            at, n = at + length, n + 1
        if pack.seconds > a.minutes * 60:
            break
    pack.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("what", choices=["robotutor", "music"])
    ap.add_argument("--out", required=True)
    ap.add_argument("--git")
    ap.add_argument("--midi")
    ap.add_argument("--soundfont")
    ap.add_argument("--minutes", type=float, default=60)
    a = ap.parse_args()
    {"robotutor": robotutor, "music": music}[a.what](a)


if __name__ == "__main__":
    main()
