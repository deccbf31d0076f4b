"""What running text lacks: spelled names, digits, dates, times, prices, addresses, control words, single words."""

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
            "twelve": "twelfth"}
MONTHS = "january february march april may june july august september october november december".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
STREETS = "street road avenue lane drive court boulevard place square way".split()
STATES = ("alabama alaska arizona california colorado florida georgia illinois indiana kansas kentucky maine maryland michigan "
          "minnesota missouri montana nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia "
          "washington wisconsin").split()
CONTROL = "enter erase rubout repeat go help start stop yes no delete insert save open close next back play pause".split()
COMMANDS = ("up down left right on off yes no go stop zero one two three four five six seven eight nine bed bird cat dog happy "
            "house marvin sheila tree wow backward forward follow learn visual").split()
UNITS = "dollars cents percent miles meters feet inches pounds degrees minutes hours days weeks years people".split()
LETTER_SOUNDS = dict(zip("abcdefghijklmnopqrstuvwxyz", (
    "ˈA bˈi sˈi dˈi ˈi ˈɛf ʤˈi ˈAʧ ˈI ʤˈA kˈA ˈɛl ˈɛm ˈɛn ˈO pˈi kjˈu ˈɑɹ ˈɛs tˈi jˈu vˈi dˈʌbᵊljˌu ˈɛks wˈI zˈi").split()))


def cardinal(n):
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10 - 2] + (" " + ONES[n % 10] if n % 10 else "")
    if n < 1000:
        return ONES[n // 100] + " hundred" + (" " + cardinal(n % 100) if n % 100 else "")
    for value, word in ((10 ** 6, "million"), (1000, "thousand")):
        if n >= value:
            return cardinal(n // value) + " " + word + (" " + cardinal(n % value) if n % value else "")


def ordinal(n):
    head, _, last = cardinal(n).rpartition(" ")
    last = ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return (head + " " + last).strip()


def year(rng):
    n = rng.choice([rng.randint(1900, 1999), rng.randint(1700, 1899), rng.randint(2001, 2030)])
    if 2000 < n < 2010:
        return "two thousand " + ONES[n % 10]
    low = n % 100
    return cardinal(n // 100) + " " + ("hundred" if not low else ("oh " if low < 10 else "") + cardinal(low))


def digits(rng, n):
    zero = rng.choice(["zero", "zero", "oh"])
    return " ".join(zero if d == 0 else ONES[d] for d in (rng.randint(0, 9) for _ in range(n)))


def number(rng):
    return cardinal(rng.choice([rng.randint(0, 100), rng.randint(20, 1000), rng.randint(1000, 99999), rng.randint(1, 9) * 10 ** 6]))


class Generator:
    """Each prompt is a list of parts; a part is ("word", text), ("letters", text) or ("pause",)."""

    def __init__(self, rng, words):
        self.rng, self.words = rng, words            # words: by falling frequency
        self.kinds = [(self.spelled, 22), (self.alphanumeric, 10), (self.control, 8), (self.digit_string, 12),
                      (self.some_number, 8), (self.date, 10), (self.clock, 6), (self.price, 6), (self.address, 8),
                      (self.single, 10), (self.few_words, 10), (self.command, 8)]

    def __call__(self):
        (make, _), = self.rng.choices(self.kinds, [w for _, w in self.kinds])
        return make()

    def word(self, top=20000):
        return self.words[int(len(self.words[:top]) * self.rng.random() ** 2)]

    def spelled(self):
        w = self.word()
        while len(w) < 2 or "'" in w:
            w = self.word()
        parts = [("letters", w)]
        if self.rng.random() < 0.3:
            parts = [("word", w), ("pause",)] + parts
        if self.rng.random() < 0.15:
            parts = [("letters", "".join(self.rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(self.rng.randint(1, 7))))]
        return parts

    def alphanumeric(self):
        out = []
        for _ in range(self.rng.randint(1, 3)):
            out.append(("letters", "".join(self.rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(self.rng.randint(1, 4)))))
            out.append(("word", self.rng.choice([digits(self.rng, self.rng.randint(1, 4)), cardinal(self.rng.randint(10, 999))])))
        return out

    def control(self):
        tail = self.rng.choice([self.alphanumeric, self.single, self.some_number, list])()
        return [("word", self.rng.choice(CONTROL))] + tail

    def digit_string(self):
        n = self.rng.choice([3, 4, 5, 7, 10])
        return [("word", digits(self.rng, k)) if k else ("pause",) for k in ([3, 0, n - 3] if n > 4 else [n])]

    def some_number(self):
        return [("word", self.rng.choice([number(self.rng), number(self.rng) + " " + self.rng.choice(UNITS),
                                          number(self.rng) + " point " + digits(self.rng, self.rng.randint(1, 2))]))]

    def date(self):
        month, day = self.rng.choice(MONTHS), self.rng.randint(1, 31)
        d = self.rng.choice([f"{month} {ordinal(day)}", f"{month} {cardinal(day)}", f"the {ordinal(day)} of {month}"])
        if self.rng.random() < 0.25:
            d = self.rng.choice(DAYS) + " " + d
        return [("word", d + (" " + year(self.rng) if self.rng.random() < 0.6 else ""))]

    def clock(self):
        hour, minute = cardinal(self.rng.randint(1, 12)), self.rng.choice([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
        t = hour + (" o'clock" if minute == 0 else " oh five" if minute == 5 else " " + cardinal(minute))
        t = self.rng.choice([t, t, f"half past {hour}", f"quarter to {hour}", f"ten past {hour}"])
        return [("word", self.rng.choice(["at ", "", "it is ", "wake me up at "]) + t)] + \
            ([("letters", self.rng.choice(["am", "pm"]))] if self.rng.random() < 0.3 else [])

    def price(self):
        p = number(self.rng) + " dollars" + (" and " + cardinal(self.rng.randint(2, 99)) + " cents" if self.rng.random() < 0.5 else "")
        return [("word", self.rng.choice(["it costs ", "", "that is ", "a total of "]) + p)]

    def address(self):
        n = self.rng.choice([cardinal(self.rng.randint(1, 999)), digits(self.rng, self.rng.randint(2, 4))])
        a = f"{n} {self.word()} {self.rng.choice(STREETS)}"
        if self.rng.random() < 0.5:
            a += " " + self.rng.choice(STATES) + (" " + digits(self.rng, 5) if self.rng.random() < 0.5 else "")
        return [("word", a)]

    def single(self):
        return [("word", self.word())]

    def few_words(self):
        return [("word", " ".join(self.word(3000) for _ in range(self.rng.randint(2, 3))))]

    def command(self):
        return [("word", self.rng.choice(COMMANDS))]


def text_of(parts):
    return " ".join(" ".join(p[1]) if p[0] == "letters" else p[1] for p in parts if p[0] != "pause")


def sounds_of(parts, phonemize):
    out = []
    for p in parts:
        if p[0] == "pause":
            out[-1] += ","
        else:
            out.append(" ".join(LETTER_SOUNDS[c] for c in p[1]) if p[0] == "letters" else phonemize(p[1]))
    return " ".join(out)
