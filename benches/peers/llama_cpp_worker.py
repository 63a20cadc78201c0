"""Measures llama.cpp: loads a GGUF file, then runs as many tokens as each line of input asks for.

`llama_cpp_worker.py MODEL.gguf N_VOCAB N_CTX` prints `ready`, and for each line `n` the CPU seconds of `n` tokens from
position 0.
"""

import ctypes
import sys
import time

import llama_cpp


def load(path, n_ctx):
    # The callback has to outlive this function: llama.cpp keeps calling it.
    global quiet
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
    if not model:
        sys.exit(f"llama.cpp cannot load {path}")
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = n_ctx
    params.n_threads = params.n_threads_batch = 1
    return llama_cpp.llama_init_from_model(model, params)


def seconds(context, n, n_vocab):
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    token = (llama_cpp.llama_token * 1)()
    start = time.process_time()
    for position in range(n):
        token[0] = position * 7919 % n_vocab
        if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(token, 1)) != 0:
            sys.exit("llama_decode failed")
        llama_cpp.llama_get_logits_ith(context, -1)
    return time.process_time() - start


def main():
    path, n_vocab, n_ctx = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    context = load(path, n_ctx)
    print("ready", flush=True)
    for line in sys.stdin:
        print(seconds(context, int(line), n_vocab), flush=True)


main()
