"""Train a word n-gram language model and write it as ARPA.   Standard library only.

    python -m lm.train_ngram SENTENCES.tsv[.xz] -o OUT.arpa [--leave-out MANIFEST.tsv ...] [--spoken 50000] [--prune 2e-8] [--dev MANIFEST.tsv]

SENTENCES: tab-separated, the words in column --column. --leave-out: sentences that share a whole text of three words or more, or six words in a
row, with the transcripts (second column) of these manifests are not trained on. --spoken adds so many generated lines of what running text
lacks (speech/spoken.py: spelled names, digits, dates, prices, commands; the seed is printed).
Modified Kneser-Ney with interpolation (Chen & Goodman 1998), then entropy pruning (Stolcke 1998): an n-gram goes when the
relative entropy that its loss costs is below --prune. Histories are weighted by their plain relative frequency, because
Kneser-Ney's lower orders are no estimate of how often a history is seen. Every --held-out-th part of the sentences is not
trained on and its perplexity is printed, before and after pruning. The order of lines decides nothing; there is no randomness.
"""
import argparse
import lzma
import math
import random
import sys
from collections import defaultdict

from speech.prompts import grams
from speech.spoken import Generator, text_of

BOS, EOS, UNK = "<s>", "</s>", "<unk>"


def sentences(path, column):
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8") as f:
        for line in f:
            words = line.rstrip("\n").split("\t")[column - 1].split()
            if words:
                yield words


def count_ngrams(texts, order):
    """counts[n][ngram] for n = 1..order; sentences are padded with one <s> and one </s>."""
    counts = [None] + [defaultdict(int) for _ in range(order)]
    for words in texts:
        padded = [BOS, *words, EOS]
        for i in range(len(padded)):
            for n in range(1, min(order, i + 1) + 1):
                counts[n][tuple(padded[i - n + 1:i + 1])] += 1
    del counts[1][(BOS,)]
    return counts


def continuation_counts(counts, order):
    """Kneser-Ney: below the highest order an n-gram counts how many different words it follows; after <s> its plain count."""
    kn = [None] + [defaultdict(int) for _ in range(order)]
    kn[order] = counts[order]
    for n in range(1, order):
        for gram in counts[n + 1]:
            kn[n][gram[1:]] += 1
        for gram, c in counts[n].items():
            if gram[0] == BOS:
                kn[n][gram] = c
    return kn


def discounts(grams):
    """The three discounts of modified Kneser-Ney, from the counts of counts."""
    n1, n2, n3, n4 = (sum(1 for c in grams.values() if c == k) for k in (1, 2, 3, 4))
    if min(n1, n2, n3) == 0:
        return 0.5, 0.75, 0.9
    y = n1 / (n1 + 2 * n2)
    return tuple(max(0.05, d) for d in (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3))


class Model:
    """prob[n][ngram] and backoff[n][history], both plain probabilities; lookups back off as ARPA readers do."""

    def __init__(self, kn, order, vocabulary):
        self.order = order
        self.vocabulary = vocabulary
        self.prob = [None] + [{} for _ in range(order)]
        self.backoff = [None] + [{} for _ in range(order)]
        for n in range(1, order + 1):
            self._estimate(kn[n], n)

    def _estimate(self, grams, n):
        d = discounts(grams)
        total, mass = defaultdict(int), defaultdict(float)
        for gram, c in grams.items():
            total[gram[:-1]] += c
            mass[gram[:-1]] += d[min(c, 3) - 1]
        uniform = 1.0 / len(self.vocabulary)
        for gram, c in grams.items():
            h = gram[:-1]
            lower = self.prob[n - 1][gram[1:]] if n > 1 else uniform
            self.prob[n][gram] = (c - d[min(c, 3) - 1]) / total[h] + mass[h] / total[h] * lower
        if n == 1:
            for w in self.vocabulary:
                self.prob[1].setdefault((w,), mass[()] / total[()] * uniform)
        else:
            for h, t in total.items():
                self.backoff[n - 1][h] = mass[h] / t

    def p(self, gram):
        scale = 1.0
        while gram not in self.prob[len(gram)]:
            if len(gram) == 1:
                gram = (UNK,)
                continue
            scale *= self.backoff[len(gram) - 1].get(gram[:-1], 1.0)
            gram = gram[1:]
        return scale * self.prob[len(gram)][gram]

    def normalise(self, n):
        """Recompute the back-off weights of the histories of order n-1 after n-grams went."""
        seen = defaultdict(lambda: [0.0, 0.0])
        for gram, p in self.prob[n].items():
            s = seen[gram[:-1]]
            s[0] += p
            s[1] += self.p(gram[1:])
        self.backoff[n - 1] = {h: max(1e-9, 1 - a) / max(1e-9, 1 - b) for h, (a, b) in seen.items()}

    def prune(self, counts, threshold):
        """Stolcke's entropy pruning from the highest order down; a history that a longer n-gram still needs stays."""
        tokens = sum(c for g, c in counts[1].items())
        for n in range(self.order, 1, -1):
            needed = {g[:-1] for g in self.prob[n + 1]} if n < self.order else set()
            seen = defaultdict(lambda: [0.0, 0.0])
            for gram, p in self.prob[n].items():
                s = seen[gram[:-1]]
                s[0] += p
                s[1] += self.p(gram[1:])
            drop = [g for g, p in self.prob[n].items() if g not in needed and self._loss(g, p, seen[g[:-1]], counts, tokens) < threshold]
            for g in drop:
                del self.prob[n][g]
            self.normalise(n)
        for n in range(2, self.order + 1):  # an order's back-off weights rest on the orders below, which changed after it
            self.normalise(n)

    def _loss(self, gram, p, sums, counts, tokens):
        h = gram[:-1]
        history = counts[len(h)].get(h, 0) or (counts[1].get((EOS,), 1) if h == (BOS,) else 1)
        lower = self.p(gram[1:])
        left, lower_left = 1 - sums[0], 1 - sums[1]
        bow = max(1e-9, left) / max(1e-9, lower_left)
        bow2 = max(1e-9, left + p) / max(1e-9, lower_left + lower)
        new = lower * bow2
        return -(history / tokens) * (p * (math.log(new) - math.log(p)) + max(0.0, left) * (math.log(bow2) - math.log(bow)))

    def write_arpa(self, path):
        log = lambda x: "%.4f" % math.log10(max(x, 1e-9))
        with open(path, "w", encoding="ascii", newline="\n") as f:
            f.write("\\data\\\n" + "".join(f"ngram {n}={len(self.prob[n]) + (n == 1)}\n" for n in range(1, self.order + 1)))
            for n in range(1, self.order + 1):
                f.write(f"\n\\{n}-grams:\n")
                if n == 1:
                    f.write(f"-99\t{BOS}\t{log(self.backoff[1].get((BOS,), 1.0))}\n")
                for gram in sorted(self.prob[n]):
                    bow = self.backoff[n].get(gram) if n < self.order else None
                    f.write(log(self.prob[n][gram]) + "\t" + " ".join(gram) + ("" if bow is None else "\t" + log(bow)) + "\n")
            f.write("\n\\end\\\n")


def perplexity(model, texts):
    bits, words, unknown = 0.0, 0, 0
    for text in texts:
        padded = [BOS, *text, EOS]
        for i in range(1, len(padded)):
            if (padded[i],) not in model.prob[1]:
                unknown += 1
                continue
            bits -= math.log2(model.p(tuple(w if (w,) in model.prob[1] or w == BOS else UNK for w in padded[max(0, i - model.order + 1):i + 1])))
            words += 1
    return 2 ** (bits / max(1, words)), unknown, words


def check_normalised(model, histories):
    """The probabilities after a history must add up to one."""
    for h in histories:
        total = sum(model.p(h + (w,)) for w in model.vocabulary)
        if not abs(total - 1) < 1e-3:
            sys.exit(f"history={' '.join(h)} adds up to {total:.5f}, not 1; the estimate is wrong")


def transcripts(path):
    """The texts of a manifest (file, transcript, source), each once, by source; and all of them together."""
    by_source = defaultdict(dict)
    with open(path, encoding="utf-8") as f:
        for line in list(f)[1:]:
            _, text, source = line.rstrip("\n").split("\t")[:3]
            by_source[source][text] = by_source["= all"][text] = text.split()
    return {source: list(found.values()) for source, found in by_source.items()}


def leave_out(texts, manifests):
    held = set()
    for path in manifests:
        for words in transcripts(path)["= all"]:
            held |= grams(" ".join(words))
    kept = [t for t in texts if not held & grams(" ".join(t))] if held else texts
    print(f"{len(texts) - len(kept)} of {len(texts)} sentences left out as too near to held-out ones")
    return kept


def spoken_lines(count, seed, texts):
    frequency = defaultdict(int)
    for t in texts:
        for w in t:
            frequency[w] += 1
    print("seed", seed)
    ranked = sorted(frequency, key=lambda w: (-frequency[w], w))
    generate = Generator(random.Random(seed), [w for w in ranked[:20000] if len(w) > 1 and frequency[w] > 3])
    return [text_of(generate()).split() for _ in range(count)]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("sentences")
    a.add_argument("-o", "--out", required=True)
    a.add_argument("--column", type=int, default=2)
    a.add_argument("--order", type=int, default=3)
    a.add_argument("--min-count", type=int, default=3, help="rarer words become <unk>")
    a.add_argument("--prune", type=float, default=2e-8)
    a.add_argument("--held-out", type=int, default=200, help="every so-many-th sentence is held out")
    a.add_argument("--leave-out", nargs="*", default=[], metavar="MANIFEST")
    a.add_argument("--spoken", type=int, default=0, metavar="LINES")
    a.add_argument("--dev", metavar="MANIFEST", help="print the perplexity of these transcripts, each text once, by source")
    a.add_argument("--seed", type=int, default=1)
    o = a.parse_args()

    texts = list(sentences(o.sentences, o.column))
    texts = leave_out(texts, o.leave_out)
    held, train = texts[::o.held_out], [t for i, t in enumerate(texts) if i % o.held_out]
    train += spoken_lines(o.spoken, o.seed, train)
    frequency = defaultdict(int)
    for t in train:
        for w in t:
            frequency[w] += 1
    known = {w for w, c in frequency.items() if c >= o.min_count}
    counts = count_ngrams(([w if w in known else UNK for w in t] for t in train), o.order)
    model = Model(continuation_counts(counts, o.order), o.order, known | {EOS, UNK})
    print(f"sentences {len(train)} words {sum(frequency.values())} vocabulary {len(known)} n-grams {[len(p) for p in model.prob[1:]]}")
    print("perplexity %.1f, unknown %d of %d held-out words" % perplexity(model, held), flush=True)
    model.prune(counts, o.prune)
    check_normalised(model, [(BOS,), ("the",), ("of", "the"), ("i", "am"), ("zzz", "zzz")])
    print(f"pruned at {o.prune:g}: n-grams {[len(p) for p in model.prob[1:]]}, perplexity %.1f, unknown %d of %d" % perplexity(model, held))
    model.write_arpa(o.out)
    if o.dev:
        for source, dev in sorted(transcripts(o.dev).items()):
            print(f"{source}: perplexity %.1f, unknown %d of %d" % perplexity(model, dev))


if __name__ == "__main__":
    main()
