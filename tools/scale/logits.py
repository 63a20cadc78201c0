"""Prints the logits that transformers computes for some tokens, as JSON: {"logits": [n][n_vocab]}.

    python tools/scale/logits.py runs/chat 17 4 250
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
with torch.no_grad():
    print(json.dumps({"logits": model(torch.tensor([[int(token) for token in sys.argv[2:]]])).logits[0].tolist()}))
