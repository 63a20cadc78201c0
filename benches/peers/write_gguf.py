"""Writes a Llama checkpoint directory (config.json, model.safetensors) as a GGUF file.

`write_gguf.py DIRECTORY OUT.gguf Q8_0|Q4_0`. Needs the packages `gguf` and `numpy`. Matrices whose rows are no multiple
of 32 long stay f32, which the formats demand. The vocabulary is a row of placeholders: no text is encoded.
"""

import json
import pathlib
import struct
import sys

import gguf
import numpy as np

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
OUTSIDE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


def read_safetensors(path):
    data = path.read_bytes()
    (header_len,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + header_len])
    header.pop("__metadata__", None)
    for name, entry in header.items():
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}"
        start, end = (8 + header_len + offset for offset in entry["data_offsets"])
        yield name, np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"])


def gguf_name(name):
    if name in OUTSIDE:
        return OUTSIDE[name]
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def pairs_together(weight, n_head):
    """Rows of query and key from the order of Hugging Face (halves) to that of llama.cpp (pairs)."""
    rows, cols = weight.shape
    return weight.reshape(n_head, 2, rows // n_head // 2, cols).swapaxes(1, 2).reshape(rows, cols)


def write_config(writer, config):
    head_dim = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(config.get("rope_theta") or 10_000.0)
    n_vocab = config["vocab_size"]
    writer.add_vocab_size(n_vocab)
    writer.add_tokenizer_model("llama")
    bytes_of = [f"<0x{byte:02X}>" for byte in range(256)]
    tokens = ["<unk>", "<s>", "</s>", *bytes_of, *(f"t{i}" for i in range(n_vocab))][:n_vocab]
    kind = gguf.TokenType
    types = [kind.UNKNOWN, kind.CONTROL, kind.CONTROL, *[kind.BYTE] * 256, *[kind.NORMAL] * n_vocab][:n_vocab]
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(i) for i in range(n_vocab)])
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def main():
    directory, out, kind = pathlib.Path(sys.argv[1]), sys.argv[2], gguf.GGMLQuantizationType[sys.argv[3]]
    config = json.loads((directory / "config.json").read_text())
    writer = gguf.GGUFWriter(out, "llama")
    write_config(writer, config)
    for name, tensor in read_safetensors(directory / "model.safetensors"):
        if "q_proj" in name:
            tensor = pairs_together(tensor, config["num_attention_heads"])
        if "k_proj" in name:
            tensor = pairs_together(tensor, config["num_key_value_heads"])
        if tensor.ndim == 2 and tensor.shape[1] % 32 == 0:
            writer.add_tensor(gguf_name(name), gguf.quants.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(gguf_name(name), np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main()
