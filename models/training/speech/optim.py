"""Muon for the stacked matrices, AdamW for the rest; no synchronisation with the host.

Muon (Jordan et al. 2024): momentum, then five Newton-Schulz steps towards the nearest orthogonal matrix, here for all layers in one
batched product. The update is scaled to the size of an AdamW step (0.2 sqrt(longer side), Liu et al. 2025), so that one rate serves both.
A step whose gradient is not finite changes nothing and is counted on the device.
"""
import torch


def orthogonal(g):
    """(L, r, c) -> nearly orthogonal, by the quintic of Jordan et al., in bfloat16."""
    tall = g.shape[-2] > g.shape[-1]
    x = (g.transpose(-1, -2) if tall else g).bfloat16()
    x = x / (x.float().flatten(1).norm(dim=1).view(-1, 1, 1).bfloat16() + 1e-7)
    for _ in range(5):
        a = x @ x.transpose(-1, -2)
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return x.transpose(-1, -2) if tall else x


class Optimiser:
    def __init__(self, model, weight_decay=0.05, momentum=0.95, betas=(0.9, 0.98), clip=2.0, muon=True, others_rate=0.5):
        named = dict(model.named_parameters())
        self.matrices = [named[k] for k in ("in_proj", "out_proj")] if muon else []
        self.others = [p for p in named.values() if all(p is not q for q in self.matrices)]
        self.shrinking = {id(p) for k, p in named.items() if k.endswith(("proj", "proj_weight", "head_weight", "aux_weight"))}
        self.momentum = [torch.zeros_like(p) for p in self.matrices]
        self.first, self.second = ([torch.zeros_like(p) for p in self.others] for _ in range(2))
        device = self.others[0].device
        self.steps = torch.zeros((), device=device)
        self.skipped = torch.zeros((), device=device)
        self.norm = torch.zeros((), device=device)
        self.others_rate = others_rate if muon else 1.0
        self.mu, self.betas, self.clip, self.decay = momentum, betas, clip, weight_decay

    @torch.no_grad()
    def step(self, rate):
        params = self.matrices + self.others
        grads = [p.grad for p in params]
        self.norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        ok = torch.isfinite(self.norm)
        self.skipped += (~ok).float()
        self.steps += ok.float()
        factor = torch.where(ok, self.clip / torch.clamp(self.norm, min=self.clip), 0.0)
        grads = [torch.where(ok, g * factor, 0.0) for g in grads]
        k, live = len(self.matrices), ok.float()
        for p, m, g in zip(self.matrices, self.momentum, grads[:k]):
            m.lerp_(g, (1 - self.mu) * live)
            update = orthogonal(g.lerp(m, self.mu)).to(p.dtype)
            p.mul_(1 - rate * self.decay * live)
            p.sub_(update * (live * rate * 0.2 * max(p.shape[-2:]) ** 0.5))
        b1, b2 = self.betas
        t, rate = torch.clamp(self.steps, min=1), rate * self.others_rate
        c1, c2 = 1 - torch.pow(b1, t), 1 - torch.pow(b2, t)
        for p, m, v, g in zip(self.others, self.first, self.second, grads[k:]):
            m.lerp_(g, (1 - b1) * live)
            v.lerp_(g * g, (1 - b2) * live)
            if id(p) in self.shrinking:
                p.mul_(1 - rate * self.decay * live)
            p.sub_((m / c1) / ((v / c2).sqrt() + 1e-9) * (rate * live))
        for p in params:
            p.grad = None

    def state(self):
        return {"momentum": self.momentum, "first": self.first, "second": self.second, "steps": self.steps}

    def load(self, state):
        for mine, theirs in ((self.momentum, state["momentum"]), (self.first, state["first"]), (self.second, state["second"])):
            for a, b in zip(mine, theirs):
                a.copy_(b)
        self.steps.copy_(state["steps"])
