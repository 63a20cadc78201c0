"""Tiny random checkpoints made by transformers, and the logits it computes.

    make_hf_checkpoints.py make DIR      writes one checkpoint directory per variant into DIR
    make_hf_checkpoints.py logits DIR    writes logits.json beside the config.json of each
    make_hf_checkpoints.py pack DIR      writes one file per family into DIR, for tests without transformers:
                                         tensors in f16, config.json in the metadata, and the tensor `expected.logits`

logits.json holds {"tokens": [n], "logits": [n][n_vocab]}. Needs torch and transformers.
"""

import json
import pathlib
import sys

import safetensors.torch
import torch
from transformers import (AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, GPTNeoConfig, GPTNeoForCausalLM,
                          LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config,
                          Qwen3ForCausalLM)

TOKENS = [1, 30, 7, 7, 19, 2, 0, 36, 11, 5, 28, 3]
GPT2 = dict(vocab_size=37, n_positions=16, n_embd=24, n_layer=2, n_head=4)
LLAMA = dict(vocab_size=37, max_position_embeddings=16, hidden_size=24, intermediate_size=40,
             num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)


def variants():
    """(name, model, arguments of save_pretrained)"""
    yield "gpt2-tanh-tied", GPT2LMHeadModel(GPT2Config(**GPT2)), {}
    yield "gpt2-erf-untied", GPT2LMHeadModel(GPT2Config(
        **GPT2, activation_function="gelu", n_inner=50, tie_word_embeddings=False)), {}
    yield "gpt2-f16", GPT2LMHeadModel(GPT2Config(**GPT2, activation_function="gelu_pytorch_tanh")).half(), {}
    yield "gpt-neo", GPTNeoForCausalLM(GPTNeoConfig(
        vocab_size=37, max_position_embeddings=20, hidden_size=24, num_layers=2, num_heads=4, intermediate_size=40,
        attention_types=[[["global", "local"], 1]], window_size=12)), {}
    yield "llama-gqa-untied", LlamaForCausalLM(LlamaConfig(**LLAMA)), {}
    yield "llama-mha-tied-bias", LlamaForCausalLM(LlamaConfig(
        **{**LLAMA, "num_key_value_heads": 4}, tie_word_embeddings=True, attention_bias=True, mlp_bias=True)), {}
    yield "llama-attention-bias", LlamaForCausalLM(LlamaConfig(**LLAMA, attention_bias=True)), {}
    yield "llama-head-dim-theta", LlamaForCausalLM(LlamaConfig(
        **LLAMA, head_dim=10, rope_parameters={"rope_type": "default", "rope_theta": 500.0}, rms_norm_eps=1e-5)), {}
    yield "mistral-window", MistralForCausalLM(MistralConfig(**LLAMA, head_dim=6, sliding_window=12)), {}
    yield "qwen2", Qwen2ForCausalLM(Qwen2Config(**LLAMA)), {}
    yield "qwen3", Qwen3ForCausalLM(Qwen3Config(**LLAMA, head_dim=8)), {}
    yield "llama-sharded-bf16", LlamaForCausalLM(LlamaConfig(**LLAMA)).bfloat16(), {"max_shard_size": "8KB"}


# Families whose checkpoints are in the repository: variant of the same name, made smaller.
PACKED = ["gpt2-erf-untied", "gpt-neo", "llama-attention-bias", "mistral-window", "qwen2",
          "qwen3"]


def shaken(model):
    with torch.no_grad():
        for parameter in model.parameters():  # norms and biases too, else they test nothing
            parameter += torch.randn_like(parameter) * 0.3
    return model


def make(out: pathlib.Path):
    torch.manual_seed(1)
    for name, model, arguments in variants():
        shaken(model).save_pretrained(out / name, **arguments)


def pack(out: pathlib.Path):
    out.mkdir(parents=True, exist_ok=True)
    for name, model, _ in variants():
        if name not in PACKED:
            continue
        torch.manual_seed(1)  # adding a variant changes no other file
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        model = shaken(model).half().float().eval()  # as it will be read
        with torch.no_grad():
            expected = model(torch.tensor([TOKENS])).logits[0]
        tied = model.config.tie_word_embeddings
        tensors = {key: value.half().contiguous() for key, value in model.state_dict().items()
                   if not (tied and key == "lm_head.weight")}
        tensors["expected.logits"] = expected.contiguous()
        config = json.dumps(model.config.to_dict() | {"architectures": [type(model).__name__]})
        safetensors.torch.save_file(tensors, out / f"{name}.safetensors", {"config": config})


def logits(out: pathlib.Path):
    for config in sorted(out.glob("*/config.json")):
        model = AutoModelForCausalLM.from_pretrained(config.parent, dtype=torch.float32).eval()
        with torch.no_grad():
            rows = model(torch.tensor([TOKENS])).logits[0].tolist()
        (config.parent / "logits.json").write_text(json.dumps({"tokens": TOKENS, "logits": rows}))


if __name__ == "__main__":
    {"make": make, "logits": logits, "pack": pack}[sys.argv[1]](pathlib.Path(sys.argv[2]))
