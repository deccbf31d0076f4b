"""Cleans the books of books.tsv and writes OUT/train.txt and OUT/held.txt.

    python -m bytelm.books BOOKS_DIR OUT

BOOKS_DIR holds Project Gutenberg's plain text as NUMBER.txt (GITenberg has a repository for each) and the files of NLTK's "gutenberg" corpus.
Project Gutenberg's own words before and after each text are left out; curly quotation marks and long dashes become ASCII.
"""
import re
import sys
from pathlib import Path

TABLE = Path(__file__).with_name("books.tsv")
PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2014": "--", "\u2013": "-", "\ufeff": None, "\r": None})


def clean(raw):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.translate(PLAIN)
    start = re.search(r"\*\*\* ?START OF[^\n]*\n", text)
    text = text[start.end():] if start else text
    end = re.search(r"\n(\*\*\* ?END OF|End of (the )?Project Gutenberg)", text)
    text = text[:end.start()] if end else text
    text = re.sub(r"^(Produced by|E-text prepared by|Transcribed from|An Anonymous Volunteer).*?\n\n", "", text.strip(), flags=re.S)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    texts = {"train": [], "held-out": []}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, split, _, title = line.split("\t")
            text = clean((source / name).read_bytes())
            texts[split].append(text)
            print(f"{name:28} {split:8} {len(text.encode()):9,} bytes  {title}: {text[:50]!r}")
    for split, name in (("train", "train.txt"), ("held-out", "held.txt")):
        (out / name).write_bytes("".join(texts[split]).encode("utf-8"))


if __name__ == "__main__":
    main()
