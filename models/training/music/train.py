"""Trains the music model: one command, on a GPU or (small) on one core.

    python -m music.train music/config.json --data DATA --run RUN --seconds 1500 (or --steps N) [--resume RUN/last.pt] [--set model.d_model=192 ...]

DATA is what music.data writes, possibly still being written. RUN gets last.pt, before-decay.pt, final.pt (weights, running average,
optimiser), and train.log is what this prints. A clip is heard as it is stored but for a random tone curve, a random level, dither, and
noise or the model's own samples in place of some inputs (never in place of what is to be predicted).
"""
import argparse
import ast
import copy
import glob
import json
import os
import signal
import time

import numpy as np
import torch
import torch.nn.functional as F

from speech.optim import Optimiser

from . import half
from .frontend import DITHER, FLOOR, HOP, MELS, STEP, WINDOW, from_bytes
from .model import HORIZONS, LOWEST, PITCHES, Config, MusicModel


def note_steps(table, clips, steps):
    """Notes by step: an onset belongs to the pair that is the first to see it.

    table as music.data writes it -> onset velocities (clips, steps, 88) and whether a note sounds, told one step later, uint8
    """
    clip, on, off, pitch, velocity = table.astype(np.int64).T
    step = lambda s: (s - (WINDOW - HOP - HOP * 3 // 4)) // STEP                     # noqa: E731  the window's end hears little
    on, off = step(on), step(off)
    off = np.maximum(off, on + 1)
    keep = (pitch >= LOWEST) & (pitch < LOWEST + PITCHES) & (on < steps) & (off > 0)
    clip, on, off, pitch, velocity = (x[keep] for x in (clip, on, off, pitch - LOWEST, velocity))
    onset, change = np.zeros((clips, steps, PITCHES), np.uint8), np.zeros((clips, steps + 1, PITCHES), np.int8)
    began = on >= 0
    onset[clip[began], on[began], pitch[began]] = velocity[began]
    np.add.at(change, (clip, np.clip(on + 1, 0, steps), pitch), 1)
    np.add.at(change, (clip, np.clip(off + 1, 0, steps), pitch), -1)
    sound = (change[:, :-1].cumsum(1, dtype=np.int8) > 0).astype(np.uint8)
    return torch.from_numpy(onset), torch.from_numpy(sound)


class Pool:
    """All stored clips, on the device: 0.7 MB a minute of frames and 0.5 MB of notes. Looks for new shards when asked."""

    def __init__(self, folder, tag, limit=None, device="cpu"):
        self.pattern, self.limit, self.device = os.path.join(folder, f"{tag}-*.npz"), limit, device
        self.seen, self.mel, self.onset, self.sound = set(), [], [], []

    def look(self):
        for path in sorted(glob.glob(self.pattern)):
            if path.endswith(".part.npz") or path in self.seen or (self.limit and len(self.seen) >= self.limit):
                continue
            self.seen.add(path)
            with np.load(path) as z:
                mel = torch.from_numpy(z["mel"])
                onset, sound = note_steps(z["notes"], len(mel), mel.shape[1] // 2)
            for held, new in ((self.mel, mel), (self.onset, onset), (self.sound, sound)):
                held.append(new.to(self.device))
        return self

    @property
    def hours(self):
        return sum(m.shape[0] * m.shape[1] for m in self.mel) * HOP / 24000 / 3600

    def batch(self, rng, size, steps):
        """-> stored frames (size, 2 steps, n_mels), onset velocities and sounding notes (size, steps, 88), uint8"""
        rows = []
        for _ in range(size):
            s = int(rng.integers(len(self.mel)))
            c = int(rng.integers(len(self.mel[s])))
            at = int(rng.integers(self.mel[s].shape[1] // 2 - steps + 1))
            rows.append((self.mel[s][c, 2 * at:2 * (at + steps)], self.onset[s][c, at:at + steps], self.sound[s][c, at:at + steps]))
        return [torch.stack(x) for x in zip(*rows)]


def spoil(mel, rng, device):
    """A smooth tone curve and a level for each clip, with the floor kept. mel (b, frames, MELS)"""
    b = len(mel)
    knots = torch.from_numpy(rng.standard_normal((b, 1, 8)).astype(np.float32)) * 0.8
    curve = F.interpolate(knots, size=MELS, mode="linear", align_corners=True)
    level = torch.from_numpy(rng.uniform(-2.5, 1.5, (b, 1, 1)).astype(np.float32))
    return torch.clamp(mel + (curve + level).to(device), min=FLOOR)


class Trainer:
    def __init__(self, a, cfg):
        self.a, self.cfg = a, cfg
        self.device = torch.device(a.device)
        self.rng = np.random.default_rng(cfg["seed"])
        self.gen = torch.Generator(self.device).manual_seed(cfg["seed"])
        self.model = MusicModel(Config(**cfg["model"]), cfg["seed"]).to(self.device)
        self.ema = copy.deepcopy(self.model).eval()
        self.dtype = torch.bfloat16 if cfg["bf16"] else None
        if a.compile:
            self.warm()
        self.pool = Pool(a.data, "train", cfg.get("shards"), self.device).look()
        while self.pool.hours < cfg["start_hours"]:
            time.sleep(1)
            self.pool.look()
        self.held = Pool(a.data, "held", device=self.device).look()
        while not self.held.mel:
            time.sleep(1)
            self.held.look()
        self.optimiser = Optimiser(self.model, weight_decay=cfg["weight_decay"], clip=cfg["clip"], muon=cfg["muon"])
        self.step, self.seen, self.started, self.sums = 0, 0.0, time.time(), torch.zeros(5, device=self.device)
        self.begun, self.weights = self.started, torch.tensor([1.0, *(cfg[k] for k in ("next_weight", "notes_weight", "future_weight"))], device=self.device)
        if a.resume:
            self.load(a.resume)
        elif a.begin_from:
            self.begin_from(a.begin_from)
        else:
            mel = from_bytes(self.pool.batch(self.rng, cfg["fit_clips"], self.pool.mel[0].shape[1] // 2)[0])
            ar = self.model.fit_base(spoil(mel, self.rng, self.device), self.gen)
            print(f"linear prediction alone: {-ar * 15 / 16:.2f} nats per 20 ms of training frames", flush=True)
        self.ema.load_state_dict(self.loaded_ema if a.resume and self.loaded_ema else self.model.state_dict())
        self.first = self.step

    def warm(self):
        """Compiles what the steps need, before there is anything to hear; goes on without if that fails."""
        c, since, plain = self.cfg, time.time(), self.model.block

        def too_long(*_):
            raise TimeoutError(f"the compiler took more than {self.a.compile} s")
        signal.signal(signal.SIGALRM, too_long)
        mel = torch.rand(c["batch"], 2 * c["steps"], MELS, device=self.device, generator=self.gen)
        notes = torch.zeros(c["batch"], c["steps"], PITCHES, dtype=torch.uint8, device=self.device)
        known = torch.ones(c["batch"], 1, 1, device=self.device)
        for compiled in (True, False):
            signal.alarm(self.a.compile if compiled else 0)                          # a compiler that hangs costs no more than this
            if compiled:
                self.model.block = torch.compile(plain)
                self.density = torch.compile(MusicModel.log_density)
            else:
                self.model.block, self.density = plain, MusicModel.log_density
            try:
                self.model.train()
                sum(self.losses(self.model, mel, mel, notes, notes, known)).backward()
                self.own(mel, notes, known)
                break
            except Exception as e:                                                   # noqa: BLE001
                print(f"compiled={compiled}: {type(e).__name__}: {str(e)[:2000]}", flush=True)
                if not compiled:
                    raise
        signal.alarm(0)
        for p in self.model.parameters():
            p.grad = None
        print(f"compiled={compiled} in {time.time() - since:.0f} s", flush=True)

    def begin_from(self, path):
        """Takes what fits from another model's averaged weights; of its head, the rows that mean the same."""
        theirs, taken = torch.load(path, map_location=self.device, weights_only=True)["ema"], 0
        for name, mine in self.model.state_dict().items():
            their = theirs.get(name)
            if their is not None and mine.dim() and their.shape[1:] == mine.shape[1:] and (name.startswith("head") or their.shape == mine.shape):
                rows = min(len(mine), len(their))
                mine[:rows].copy_(their[:rows])
                taken += 1
            elif their is not None and mine.shape == their.shape:
                mine.copy_(their)
                taken += 1
        print(f"began from {taken} tensors of {path}", flush=True)

    def load(self, path):
        ck = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict({k: v.float() for k, v in ck["model"].items()})
        self.loaded_ema = {k: v.float() for k, v in ck["ema"].items()} if "ema" in ck else None
        if "optimiser" in ck:
            self.optimiser.load(ck["optimiser"])
        self.step, self.seen, self.begun = ck["step"], ck["seen_hours"], ck.get("begun", self.begun)

    def save(self, name):
        path = os.path.join(self.a.run, name)
        torch.save({"model": self.model.state_dict(), "ema": self.ema.state_dict(), "optimiser": self.optimiser.state(),
                    "config": self.cfg["model"], "step": self.step, "seen_hours": self.seen, "begun": self.begun}, path + ".part")
        os.rename(path + ".part", path)

    def progress(self):
        if self.a.steps:
            return (self.step - self.first) / self.a.steps
        end = self.a.until or self.begun + self.a.seconds
        return (time.time() - self.begun) / (end - self.begun)

    def rate(self):
        p = self.progress()
        warm = min(1.0, (self.step - self.first + 1) / self.cfg["warmup_steps"])
        return self.cfg["rate"] * warm * min(1.0, max(0.0, (1 - p) / self.cfg["decay_share"]))

    def inputs(self, mel, notes, known):
        """What the model hears: the truth; or with noise; or its own next pairs here and there."""
        x = mel
        b = len(mel)
        level = self.cfg["noise"] * torch.rand(b, 1, 1, generator=self.gen, device=self.device)
        level = level * (torch.rand(b, 1, 1, generator=self.gen, device=self.device) < 0.5)
        x = x + level * torch.randn(x.shape, generator=self.gen, device=self.device)
        share = self.cfg["own"] * min(1.0, max(0.0, self.progress() - self.cfg["own_from"]) / 0.2)
        if share > 0 and self.rng.random() < self.cfg["own_steps"]:
            for _ in range(self.cfg["own_passes"]):                                  # again: its own after its own
                own = self.own(x, notes, known)
                chosen = torch.rand(b, x.shape[1] // 2, 1, generator=self.gen, device=self.device) < share
                chosen[:, :2] = False
                x = torch.where(chosen.repeat_interleave(2, 1), own, x)
        return torch.clamp(x, FLOOR - 0.5, 18)

    @torch.no_grad()
    def own(self, mel, notes, known):
        """Each pair as the model would have sampled it, from what came before it and the notes that begin."""
        model, begin = self.model, (notes > 0).float()
        features = model.features(model(mel, self.dtype)[:, 1:-1], begin[:, 2:], begin[:, 1:-1], known.expand(-1, mel.shape[1] // 2 - 2, 1))
        z = model.sample_z(features, generator=self.gen)
        pair = model.from_z(z, model.base(mel)[:, :-1])
        return torch.clamp(torch.cat([mel[:, :4], pair.unflatten(-1, (2, MELS)).flatten(1, 2)], 1), FLOOR - 0.5, 18)

    density = staticmethod(MusicModel.log_density)

    def losses(self, model, mel, heard, velocity, sound, known):
        """-> nats a pair of the sound; of the notes that begin in it; of the notes in the pair before, heard; of pitches to come.

        mel and heard (b, 2 T, MELS), velocity and sound as Pool gives them, known (b, 1, 1)
        """
        rows = model(heard, self.dtype)
        known = known.expand(-1, rows.shape[1] - 2, 1)
        onset, sound, velocity = (velocity > 0).float(), sound.float(), velocity / 127
        r, begin, before, earlier = rows[:, 1:-1], onset[:, 2:], onset[:, 1:-1], onset[:, :-2]
        pairs = mel.unflatten(1, (-1, 2)).flatten(-2)
        z = model.to_z(pairs[:, 2:], model.base(heard)[:, :-1])
        some = slice(None)
        if model.training and self.cfg["sound_share"] < 1:                           # where time is short: notes are told of every step
            steps = z.shape[1]
            some = torch.randperm(steps, generator=self.gen, device=z.device)[:max(1, round(self.cfg["sound_share"] * steps))]
        density = self.density if model is self.model else MusicModel.log_density
        nats = -density(model, model.features(r[:, some], begin[:, some], before[:, some], known[:, some]), z[:, some])
        after = model.note_nats(r, begin, before, earlier, known)
        a, s, v = (x[:, 1:-1] for x in model.notes(rows))
        heard_notes = (F.binary_cross_entropy_with_logits(a, earlier, weight=1 + 4 * earlier, reduction="none").sum(-1)
                       + F.binary_cross_entropy_with_logits(s, sound[:, 1:-1], reduction="none").sum(-1)
                       + (earlier * (torch.sigmoid(v) - velocity[:, :-2]).square()).sum(-1) * 10)
        future, total = rows.new_zeros(()), onset.cumsum(1)
        for i, n in enumerate(HORIZONS):
            if n < rows.shape[1] - 1:
                come = (total[:, n + 1:] - total[:, 1:-n] > 0).float()
                future = future + F.binary_cross_entropy_with_logits(model.future(rows[:, 1:-n])[..., i, :], come, reduction="none").sum(-1).mean()
        return nats.mean(), after.mean(), heard_notes.mean(), future

    def train_step(self):
        c = self.cfg
        mel, velocity, sound = self.pool.batch(self.rng, c["batch"], c["steps"])
        mel = spoil(from_bytes(mel), self.rng, self.device)
        mel = mel + DITHER * torch.randn(mel.shape, generator=self.gen, device=self.device)
        self.model.train()
        known = (torch.rand(len(mel), 1, 1, generator=self.gen, device=self.device) < c["known"]).float()
        parts = torch.stack(self.losses(self.model, mel, self.inputs(mel, velocity, known), velocity, sound, known))
        ((parts * self.weights).sum() / c["scale"]).backward()
        self.optimiser.step(self.rate())
        self.step += 1
        self.seen += c["batch"] * c["steps"] * STEP / 24000 / 3600
        keep = min(c["ema"], 1 - 10 / (self.step - self.first + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.model.parameters()), 1 - keep)
        self.sums += torch.cat([parts.detach(), self.optimiser.norm[None]])

    @torch.no_grad()
    def evaluate(self, what, batches=6):
        rng = np.random.default_rng(0)
        gen = torch.Generator(self.device).manual_seed(0)
        total = torch.zeros(2, 4, device=self.device)
        for _ in range(batches):
            mel, velocity, sound = self.held.batch(rng, 8, min(512, self.held.mel[0].shape[1] // 2))
            mel = from_bytes(mel)
            mel = mel + DITHER * torch.randn(mel.shape, generator=gen, device=self.device)
            for told in (0, 1):
                known = torch.full((len(mel), 1, 1), float(told), device=self.device)
                total[told] += torch.stack(self.losses(self.ema, mel, mel, velocity, sound, known)) / batches
        alone, told = total.tolist()
        print(f"    held out, {what}: {alone[0] * 15 / 16:.2f} nats per 20 ms, {told[0] * 15 / 16:.2f} knowing its notes; next notes {told[1] * 15 / 16:.3f}, "
              f"heard notes {told[2]:.2f}, pitches to come {told[3]:.2f}", flush=True)

    def run(self):
        self.sums.zero_()
        last_log = last_held = last_save = last_look = time.time()
        logged, decayed = self.step, False
        while self.progress() < 1 and not os.path.exists(os.path.join(self.a.run, "STOP")):
            self.train_step()
            now = time.time()
            if now - last_log > self.cfg["log_seconds"]:
                n, s = self.step - logged, (self.sums / (self.step - logged)).tolist()
                print(f"{now - self.started:6.0f} s step {self.step:6} {s[0] * 15 / 16:7.2f} nats per 20 ms, next notes {s[1] * 15 / 16:.3f}, "
                      f"heard {s[2]:.2f}, to come {s[3]:.2f}, norm {s[4]:.2f} "
                      f"skipped {int(self.optimiser.skipped)} rate {self.rate():.5f} seen {self.seen:.1f} h of {self.pool.hours:.1f} "
                      f"{n / (now - last_log):.2f} steps/s", flush=True)
                self.sums.zero_()
                last_log, logged = now, self.step
            if now - last_held > self.cfg["held_seconds"]:
                self.evaluate("average")
                last_held = time.time()
            if now - last_look > 10:
                self.pool.look()
                last_look = now
            if now - last_save > self.cfg["save_seconds"]:
                self.save("last.pt")
                last_save = now
            if not decayed and self.progress() > 1 - self.cfg["decay_share"]:
                self.save("before-decay.pt")
                decayed = True
        self.save("final.pt")
        half.save(self.ema.state_dict(), self.cfg["model"], self.step, self.seen, os.path.join(self.a.run, "final-half.pt"))
        self.evaluate("final average", 12)
        print(f"END step {self.step} seen {self.seen:.1f} h, pool {self.pool.hours:.1f} h", flush=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("config")
    ap.add_argument("--data", required=True)
    ap.add_argument("--run", required=True)
    ap.add_argument("--seconds", type=float, default=1500)
    ap.add_argument("--until", type=float, default=0, help="end at this time of the clock instead")
    ap.add_argument("--steps", type=int, help="so many steps instead")
    ap.add_argument("--resume")
    ap.add_argument("--begin-from", help="weights of another model, as far as they fit; its linear prediction, too")
    ap.add_argument("--compile", type=int, default=0, metavar="SECONDS", help="compile for so long at most, then go on without; 0 does not try")
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--set", action="append", default=[], help="key=value or model.key=value")
    a = ap.parse_args()
    os.makedirs(a.run, exist_ok=True)
    with open(a.config, encoding="utf-8") as f:
        cfg = json.load(f)
    for item in a.set:
        key, value = item.split("=", 1)
        where = cfg["model"] if key.startswith("model.") else cfg
        where[key.removeprefix("model.")] = ast.literal_eval(value)
    print(f"torch {torch.__version__} {a.device} {json.dumps(cfg)}", flush=True)
    Trainer(a, cfg).run()


if __name__ == "__main__":
    main()
