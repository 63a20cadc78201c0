"""Training speed of egpt and of PyTorch on the same shapes, in turn, so that a busy machine disturbs both alike.

    cargo build --release -p egpt-core --example train_throughput
    python tools/scale/train_throughput.py [threads] [seconds] [rounds]

f32, AdamW, 16 windows of 128 tokens per update, as the Rust example has them. Prints tokens per CPU-second, the median of the
rounds, and the ratio. Needs torch.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", pathlib.Path(__file__).parents[2] / "target"))
EXAMPLE = TARGET / "release/examples/train_throughput"
CONTEXT, BATCH = 128, 16
# Name, n_vocab, n_layer, n_embd, n_head, n_kv_head, head_dim, n_ff, whether of Llama type.
SHAPES = [
    ("0.29 M, 8 heads of 8", 1024, 4, 64, 8, 8, 8, 256, False),
    ("1.46 M, 4 heads of 32", 2048, 6, 128, 4, 4, 32, 512, False),
    ("5.8 M, 8 heads of 32", 4096, 6, 256, 8, 8, 32, 1024, False),
    ("0.90 M, preset 512KiB", 4096, 4, 112, 4, 1, 32, 224, True),
]


class Block(nn.Module):
    def __init__(self, n_embd, n_head, n_kv_head, head_dim, n_ff, llama):
        super().__init__()
        norm = nn.RMSNorm if llama else nn.LayerNorm
        self.heads, self.llama = (n_head, n_kv_head, head_dim), llama
        self.norms = nn.ModuleList([norm(n_embd), norm(n_embd)])
        self.qkv = nn.Linear(n_embd, (n_head + 2 * n_kv_head) * head_dim, bias=not llama)
        self.out = nn.Linear(n_head * head_dim, n_embd, bias=not llama)
        self.up = nn.Linear(n_embd, 2 * n_ff if llama else n_ff, bias=not llama)
        self.down = nn.Linear(n_ff, n_embd, bias=not llama)

    def forward(self, x, turns):
        batch, length, _ = x.shape
        n_head, n_kv_head, head_dim = self.heads
        qkv = self.qkv(self.norms[0](x)).view(batch, length, -1, head_dim).transpose(1, 2)
        q, k, v = qkv.split([n_head, n_kv_head, n_kv_head], dim=1)
        if self.llama:
            q, k = rotated(q, turns), rotated(k, turns)
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=n_head != n_kv_head)
        x = x + self.out(heads.transpose(1, 2).reshape(batch, length, -1))
        up = self.up(self.norms[1](x))
        if self.llama:
            gate, up = up.chunk(2, dim=-1)
            return x + self.down(F.silu(gate) * up)
        return x + self.down(F.gelu(up, approximate="tanh"))


def rotated(x, turns):
    a, b = x.chunk(2, dim=-1)
    cos, sin = turns
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


class Model(nn.Module):
    def __init__(self, n_vocab, n_layer, n_embd, n_head, n_kv_head, head_dim, n_ff, llama):
        super().__init__()
        self.tokens = nn.Embedding(n_vocab, n_embd)
        self.positions = None if llama else nn.Embedding(CONTEXT, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head, n_kv_head, head_dim, n_ff, llama) for _ in range(n_layer))
        self.norm = (nn.RMSNorm if llama else nn.LayerNorm)(n_embd)
        angles = torch.outer(torch.arange(CONTEXT), 10_000 ** (-torch.arange(0, head_dim, 2) / head_dim))
        self.turns = (angles.cos(), angles.sin())

    def forward(self, tokens):
        x = self.tokens(tokens)
        if self.positions is not None:
            x = x + self.positions.weight
        for block in self.blocks:
            x = block(x, self.turns)
        return self.norm(x) @ self.tokens.weight.T


def pytorch(shape, seconds):
    """Tokens per CPU-second of forward, backward, clipping and AdamW."""
    torch.manual_seed(1)
    model = Model(*shape)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), fused=True)
    tokens = torch.randint(shape[0], (BATCH, CONTEXT + 1))

    def step():
        loss = F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    step()
    start, cpu, n = time.monotonic(), time.process_time(), 0
    while time.monotonic() - start < seconds:
        step()
        n += BATCH * CONTEXT
    return n / (time.process_time() - cpu)


def egpt(index, threads, seconds):
    output = subprocess.run([EXAMPLE, str(threads), str(seconds), str(index)], check=True, capture_output=True, text=True)
    return float(re.search(r"(\d+) tokens per CPU-second", output.stdout)[1])


def main():
    given = [int(argument) for argument in sys.argv[1:]]
    threads, seconds, rounds = given + [1, 5, 5][len(given) :]
    if not EXAMPLE.exists():
        raise SystemExit(f"{EXAMPLE} is missing: cargo build --release -p egpt-core --example train_throughput")
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # one batch over and over has tiny gradients, which processors are slow with
    print(f"PyTorch {torch.__version__}, {threads} threads, tokens per CPU-second, median of {rounds} rounds")
    for index, (name, *shape) in enumerate(SHAPES):
        pairs = [(egpt(index, threads, seconds), pytorch(shape, seconds)) for _ in range(rounds)]
        ours, theirs = (statistics.median(side) for side in zip(*pairs))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{name:<24} egpt {ours:>7.0f}   PyTorch {theirs:>7.0f}   {ratio:.2f} times", flush=True)


if __name__ == "__main__":
    main()
