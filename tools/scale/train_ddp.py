"""Trains an egpt checkpoint directory on with PyTorch, on as many processes as torchrun starts.

    torchrun --standalone --nproc_per_node 2 tools/scale/train_ddp.py runs/chat --text train.txt --valid valid.txt \\
        --out runs/chat-on --steps 1000

Reads and writes Hugging Face directories: --out can be opened by egpt, and by this script again.
Text is as for `egpt train`: UTF-8, blank lines between documents. Prints one JSON object per line.
With a GPU per process it uses them (NCCL), else processor cores (gloo).
Needs torch and transformers.
"""

import argparse
import json
import math
import os
import pathlib
import shutil

import torch
import torch.distributed as dist
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch.nn.parallel import DistributedDataParallel
from transformers import AutoModelForCausalLM
from transformers.utils import logging

STATE = "training_state.pt"
SEPARATOR = "<|endoftext|>"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=pathlib.Path, help="checkpoint directory to begin with")
    parser.add_argument("--text", type=pathlib.Path, required=True, help="text to learn from")
    parser.add_argument("--valid", type=pathlib.Path, required=True, help="held-out text")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="directory to write; other than dir")
    parser.add_argument("--steps", type=int, default=1000, help="updates in all")
    parser.add_argument("--stop-after", type=int, help="stop early after this update; --resume goes on")
    parser.add_argument("--resume", action="store_true", help="go on from the state in --out, same settings")
    parser.add_argument("--batch", type=int, default=32, help="windows per update, of all processes together")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="highest rate; a cosine leads to a twentieth")
    parser.add_argument("--warmup", type=float, default=0.02, help="share of the updates before that rate")
    parser.add_argument("--weight-decay", type=float, default=0.1, help="of matrices")
    parser.add_argument("--save-every", type=int, default=500, help="updates between checkpoints")
    parser.add_argument("--seed", type=int, default=1, help="decides the order of the windows")
    args = parser.parse_args()
    if args.dir.resolve() == args.out.resolve():
        parser.error("--out must be another directory than the one to begin with")
    if not args.resume and (args.out / "config.json").exists():
        parser.error(f"{args.out} already holds a model: choose another --out, or --resume")
    return args


def load_tokens(path, tokenizer, separator):
    """The separator before, between and after the documents, as egpt trains; and the bytes that the tokens stand for."""
    documents = [part.strip("\n") for part in path.read_text("utf-8").replace("\r\n", "\n").split("\n\n")]
    documents = [document for document in documents if document]
    ids = []
    for encoding in tokenizer.encode_batch(documents, add_special_tokens=False):
        ids += [separator, *encoding.ids]
    n_bytes = sum(len(document.encode("utf-8")) for document in documents)
    return torch.tensor([*ids, separator]), n_bytes


@torch.no_grad()
def bits_per_byte(model, tokens, n_bytes, context, device, batch=32):
    """As `egpt eval`: windows overlap by half, and each token but the first is scored once."""
    n_targets = len(tokens) - 1
    context = min(context, n_targets)
    windows, scored, start = [], 0, 0
    while scored < n_targets:
        first = min(start, n_targets - context)
        windows.append((first, scored - first))
        scored, start = first + context, start + math.ceil(context / 2)
    model.eval()
    nats = 0.0
    for i in range(0, len(windows), batch):
        group = windows[i : i + batch]
        inputs = torch.stack([tokens[at : at + context] for at, _ in group]).to(device)
        targets = torch.stack([tokens[at + 1 : at + 1 + context] for at, _ in group]).to(device)
        for row, (_, n_known) in enumerate(group):
            targets[row, :n_known] = -100  # scored in the window before
        logits = model(inputs).logits.float()
        nats += F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").item()
    model.train()
    return nats / math.log(2) / n_bytes


def windows_of(step, args, n_windows):
    """The windows of an update: every pass over the text has its own order, the same in every process."""
    per_epoch = n_windows // args.batch
    if per_epoch == 0:
        raise SystemExit(f"the text has {n_windows} windows, a batch needs {args.batch}: add text or lower --batch")
    order = torch.randperm(n_windows, generator=torch.Generator().manual_seed(args.seed + step // per_epoch))
    at = step % per_epoch * args.batch
    return order[at : at + args.batch]


def learning_rate(step, args):
    """Linear warm-up, then half a cosine down to a twentieth."""
    progress = (step + 1) / args.steps
    if progress < args.warmup:
        return args.learning_rate * progress / args.warmup
    cosine = 0.5 * (1 + math.cos(math.pi * (progress - args.warmup) / (1 - args.warmup)))
    return args.learning_rate * (0.05 + 0.95 * cosine)


def save(model, optimizer, step, args):
    """A directory for egpt, and beside it what --resume needs, under its name only when it is whole."""
    args.out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(args.out)
    shutil.copy(args.dir / "tokenizer.json", args.out)
    card = args.dir / "egpt.json"
    if card.exists():
        card = json.loads(card.read_text())
        card["training"] = f"{card['training']}; then {step} updates with PyTorch on {args.text}"
        card["bits_per_byte"] = None
        (args.out / "egpt.json").write_text(json.dumps(card, indent=2))
    temporary = args.out / f"{STATE}.part"
    torch.save({"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, temporary)
    temporary.replace(args.out / STATE)


def main():
    args = arguments()
    logging.disable_progress_bar()
    local, rank, world = (int(os.environ.get(name, default)) for name, default in
                          [("LOCAL_RANK", 0), ("RANK", 0), ("WORLD_SIZE", 1)])
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", local) if gpu else torch.device("cpu")
    if gpu:
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if gpu else "gloo")
    if args.batch % world:
        raise SystemExit(f"--batch {args.batch} cannot be shared by {world} processes: use a multiple")
    say = (lambda **fields: print(json.dumps(fields), flush=True)) if rank == 0 else (lambda **fields: None)

    model = AutoModelForCausalLM.from_pretrained(args.dir, dtype=torch.float32).to(device)
    model.train()
    context = model.config.max_position_embeddings
    tokenizer = Tokenizer.from_file(str(args.dir / "tokenizer.json"))
    separator = tokenizer.token_to_id(SEPARATOR)
    separator = model.config.bos_token_id if separator is None else separator
    tokens, _ = load_tokens(args.text, tokenizer, separator)
    valid, valid_bytes = load_tokens(args.valid, tokenizer, separator)
    n_windows = (len(tokens) - 1) // context

    decays = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decays, "weight_decay": args.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.learning_rate, betas=(0.9, 0.95))
    first = 0
    if args.resume:
        state = torch.load(args.out / STATE, map_location=device, weights_only=True)
        first = state["step"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    parallel = DistributedDataParallel(model, device_ids=[local] if gpu else None) if world > 1 else model

    def measure(step):
        if rank == 0:
            say(step=step, valid_bits_per_byte=bits_per_byte(model, valid, valid_bytes, context, device))

    say(processes=world, device=str(device), parameters=sum(p.numel() for p in model.parameters()), tokens=len(tokens))
    measure(first)
    last = min(args.steps, args.stop_after or args.steps)
    for step in range(first, last):
        mine = windows_of(step, args, n_windows)[rank::world]
        rows = torch.stack([tokens[w * context : (w + 1) * context + 1] for w in mine]).to(device)
        logits = parallel(rows[:, :-1]).logits
        loss = F.cross_entropy(logits.flatten(0, 1).float(), rows[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, args)
        optimizer.step()
        if (step + 1) % max(1, args.steps // 20) == 0:
            say(step=step + 1, train_loss_of_process_0=loss.item())
        if rank == 0 and (step + 1) % args.save_every == 0 and step + 1 < last:
            save(model, optimizer, step + 1, args)
    measure(last)
    if rank == 0:
        save(model, optimizer, last, args)
    if world > 1:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
