"""A training step of 4 Mamba-1 layers (d_model 256, batch 8, 512 tokens) in PyTorch on the CPU, float32, with the reference scan: exp(dt A) and
dt B x for all steps at once, then a loop over time, as state-spaces/mamba does it where its CUDA kernel cannot
run, but with unbind in place of an index in the loop, whose backward pass would take time that grows with the square of the length.

    python torch_train.py [THREADS] [STEPS]      prints the median and the least milliseconds of a step
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, d, n=16, k=4):
        super().__init__()
        self.norm = nn.Parameter(torch.ones(d))
        self.in_proj = nn.Linear(d, 4 * d, bias=False)
        self.conv = nn.Conv1d(2 * d, 2 * d, k, groups=2 * d, padding=k - 1)
        self.rank, self.n = d // 16, n
        self.x_proj = nn.Linear(2 * d, self.rank + 2 * n, bias=False)
        self.dt_proj = nn.Linear(self.rank, 2 * d)
        self.a_log = nn.Parameter(torch.log(torch.arange(1, n + 1).float()).repeat(2 * d, 1))
        self.d = nn.Parameter(torch.ones(2 * d))
        self.out_proj = nn.Linear(2 * d, d, bias=False)

    def forward(self, u):
        v = self.norm * u * torch.rsqrt(u.pow(2).mean(-1, keepdim=True) + 1e-5)
        x, z = self.in_proj(v).chunk(2, -1)
        x = F.silu(self.conv(x.transpose(1, 2))[..., :u.shape[1]].transpose(1, 2))
        dt, b, c = self.x_proj(x).split([self.rank, self.n, self.n], -1)
        dt = F.softplus(self.dt_proj(dt))
        decay = torch.exp(dt[..., None] * -torch.exp(self.a_log))
        push = (dt * x)[..., None] * b[:, :, None, :]
        h = torch.zeros_like(decay[:, 0])
        ys = []
        for decay_t, push_t, c_t in zip(decay.unbind(1), push.unbind(1), c.unbind(1)):
            h = decay_t * h + push_t
            ys.append(torch.einsum("bdn,bn->bd", h, c_t))
        return u + self.out_proj((torch.stack(ys, 1) + self.d * x) * F.silu(z))


def main(threads=2, steps=5, d=256, layers=4, vocab=256, batch=8, length=512):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    embedding = nn.Embedding(vocab, d)
    model = nn.Sequential(embedding, *[Block(d) for _ in range(layers)], nn.RMSNorm(d))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
    tokens, targets = torch.randint(0, vocab, (2, batch, length))
    times = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        logits = model(tokens) @ embedding.weight.T
        F.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        times.append(1000 * (time.perf_counter() - start))
    times = sorted(times[1:])
    print(f"pytorch {torch.__version__} {threads} threads: median {times[len(times) // 2]:.0f} ms, least {times[0]:.0f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
