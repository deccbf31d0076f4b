"""Word pieces: byte-pair encoding over a-z and the apostrophe.

The first letter of a word carries U+2581 (as in SentencePiece), and every letter exists with and without it, so that a
spelled letter ("p i t t s") is one piece. Index 0 is the CTC blank.

    python -m speech.tokens SENTENCES.tsv.xz OUT.json [--size 256]
"""
import argparse
import collections
import json
import lzma

MARK = "\u2581"
BLANK = "<blank>"
LETTERS = "abcdefghijklmnopqrstuvwxyz'"


def split_word(word):
    return (MARK + word[0],) + tuple(word[1:])


def learn(word_counts, size):
    """word_counts: {word: count}; returns the vocabulary, blank first, then letters, then pieces in the order of merging."""
    vocabulary = [BLANK] + [MARK + c for c in LETTERS] + list(LETTERS)
    words = {w: (list(split_word(w)), n) for w, n in word_counts.items()}
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for w, (pieces, n) in words.items():
        for pair in zip(pieces, pieces[1:]):
            pairs[pair] += n
            where[pair].add(w)
    while len(vocabulary) < size:
        best = max(pairs, key=lambda p: (pairs[p], p))
        vocabulary.append(best[0] + best[1])
        for w in list(where[best]):
            pieces, n = words[w]
            for pair in zip(pieces, pieces[1:]):
                pairs[pair] -= n
                where[pair].discard(w)
            words[w] = (merge(pieces, best), n)
            for pair in zip(words[w][0], words[w][0][1:]):
                pairs[pair] += n
                where[pair].add(w)
    return vocabulary


def merge(pieces, pair):
    out, i = [], 0
    while i < len(pieces):
        if i + 1 < len(pieces) and (pieces[i], pieces[i + 1]) == pair:
            out.append(pieces[i] + pieces[i + 1])
            i += 2
        else:
            out.append(pieces[i])
            i += 1
    return out


class Tokens:
    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.index = {p: i for i, p in enumerate(vocabulary)}
        self.cache = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            return cls(json.load(f))

    def encode_word(self, word):
        if word not in self.cache:
            pieces = list(split_word(word))
            while len(pieces) > 1:                      # the earliest learnt merge first
                ranks = [self.index.get(a + b, 1 << 30) for a, b in zip(pieces, pieces[1:])]
                k = min(range(len(ranks)), key=ranks.__getitem__)
                if ranks[k] == 1 << 30:
                    break
                pieces[k:k + 2] = [pieces[k] + pieces[k + 1]]
            self.cache[word] = [self.index[p] for p in pieces]
        return self.cache[word]

    def encode(self, text):
        return [i for w in text.split() for i in self.encode_word(w)]

    def decode(self, ids):
        return "".join(self.vocabulary[i] for i in ids).replace(MARK, " ").strip()

    def greedy(self, best):
        """best: the index of the largest logit of each step; repeats collapse, blanks go."""
        out, last = [], 0
        for i in best:
            if i != last and i != 0:
                out.append(i)
            last = i
        return self.decode(out)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("sentences")
    ap.add_argument("out")
    ap.add_argument("--size", type=int, default=256)
    a = ap.parse_args()
    counts = collections.Counter()
    with lzma.open(a.sentences, "rt", encoding="ascii") as f:
        for line in f:
            counts.update(line.split("\t")[1].split())
    counts = {w: n for w, n in counts.items() if n > 1 and set(w) <= set(LETTERS)}
    vocabulary = learn(counts, a.size)
    with open(a.out, "w", encoding="utf-8") as f:
        json.dump(vocabulary, f, ensure_ascii=False)
    t = Tokens(vocabulary)
    n = sum(len(t.encode_word(w)) * c for w, c in counts.items())
    print(f"{len(vocabulary)} pieces, {n / sum(counts.values()):.2f} a word; {' '.join(vocabulary[55:75])} ...")


if __name__ == "__main__":
    main()
