"""Accents, children and slow readers for the synthetic speech, made of the phonemes that Kokoro is told to say; the text stays the true one.

accents.json holds the rates. A prompt gets a speaker kind (share, speakers). Of the kind's sound changes a speaker has each one with its rate times
a strength of his own (drawn from 0.4 to 1.3), and then makes it in all places but the share keep: people are wrong in a consistent
way, but not always. Changes come in random order, so that what one made can be changed by the next, rarely. A change is a regular
expression on the phonemes, what it becomes, its rate; # is the end of a word. Delivery is drawn apart from it: word by word, halting (pauses at random places), flat (no
stress marks), drawn (long vowels). The choice of changes follows what phonologists write about each group of learners; the rates are guesses.
"""
import json
import os
import re

END = "(?=[ ,.;:!?—…]|$)"
VOWELS = "aeiouɑɐɒæɛɪʊʌəɜɔAIOQWYᵻ"


class Accents:
    def __init__(self, path=os.path.join(os.path.dirname(__file__), "accents.json")):
        with open(path, encoding="utf-8") as f:
            c = json.load(f)
        self.share, self.keep, self.speakers, self.delivery = c["share"], c["keep"], c["speakers"], c["delivery"]
        self.sounds = {kind: [(re.compile(p.replace("#", END)), to, rate) for p, to, rate in rules] for kind, rules in c["sounds"].items()}

    def speaker(self, rng):
        """-> a kind, or None: speaks as the dictionary says."""
        if rng.random() >= self.share:
            return None
        return rng.choices(list(self.speakers), list(self.speakers.values()))[0]

    def pronounce(self, rng, sounds, kind):
        if kind is None:
            return sounds
        strength = rng.uniform(0.4, 1.3)
        mine = [r for r in self.sounds[kind] if rng.random() < r[2] * strength]
        rng.shuffle(mine)
        for pattern, to, _ in mine:
            sounds = pattern.sub(lambda m: m.group() if rng.random() < self.keep else m.expand(to), sounds)
        return sounds

    def deliver(self, rng, sounds):
        """-> phonemes and the factor for the speed."""
        manner = rng.random()
        for name, rate in self.delivery.items():
            if manner < rate:
                return getattr(self, name)(rng, sounds)
            manner -= rate
        return sounds, 1.0

    def words(self, rng, sounds):
        if sounds.count(" ") > 11:
            return sounds, 0.8
        mark = rng.choice([", ", ". ", " … ", "; "])
        return re.sub("[,.;:!?—…]? ", lambda m: mark if rng.random() < 0.85 else " ", sounds), rng.uniform(0.75, 1.0)

    def halting(self, rng, sounds):
        rate = rng.uniform(0.08, 0.35)
        return re.sub("(?<![,.;:!?—…]) ", lambda m: rng.choice([", ", " … ", "… ", " — ", ". "]) if rng.random() < rate else " ", sounds), rng.uniform(0.75, 1.0)

    def flat(self, rng, sounds):
        return re.sub("[ˈˌ]", lambda m: "" if rng.random() < 0.8 else m.group(), sounds), rng.uniform(0.8, 1.1)

    def drawn(self, rng, sounds):
        rate = rng.uniform(0.1, 0.5)
        return re.sub(f"[{VOWELS}](?!ː)", lambda m: m.group() + ("ː" if rng.random() < rate else ""), sounds), 1.0
