"""The averaged weights of a checkpoint in half precision, without the optimiser: what is worth carrying home.

    python -m music.half RUN/last.pt OUT.pt
"""
import sys

import torch


def save(ema, config, step, seen_hours, path):
    half = {k: v.half() if v.dtype == torch.float32 and v.numel() > 1000 else v for k, v in ema.items()}
    torch.save({"ema": half, "config": config, "step": step, "seen_hours": seen_hours}, path)


def main():
    ck = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
    save(ck["ema"], ck["config"], ck["step"], ck["seen_hours"], sys.argv[2])


if __name__ == "__main__":
    main()
