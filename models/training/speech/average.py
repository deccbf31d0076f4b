"""Averages checkpoints of one run: (weights of FIRST) * share + (weights of SECOND) * (1 - share), and so on down the list.

    python -m speech.average OUT.pt A.pt=0.6 B.pt=0.4
"""
import sys

import torch


def main():
    out, parts = sys.argv[1], [p.rsplit("=", 1) for p in sys.argv[2:]]
    total, result, base = sum(float(w) for _, w in parts), None, None
    for path, w in parts:
        ck = torch.load(path, map_location="cpu", weights_only=True)
        weights = {k: v.float() * (float(w) / total) for k, v in (ck.get("ema") or ck["model"]).items()}
        result = weights if result is None else {k: result[k] + v for k, v in weights.items()}
        base = base or ck
    torch.save({**{k: base[k] for k in ("config", "vocabulary", "step", "seen_hours")}, "model": result}, out)
    print(f"{out}: {' + '.join('='.join(p) for p in parts)}")


if __name__ == "__main__":
    main()
