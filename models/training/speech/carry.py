"""Checkpoints in small pieces, for a machine from which only small files come back.

    python -m speech.carry split RUN/final.pt OUT_PREFIX [--what ema|model] [--megabytes 15]      # model: with the optimiser's moments
    python -m speech.carry join CHECKPOINT.pt PREFIX.00 PREFIX.01 ...
"""
import argparse
import io

import torch


def half(x):
    if isinstance(x, dict):
        return {k: half(v) for k, v in x.items()}
    if isinstance(x, list):
        return [half(v) for v in x]
    return x.half() if torch.is_tensor(x) and x.dtype == torch.float32 and x.numel() > 1000 else x


def rows_int8(x):
    """The momentum of a stack of matrices, one scale a row: its direction is what counts."""
    scale = x.abs().amax(-1, keepdim=True).clamp(min=1e-20) / 127
    return torch.round(x / scale).to(torch.int8), scale


def pack(state):
    return {"momentum": [rows_int8(v.float()) for v in state["momentum"]], "steps": state["steps"],
            **{k: [v.bfloat16() for v in state[k]] for k in ("first", "second")}}


def unpack(state):
    return {**state, "momentum": [q.float() * scale for q, scale in state["momentum"]]}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("action", choices=["split", "join"])
    ap.add_argument("first")
    ap.add_argument("rest", nargs="+")
    ap.add_argument("--what", default="ema")
    ap.add_argument("--megabytes", type=float, default=15)
    a = ap.parse_args()
    if a.action == "join":
        with open(a.first, "wb") as f:
            for part in sorted(a.rest):
                with open(part, "rb") as p:
                    f.write(p.read())
        ck = torch.load(a.first, map_location="cpu", weights_only=True)
        if "optimiser" in ck:
            torch.save({**ck, "optimiser": unpack(ck["optimiser"])}, a.first)
        print(f"{a.first}: step {ck['step']}, {ck['seen_hours']:.0f} h seen")
        return
    ck = torch.load(a.first, map_location="cpu", weights_only=True)
    out = {k: ck[k] for k in ("config", "vocabulary", "step", "seen_hours")}
    out["model"] = half(ck[a.what])
    if a.what == "model":
        out["optimiser"] = pack(ck["optimiser"])
    data = io.BytesIO()
    torch.save(out, data)
    data, size = data.getvalue(), int(a.megabytes * 2 ** 20)
    for i in range(0, len(data), size):
        with open(f"{a.rest[0]}.{i // size:02d}", "wb") as f:
            f.write(data[i:i + size])
    print(f"{a.first} {a.what}: {len(data) / 2 ** 20:.1f} MiB in {-(-len(data) // size)} parts, step {ck['step']}")


if __name__ == "__main__":
    main()
