"""The model of plugins/music's tests: a few hundred steps of training at a size that means nothing musically, and its golden file.

    python -m music.make_tiny --data DATA --out ../../plugins/music/src/test/resources/io/mambaaudio/music
"""
import argparse
import subprocess
import sys
import tempfile


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--steps", default="120")
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as run:
        small = {"model.d_model": 32, "model.n_layers": 2, "model.d_state": 8, "model.head_dim": 32, "model.hidden": 16, "model.note_hidden": 16, "model.sound_hidden": 16, "batch": 8, "steps": 128,
                 "bf16": False, "muon": False, "fit_clips": 100, "own_from": 2, "start_hours": 0.4, "shards": 4, "rate": 0.004, "warmup_steps": 20}
        sets = [x for k, v in small.items() for x in ("--set", f"{k}={v}")]
        python = [sys.executable, "-m"]
        subprocess.run([*python, "music.train", "music/config.json", "--data", a.data, "--run", run, "--steps", a.steps, "--device", "cpu", *sets],
                       check=True)
        subprocess.run([*python, "music.export", f"{run}/final.pt", f"{a.out}/tiny.safetensors", "--golden", f"{a.out}/tiny-golden.safetensors",
                        "--data", a.data, "--name", "a test's model, no musician"], check=True)


if __name__ == "__main__":
    main()
