"""Keeps of a pack what a model finds plausible, and of several candidate texts (joined by |) the likeliest.

    python -m speech.choose CHECKPOINT.pt --pack DIR --out DIR [--most 1.5]

The measure is the CTC loss a word piece; a wrong text costs several. The model is wrong on unknown readers itself, so the limit is loose: it
is there for tracks with the wrong page and addresses that were read in another way, not for hard voices.
"""
import argparse
import io
import os
import shutil
import tarfile

import numpy as np
import torch
import torch.nn.functional as F

from . import model as models
from .frontend import LogMel
from .tokens import Tokens


@torch.no_grad()
def losses(model, mel, tokens, clip, texts):
    """CTC loss a piece of each text."""
    audio = np.concatenate([clip.astype(np.float32), np.zeros(12800, np.float32)])
    scores = model(mel(torch.from_numpy(audio)[None])).log_softmax(-1).transpose(0, 1)
    out = []
    for text in texts:
        ids = torch.tensor([tokens.encode(text)])
        loss = F.ctc_loss(scores, ids, torch.tensor([len(scores)]), torch.tensor([ids.shape[1]]), reduction="none")
        out.append(float(loss) / max(1, ids.shape[1]))
    return out


def main():
    import soundfile
    ap = argparse.ArgumentParser()
    ap.add_argument("checkpoint")
    ap.add_argument("--pack", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--most", type=float, default=1.5)
    a = ap.parse_args()
    torch.set_num_threads(1)
    ck = torch.load(a.checkpoint, map_location="cpu", weights_only=True)
    model = models.SpeechModel(models.Config(**ck["config"])).eval()
    model.load_state_dict({k: v.float() for k, v in (ck.get("ema") or ck["model"]).items()})
    mel, tokens = LogMel(), Tokens(ck["vocabulary"])
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.pack, "manifest.tsv"), encoding="utf-8") as f:
        head, *rows = [line.rstrip("\n").split("\t") for line in f]
    tars, kept, seconds = {}, [], 0.0
    for row in rows:
        tar = tars.setdefault(row[1], tarfile.open(os.path.join(a.pack, row[1])))
        clip, _ = soundfile.read(io.BytesIO(tar.extractfile(row[0] + ".opus").read()), dtype="float32")
        texts = row[6].split("|")
        costs = losses(model, mel, tokens, clip, texts)
        best = int(np.argmin(costs))
        print(f"{row[0]}\t{costs[best]:.2f}\t{'kept' if costs[best] < a.most else 'left out'}\t{texts[best]}", flush=True)
        if costs[best] < a.most:
            kept.append([*row[:6], texts[best]])
            seconds += len(clip) / 16000
    for shard in tars:
        if os.path.abspath(a.pack) != os.path.abspath(a.out):
            shutil.copy(os.path.join(a.pack, shard), a.out)
    with open(os.path.join(a.out, "manifest.tsv"), "w", encoding="utf-8") as f:
        f.writelines("\t".join(r) + "\n" for r in [head, *kept])
    print(f"kept {len(kept)} of {len(rows)}, {seconds / 3600:.2f} h")


if __name__ == "__main__":
    main()
