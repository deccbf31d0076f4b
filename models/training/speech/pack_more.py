"""More real speech and the music, packed as `real/` is (manifest.tsv, tar shards of Opus).

    python -m speech.pack_more robotutor --git GIT_DIR --out DIR      # XPRIZE/GLEXP-Team-RoboTutor-EnglishAssets, CC BY 4.0
    python -m speech.pack_more storybook --git GIT_DIR --text GIT_DIR --out DIR    # global-asp/asp-audio, asp-source: the stories under CC BY
    python -m speech.pack_more alphanumeric --git GIT_DIR --out DIR   # Sakshee5/alphanumeric-audio-dataset, MIT: 70 students, mostly of Indian languages
    python -m speech.pack_more music --midi DIR --soundfont A.sf2 --out DIR [--minutes 60]
"""
import argparse
import csv
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


class Git:
    """Files of the last commit of a repository without a work tree."""

    def __init__(self, directory):
        self.command = ["git", "--git-dir", directory]
        self.paths = self.run("ls-tree", "-r", "-z", "--name-only", "HEAD").decode().split("\0")

    def run(self, *arguments):
        return subprocess.run([*self.command, *arguments], capture_output=True, check=True).stdout

    def read(self, path):
        return self.run("show", "HEAD:" + path)


def loud_part(audio, keep=2400):
    loud = np.flatnonzero(np.abs(audio) > 0.02 * max(np.abs(audio).max(), 1e-4))
    return audio[max(0, loud[0] - keep):loud[-1] + keep] if len(loud) else audio[:0]


def plain(text):
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower().replace("\u2019", "'").replace("-", " ")).split())


def storybook(a):
    """The first track is the title, then a track is a page, and its text is known. Left out: titles, pages with digits, and stories whose tracks and
    pages differ in number. choose.py can check the rest."""
    audio, texts, pack, odd = Git(a.git), Git(a.text), Pack(a.out, "storybook"), 0
    for story in sorted({p.split("/")[1] for p in audio.paths if p.startswith("en/") and "/ogg/" in p}):
        source = [p for p in texts.paths if p.startswith("en/" + story[:5])]
        text = texts.read(source[0]).decode() if source else ""
        tracks = sorted(p for p in audio.paths if p.startswith(f"en/{story}/ogg/"))
        licence = re.search(r"License: \[(.*?)\]", text)
        pages = [page for page in text.split("\n##\n")[1:] if "License:" not in page]
        if not licence or licence[1] != "CC-BY" or len(pages) + 1 != len(tracks):
            print(f"{story}: left out, {licence and licence[1]}, {len(pages)} pages, {len(tracks)} tracks")
            continue
        reader = re.search(r"Narrat\w*: *(.*)|Audio: *(.*)", text)
        for i, (page, track) in enumerate(zip(pages, tracks[1:])):
            clip, words = loud_part(to_16k(*soundfile.read(io.BytesIO(audio.read(track)), dtype="float32"))), plain(page)
            rate = (len(clip) / 16000 - 0.3) / max(1, len(words))
            if re.search(r"\d", page) or not words or not 0.035 < rate < 0.2 or len(clip) > 25 * 16000:
                odd += 1
            else:
                pack.add(f"sb-{story[:4]}-{i:02d}", clip, "storybook", reader[0] if reader else story, "CC-BY", words)
    pack.close()
    print(f"{odd} pages left out: digits, longer than 25 s, or too fast or too slow for their text")


def alphanumeric(a):
    """People spell a name, read a telephone number digit by digit and say an address. How they did it is not written down: every way that is likely becomes a
    line of candidates (joined by |), and choose.py keeps the likeliest, or none."""
    from .spoken import ONES, cardinal
    git, pack = Git(a.git), Pack(a.out, "alphanumeric")
    for row in csv.DictReader(io.StringIO(git.read("metadata.csv").decode("utf-8-sig"))):
        row = {(k or "").strip(): (v or "").strip() if isinstance(v, str) else "" for k, v in row.items()}
        path, who = row["file_name"], row["Response_ID"]
        kind = path.split("/")[1]
        if kind == "Names":
            words = plain(row["Name"])
            spelled = " ".join(words.replace("'", "").replace(" ", ""))
            ways = [spelled, words, words + " " + spelled, spelled + " " + words, "my name is " + words]
        elif kind == "Numbers":
            digits = re.sub(r"\D", "", row["Number"])
            zero = [" ".join(ONES[int(d)] if d != "0" else z for d in digits) for z in ("zero", "oh")]
            double = re.sub(r"\b(\w+) \1\b", r"double \1", zero[0])
            ways = [*dict.fromkeys([*zero, double])]
        else:
            def say(number, how):
                digits = " ".join(ONES[int(d)] for d in number)
                n = int(number)
                if how == "digits" or len(number) > 4:
                    return digits
                if how == "pairs" and 2 < len(number) < 5 and number[-2] != "0":
                    return cardinal(int(number[:-2])) + " " + cardinal(int(number[-2:]))
                return cardinal(n)
            ways = [plain(re.sub(r"\d+", lambda m: say(m.group(), how), row["Address"])) for how in ("digits", "pairs", "whole")]
            mixed = row["Address"].split(" ")
            ways.append(plain(" ".join(re.sub(r"\d+", lambda m, i=i: say(m.group(), "whole" if i == 0 else "digits"), w) for i, w in enumerate(mixed))))
            ways = [*dict.fromkeys(ways)]
        try:
            clip = loud_part(to_16k(*soundfile.read(io.BytesIO(git.read(path)), dtype="float32")))
        except (soundfile.LibsndfileError, subprocess.CalledProcessError) as e:
            print(f"{path}: {e}")
            continue
        ways = [w for w in ways if w]
        if 1 < len(clip) / 16000 < 25 and ways:
            pack.add(f"an-{who}-{kind}", clip, "alphanumeric", who, "MIT", "|".join(ways))
    pack.close()


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
        audio = loud_part(audio)
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
    ap.add_argument("what", choices=["robotutor", "storybook", "alphanumeric", "music"])
    ap.add_argument("--out", required=True)
    ap.add_argument("--git")
    ap.add_argument("--text")
    ap.add_argument("--midi")
    ap.add_argument("--soundfont")
    ap.add_argument("--minutes", type=float, default=60)
    a = ap.parse_args()
    {"robotutor": robotutor, "storybook": storybook, "alphanumeric": alphanumeric, "music": music}[a.what](a)


if __name__ == "__main__":
    main()
