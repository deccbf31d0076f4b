"""Trains the speech model on one accelerator; reads new shards while it runs.

    python -m speech.train CONFIG.json --data DIR --run DIR --seconds 1400 [--resume CHECKPOINT.pt] [--eager] [--device cpu]

The rate follows the clock: warm-up, a flat part, then a straight fall over the last part of the time (WSD). The checkpoint from before the
fall is kept (before-decay.pt), so that another session can go on from there. RUN/control.json, if it appears, overrides keys of
the config while training ({"seconds": ..., "weights": {...}}). Augmentation grows with the steps, once the plateau of CTC is behind.
"""
import argparse
import json
import os
import time
from dataclasses import asdict

import numpy as np
import torch
import torch.nn.functional as F

from . import model as models
from .augment import assemble, augment, holes, throats
from .data import Composers, Pool
from .evaluate import transcribe, wer_table
from .frontend import LogMel, samples_of_steps
from .optim import Optimiser
from .teacher import FEATURES, Teacher
from .tokens import Tokens


def ctc(logits, early, b, device, aux_weight):
    """Sum of the CTC losses of both heads, in one call: twice the rows cost the kernel hardly more time."""
    both = torch.cat([logits, early]).log_softmax(-1).transpose(0, 1)
    targets = torch.from_numpy(b["targets"]).to(device, non_blocking=True)
    lengths = torch.from_numpy(np.concatenate([b["target_lengths"]] * 2))
    steps = torch.full((len(lengths),), both.shape[0], dtype=torch.long)
    loss = F.ctc_loss(both, torch.cat([targets, targets]), steps, lengths, blank=0, reduction="none", zero_infinity=True)
    main, aux = loss.chunk(2)
    return main.sum(), aux.sum(), main.sum() + aux_weight * aux.sum(), both[:, :len(main)]


def agreement(log_probs):
    """Two views of one window should say the same at the same step (CR-CTC, Yao et al. 2024): symmetric KL, each way to a fixed target."""
    a, b = log_probs.chunk(2, dim=1)
    kl = (b.detach().exp() * (b.detach() - a)).sum() + (a.detach().exp() * (a.detach() - b)).sum()
    return 0.5 * kl


def lesson(heard, features, delay, twice):
    """Mean squared error of what the student foretells, delay steps later, from the teacher's features (b, 2 * steps, width)."""
    steps = heard.shape[1] - delay
    target = features[:, :2 * steps].flatten(1).unflatten(1, (steps, -1)).float()
    return (heard[:, delay:] - target.repeat(twice, 1, 1)).square().mean()


class Trainer:
    def __init__(self, a, cfg):
        self.a, self.cfg, self.device = a, cfg, a.device
        with open(cfg["vocabulary"], encoding="utf-8") as f:
            self.vocabulary = json.load(f)
        torch.manual_seed(cfg["seed"])
        self.dtype = torch.bfloat16 if cfg["bf16"] else None
        self.teacher = Teacher(a.teacher, self.device, torch.float16 if self.device == "cuda" else torch.float32) if a.teacher else None
        self.config = models.Config(**cfg["model"], vocab=len(self.vocabulary), teach=FEATURES if a.teacher else 0)
        self.model = models.SpeechModel(self.config, seed=cfg["seed"]).to(self.device)
        self.ema = models.SpeechModel(self.config).to(self.device).eval()
        self.mel = LogMel().to(self.device)
        self.model.mean.copy_(torch.tensor(cfg["mean"]))
        self.model.scale.copy_(torch.tensor(cfg["scale"]))
        self.optimiser = Optimiser(self.model, cfg["weight_decay"], clip=cfg["clip"], muon=cfg["muon"])
        self.step, self.seen, self.best = 0, 0.0, float("inf")   # best: least word error of the running average on dev
        if a.resume:
            self.load(a.resume)
        else:
            self.ema.load_state_dict(self.model.state_dict())
        self.dev, self.forbidden = None, ()
        self.read_dev()
        self.pool = Pool(a.data, self.device, cfg["pool_hours"], self.vocabulary, self.forbidden)
        self.composers = Composers(self.pool, cfg["composers"], cfg["seed"])
        self.first_step = self.step             # a resumed run warms up again: its moments start from nothing
        self.totals = torch.zeros(5, device=self.device)
        self.clock = []
        if not a.eager:
            self.compile()
        self.started = time.time()

    def compile(self):
        """Compiles the one block for every shape, before the clock starts; eager if the compiler fails."""
        self.model.block = torch.compile(models.block, dynamic=False)
        self.model.train()
        try:
            for rows, steps, *_ in self.cfg["shapes"]:
                t = time.time()
                audio = 0.1 * torch.randn(rows, samples_of_steps(steps), device=self.device)
                if self.device == "cuda":                       # the Fourier transforms have kernels to compile, too
                    augment(audio, audio > 0, torch.zeros(rows, dtype=torch.long, device=self.device), audio[:6], 1.0)
                if self.teacher:
                    self.teacher(audio)
                sum(y.square().mean() for y in self.model(self.mel(audio), dtype=self.dtype, aux=True) if y is not None).backward()
                self.model.zero_grad(set_to_none=True)
                print(f"compiled for {rows} x {steps} steps in {time.time() - t:.1f} s", flush=True)
        except Exception as e:
            print(f"compile failed, going on eagerly: {e!r:.500}", flush=True)
            self.model.zero_grad(set_to_none=True)
            self.model.block = models.block

    def lap(self, name):
        """With --profile: where the time of a step goes (this waits for the device, so only for a few steps)."""
        if self.a.profile and 60 <= self.step < 80:
            torch.cuda.synchronize()
            self.clock.append((name, time.perf_counter()))
            if self.step == 79 and name == "end":
                spans = {}
                for (_, t0), (n1, t1) in zip(self.clock, self.clock[1:]):
                    spans[n1] = spans.get(n1, 0.0) + (t1 - t0) * 1000 / 20
                print("PROFILE ms a step: " + "  ".join(f"{k} {v:.1f}" for k, v in spans.items()), flush=True)

    # --- checkpoints ---

    def load(self, path):
        ck = torch.load(path, map_location=self.device, weights_only=True)
        for mine, theirs in ((self.model, ck["model"]), (self.ema, ck.get("ema", ck["model"]))):
            own = mine.state_dict()                     # the weights may have had no teacher, or one that is not wanted any more
            mine.load_state_dict({k: theirs[k].float() if k in theirs or not k.startswith("teach") else v for k, v in own.items()})
        if "optimiser" in ck:
            self.optimiser.load(ck["optimiser"])
        self.step, self.seen = ck["step"], ck["seen_hours"]
        print(f"resumed {path}: step {self.step}, {self.seen:.0f} h seen", flush=True)

    def save(self, name, whole=True):
        """Everything that a resumed run needs, or only the running average."""
        path = os.path.join(self.a.run, name)
        state = {"config": asdict(self.config), "vocabulary": self.vocabulary, "step": self.step, "seen_hours": self.seen, "ema": self.ema.state_dict()}
        if whole:
            state.update(model=self.model.state_dict(), optimiser=self.optimiser.state())
        torch.save(state, path + ".part")
        os.rename(path + ".part", path)

    # --- held-out speech ---

    def read_dev(self):
        """held-out.npz (see real.py) in the data directory, when it is there: the dev set and the texts that must not be learnt."""
        path = os.path.join(self.a.data, "held-out.npz")
        if self.dev is not None or not os.path.exists(path):
            return
        z = np.load(path)
        ends = np.cumsum(z["lengths"])
        audio = z["audio"]
        clips = [audio[e - n:e].astype(np.float32) / 32768 for e, n in zip(ends, z["lengths"])]
        self.dev = (clips, [str(t) for t in z["texts"]], [str(s) for s in z["sources"]])
        self.forbidden = [str(t) for t in z["forbidden"]]

    def evaluate(self, model, name):
        self.read_dev()
        self.pool.held_out = frozenset(self.forbidden)
        if self.dev is None:
            return
        t, block = time.time(), model.block
        model.eval()
        model.block = models.block              # other shapes: not worth compiling
        hyps = transcribe(model, self.mel, Tokens(self.vocabulary), self.dev[0], self.device, self.dtype)
        model.train(model is self.model)
        model.block = block
        table = wer_table(self.dev[1], hyps, self.dev[2])
        print(f"DEV {name} step {self.step} " + "  ".join(f"{s} {100 * w / max(n, 1):.1f}" for s, _, n, w in table) +
              f"  ({time.time() - t:.1f} s)", flush=True)
        for i in (len(hyps) // 5, len(hyps) // 2, len(hyps) - 9):
            print(f"    ref {self.dev[1][i]}\n    hyp {hyps[i]}", flush=True)
        _, _, words, wrong = table[-1]
        if model is self.ema and wrong / max(words, 1) < self.best:
            self.best = wrong / max(words, 1)
            self.save("best.pt", whole=False)

    # --- the schedule ---

    def control(self):
        path = os.path.join(self.a.run, "control.json")
        try:
            with open(path) as f:
                self.cfg.update(json.load(f))
            if "until" in self.cfg:                     # unix time, for a machine that goes away
                self.a.seconds = self.cfg["until"] - self.started
        except FileNotFoundError:
            pass
        except ValueError as e:
            print(f"control.json not read: {e}", flush=True)

    def progress(self):
        return (time.time() - self.started) / self.a.seconds

    def rate(self):
        fall = min(1.0, max(0.0, (1 - self.progress()) / self.cfg["decay_share"]))
        warm = min(1.0, (self.step - self.first_step + 1) / self.cfg["warmup_steps"])
        return self.cfg["rate"] * warm * max(fall, 0.01)

    def strength(self):
        """Of the augmentation: grows over augment_steps to the first value of strength, then goes towards the second with time."""
        low, high = self.cfg["augment_steps"]
        return min(1.0, max(0.0, (self.step - low) / (high - low))) * self.along("strength")

    def along(self, key):
        """A value that goes from the first to the last of its two with time."""
        first, last = self.cfg[key]
        return first + (last - first) * min(1.0, max(0.0, self.progress()))

    def plan(self):
        shapes = [s for s in self.cfg["shapes"] if self.step >= s[3]]
        if self.strength() > 0 and self.cfg["agreement"] > 0:
            shapes = [[s[0] // 2, *s[1:]] for s in shapes]           # half the windows, seen twice
        self.composers.plan(self.cfg["weights"], [s[:3] for s in shapes], float(self.strength() > 0), self.cfg["non_speech"])

    # --- one step ---

    def music(self, n, rows):
        """(rows, n) pieces of music at 0 dB, or None while there is none."""
        if not self.pool.tunes:
            return None
        rng, out = np.random.default_rng(self.step), []
        for _ in range(rows):
            offset, length = self.pool.tunes[int(rng.integers(len(self.pool.tunes)))]
            at = offset + int(rng.integers(max(1, length - n)))
            out.append(self.pool.flat[at:at + n].float())
        x = torch.stack(out)
        return x / x.square().mean(1, keepdim=True).sqrt().clamp(min=1.0)

    def train_step(self):
        b = self.composers.next(timeout=300)
        s, twice = self.strength(), 1
        self.lap("batch")
        x, inside = assemble(self.pool.flat, b, self.device)
        features = self.teacher(0.05 * x) if self.teacher else None
        kind = torch.from_numpy(b["kind"]).to(self.device)
        if s > 0 and self.cfg["agreement"] > 0:
            x, inside, kind, twice = x.repeat(2, 1), inside.repeat(2, 1), kind.repeat(2), 2
            b["targets"] = np.concatenate([b["targets"]] * 2)
            b["target_lengths"] = np.concatenate([b["target_lengths"]] * 2)
        self.lap("assemble")
        audio = augment(x, inside, kind, self.music(x.shape[1], 6) if s > 0 else None, s)
        mel = self.mel(audio)
        if s > 0:
            mel = throats(mel, 1.0)
            mel = holes(mel, self.model.mean, s, audio.shape[1] / 16000)
        self.lap("augment")
        logits, early, heard = self.model(mel, dtype=self.dtype, aux=True)
        self.lap("forward")
        main, aux, loss, log_probs = ctc(logits, early, b, self.device, self.cfg["aux_weight"])
        count = len(b["targets"]) + len(b["target_lengths"])
        if twice == 2:
            kl = agreement(log_probs)
            loss = loss + self.cfg["agreement"] * kl
            self.totals[3] += kl.detach() / count
        loss = loss / count
        if self.teacher:
            missed = lesson(heard, features, self.cfg["teach_delay"], twice)
            loss = loss + self.along("teach") * missed
            self.totals[4] += missed.detach()
        self.lap("ctc")
        loss.backward()
        self.lap("backward")
        self.optimiser.step(self.rate())
        with torch.no_grad():
            keep = min(self.cfg["ema"], (1 + self.step) / (20 + self.step))
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.model.parameters()), 1 - keep)
            self.totals[:3] += torch.stack([main.detach() / count, aux.detach() / count, self.optimiser.norm])
        self.lap("end")
        self.step += 1
        self.seen += audio.numel() / 16000 / 3600

    def run(self):
        cfg = self.cfg
        self.pool.poll()
        self.pool.watch()
        self.model.train()
        self.ema.mean.copy_(self.model.mean), self.ema.scale.copy_(self.model.scale)
        last_log = last_save = last_plan = time.time()
        last_step, last_seen, last_dev, decayed = self.step, self.seen, time.time(), False
        self.control()
        self.plan()
        while self.progress() < 1:
            self.train_step()
            now = time.time()
            if self.step <= 3 or now - last_plan > 4:
                self.control()
                self.plan()
                last_plan = now
            if now - last_log > cfg["log_seconds"] or self.step in (1, 2, 5):
                n = max(1, self.step - last_step)
                t = (self.totals / n).tolist()
                self.totals.zero_()
                print(f"{now - self.started:6.0f} s step {self.step:6} loss {t[0]:.3f} aux {t[1]:.3f} kl {t[3]:.3f} teacher {t[4]:.3f} norm {t[2]:.2f} "
                      f"skipped {int(self.optimiser.skipped)} rate {self.rate():.5f} aug {self.strength():.2f} seen {self.seen:.0f} h "
                      f"({(self.seen - last_seen) * 3600 / (now - last_log + 1e-9):.0f}x) {n / (now - last_log + 1e-9):.1f} steps/s pool "
                      f"{self.pool.used / 57.6e6:.1f} h queue {self.composers.out.qsize()}", flush=True)
                last_log, last_step, last_seen = now, self.step, self.seen
            if now - last_dev > cfg["dev_seconds"]:
                self.evaluate(self.ema, "ema")
                print("    pool " + " ".join(f"{k} {v:.2f}" for k, v in sorted(self.pool.hours.items())), flush=True)
                last_dev = time.time()
            if now - last_save > cfg["save_seconds"]:
                self.save("last.pt")
                last_save = now
            if not decayed and self.progress() > 1 - cfg["decay_share"]:
                self.save("before-decay.pt")
                decayed = True
        self.save("final.pt")
        self.evaluate(self.ema, "final ema")
        self.evaluate(self.model, "final raw")
        print(f"END step {self.step} seen {self.seen:.0f} h, skipped {int(self.optimiser.skipped)}, pool "
              f"{json.dumps({k: round(v, 2) for k, v in self.pool.hours.items()})}", flush=True)
        self.pool.stop = True


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("config")
    ap.add_argument("--data", required=True)
    ap.add_argument("--run", required=True)
    ap.add_argument("--seconds", type=float, required=True)
    ap.add_argument("--resume")
    ap.add_argument("--teacher", help="arrays of teacher.py; without it the labels alone teach")
    ap.add_argument("--eager", action="store_true", help="do not compile the block")
    ap.add_argument("--profile", action="store_true")
    ap.add_argument("--device", default="cuda")
    a = ap.parse_args()
    os.makedirs(a.run, exist_ok=True)
    with open(a.config, encoding="utf-8") as f:
        cfg = json.load(f)
    print(f"torch {torch.__version__} {torch.cuda.get_device_name() if a.device == 'cuda' else 'cpu'} seed {cfg['seed']} {json.dumps(cfg)[:1500]}",
          flush=True)
    torch.backends.cuda.matmul.allow_tf32 = True
    Trainer(a, cfg).run()


if __name__ == "__main__":
    main()
