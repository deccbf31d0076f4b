"""Makes src/test/resources/tokenizer: a small byte-level tokenizer and what Hugging Face's tokenizers makes of some texts with it.

    python make_tokenizer.py ../resources/tokenizer        (tokenizers 0.23.3)

The kind is that of EleutherAI/gpt-neox-20b, which the published Mamba models use: NFC, byte-level words, runs of spaces as added tokens.
"""
import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).resolve()
TEXTS = ["", " ", "\n", "Hello world", " Hello,  world!\n\n  It's we'll they'd I'm 'S", "don't can't won't you've",
         "naïve café cafe\u0301 ﬁ", "日本語のテキスト", "emoji 👩‍👩‍👧 🇺🇳", "tabs\t\tand\u00a0nbsp\u3000wide", "x   y    z     w      ",
         "1234567890 ٣٤٥ ½", "<|endoftext|>", "a<|endoftext|>b <|endoftext|>", "public static void main(String[] args) {\n    return;\n}",
         "a" * 300, "\ud7ff\ue000\U0010ffff", "trailing   ", "\r\n\r\n", "__init__ == !!! ...", "\u2028\u0085 x"]


def main(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<|endoftext|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([HERE.read_text(), *TEXTS * 3], trainer)
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(2, 6)])
    tokenizer.save(str(folder / "tokenizer.json"))
    cases = [{"text": t, "tokens": tokenizer.encode(t).ids} for t in TEXTS]
    (folder / "expected.json").write_text(json.dumps(cases, ensure_ascii=True))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    main(target)
