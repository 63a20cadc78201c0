//! Random checkpoints of every family, as other tools write them: imported they are the model that was written, and
//! exported they compute it.
//!
//! Names and layouts of the files stand here once more, so that they do not come from the code that reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::export::{blob_of, weights_of};
use egpt_core::import::hf::{self, HfOptions};
use egpt_core::reference::Reference;
use egpt_core::session_memory::SessionMemory;
use egpt_core::tokenizer::{TrainSettings, train};
use egpt_core::weights::Weights;
use embedded_gpt::config::{Config, Mlp, Shape};
use embedded_gpt::format::tensor::{Format, Role, TensorSpec};
use embedded_gpt::{Logits, TokenId};
use half::{bf16, f16};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

const FAMILIES: [&str; 6] = ["gpt2", "gpt_neo", "llama", "mistral", "qwen2", "qwen3"];
const N_CTX: usize = 12;

/// Name, sizes and values of a tensor in a file.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

struct Foreign {
    /// The model that the files hold.
    weights: Weights,
    family: &'static str,
    dtype: Dtype,
}

impl Foreign {
    fn random(family: &'static str, n_vocab: usize, rng: &mut ChaCha8Rng) -> Self {
        let learned = family.starts_with("gpt");
        // Queries of GPT-Neo are multiplied by the root of this: exact if it is a power of two.
        let head_dim = if family == "gpt_neo" { 4 } else { 2 * rng.random_range(1..9) };
        let n_kv_head = rng.random_range(1..4);
        let n_head = n_kv_head * if learned { 1 } else { rng.random_range(1..4) };
        let other_width = !learned && rng.random_bool(0.5);
        let n_embd = if other_width { rng.random_range(5..50) } else { n_head * head_dim };
        let n_vocab = n_vocab + *[0, 0, 3].choose(rng).unwrap();
        let shape = Shape { n_vocab, n_ctx: N_CTX, n_layer: rng.random_range(1..4), n_head, n_embd };
        let config = if learned { Config::gpt2(shape) } else { Config::llama(shape) }.with(|c| {
            (c.n_kv_head, c.head_dim, c.n_ff) = (n_kv_head, head_dim, rng.random_range(1..70));
            c.tied = rng.random_bool(0.5);
            c.norm_eps = *[1e-5, 1e-6, 1e-3].choose(rng).unwrap();
            if learned {
                c.mlp = *[Mlp::Gelu, Mlp::GeluTanh].choose(rng).unwrap();
            } else {
                c.rope_theta = *[1e4, 5e5, 300.0].choose(rng).unwrap();
                c.bias = family == "qwen2" || family == "llama" && rng.random_bool(0.5);
                c.qk_norm = family == "qwen3";
            }
        });
        let dtype = *[Dtype::F32, Dtype::F16, Dtype::BF16].choose(rng).unwrap();
        let mut weights = Weights::random(config, rng.random());
        for spec in config.tensors() {
            let is_missing = is_zero(family, spec.role);
            let round = |x: f32| if is_missing { 0.0 } else { of_bytes(dtype, &bytes(dtype, x)) };
            weights.tensor_mut(&spec).unwrap().iter_mut().for_each(|x| *x = round(*x));
        }
        Self { weights, family, dtype }
    }

    fn config_json(&self, rng: &mut ChaCha8Rng) -> Value {
        let Config { n_vocab, n_ctx, n_layer, n_head, n_kv_head, head_dim, n_embd, n_ff, .. } = self.weights.config;
        let Config { norm_eps, rope_theta, tied, bias, mlp, .. } = self.weights.config;
        let activation = if mlp == Mlp::Gelu { "gelu" } else { "gelu_new" };
        let mut json = match self.family {
            "gpt2" => json!({
                "vocab_size": n_vocab, "n_positions": n_ctx, "n_ctx": n_ctx, "n_embd": n_embd, "n_layer": n_layer,
                "n_head": n_head, "n_inner": n_ff, "layer_norm_epsilon": norm_eps, "activation_function": activation,
                "attn_pdrop": 0.1, "summary_type": "cls_index",
            }),
            "gpt_neo" => json!({
                "vocab_size": n_vocab, "max_position_embeddings": n_ctx, "hidden_size": n_embd, "num_layers": n_layer,
                "num_heads": n_head, "intermediate_size": n_ff, "layer_norm_epsilon": norm_eps,
                "activation_function": activation, "attention_types": [[["global"], n_layer]], "resid_dropout": 0,
            }),
            _ => json!({
                "vocab_size": n_vocab, "max_position_embeddings": n_ctx, "hidden_size": n_embd,
                "num_hidden_layers": n_layer, "num_attention_heads": n_head, "num_key_value_heads": n_kv_head,
                "head_dim": head_dim, "intermediate_size": n_ff, "rms_norm_eps": norm_eps, "hidden_act": "silu",
                "sliding_window": null, "initializer_range": 0.02,
            }),
        };
        if !self.family.starts_with("gpt") {
            match rng.random_range(0..3) {
                0 => json["rope_theta"] = json!(rope_theta),
                1 => json["rope_scaling"] = json!({ "rope_theta": rope_theta, "rope_type": "default" }),
                _ => json["rope_parameters"] = json!({ "rope_theta": rope_theta, "rope_type": "default" }),
            }
        }
        if self.family == "llama" {
            (json["attention_bias"], json["mlp_bias"]) = (json!(bias), json!(bias));
        }
        json["model_type"] = json!(self.family);
        json["tie_word_embeddings"] = json!(tied);
        json["eos_token_id"] = json!(0);
        json
    }

    fn tensors(&self, has_prefix: bool) -> Tensors {
        let mut tensors = Tensors::new();
        for spec in self.weights.config.tensors().filter(|spec| !is_zero(self.family, spec.role)) {
            let values = self.weights.tensor(&spec).unwrap();
            let sizes = if spec.role.is_matrix() { vec![spec.rows, spec.cols] } else { vec![spec.cols] };
            let name = name(self.family, spec.role);
            let name =
                if has_prefix || spec.role == Role::Head { name } else { name.split_once('.').unwrap().1.into() };
            let name = name.replace("{}", &spec.layer.to_string());
            if self.family == "gpt2" && name.contains("h.") && spec.role.is_matrix() {
                put_transposed(&mut tensors, name, &spec, values);
            } else if name.contains("c_attn.bias") {
                let (sizes, all) = tensors.entry(name).or_insert((vec![0], Vec::new()));
                all.extend(values);
                sizes[0] = all.len();
            } else if self.family == "gpt_neo" && spec.role == Role::Query {
                tensors.insert(name, (sizes, values.iter().map(|x| x / 2.0).collect()));
            } else {
                tensors.insert(name, (sizes, values.to_vec()));
            }
        }
        tensors
    }

    /// Writes one file, or two with an index and stale copies in the second.
    fn write(&self, dir: &Path, rng: &mut ChaCha8Rng) {
        fs::write(dir.join("config.json"), self.config_json(rng).to_string()).unwrap();
        let tensors = self.tensors(rng.random_bool(0.7));
        let save = |file: &str, tensors: &Tensors| {
            let data: Vec<(&String, &Vec<usize>, Vec<u8>)> = tensors
                .iter()
                .map(|(name, (sizes, values))| {
                    (name, sizes, values.iter().flat_map(|&x| bytes(self.dtype, x)).collect())
                })
                .collect();
            let views = data.iter().map(|(name, sizes, data)| {
                (name.as_str(), TensorView::new(self.dtype, (*sizes).clone(), data).unwrap())
            });
            fs::write(dir.join(file), safetensors::serialize(views, None).unwrap()).unwrap();
        };
        if rng.random_bool(0.5) {
            return save("model.safetensors", &tensors);
        }
        let is_in_a = |at: usize| !at.is_multiple_of(3);
        let shard = |is_stale: &dyn Fn(usize) -> bool| {
            let change = |at: usize, x: f32| if is_stale(at) { x + 1.0 } else { x };
            let tensors = tensors.iter().enumerate().map(|(at, (name, (sizes, values)))| {
                (name.clone(), (sizes.clone(), values.iter().map(|&x| change(at, x)).collect()))
            });
            tensors.collect::<Tensors>()
        };
        save("a.safetensors", &shard(&|at| !is_in_a(at)));
        save("b.safetensors", &shard(&is_in_a));
        let file = |at| json!(if is_in_a(at) { "a.safetensors" } else { "b.safetensors" });
        let index: serde_json::Map<String, Value> =
            tensors.keys().enumerate().map(|(at, name)| (name.clone(), file(at))).collect();
        let index = json!({ "metadata": {}, "weight_map": index });
        fs::write(dir.join("model.safetensors.index.json"), index.to_string()).unwrap();
    }
}

/// Whether a family has no such tensor although the model here has one, which is zero then.
fn is_zero(family: &str, role: Role) -> bool {
    match family {
        "gpt_neo" => matches!(role, Role::QueryBias | Role::KeyBias | Role::ValueBias),
        "qwen2" => matches!(role, Role::AttnOutBias | Role::GateBias | Role::UpBias | Role::DownBias),
        _ => false,
    }
}

/// A matrix of `Conv1D`, which is stored the other way round; query, key and value are side by side.
fn put_transposed(tensors: &mut Tensors, name: String, spec: &TensorSpec, values: &[f32]) {
    let TensorSpec { rows, cols, .. } = *spec;
    let (first_row, all_rows) = match spec.role {
        Role::Query => (0, 3 * rows),
        Role::Key => (rows, 3 * rows),
        Role::Value => (2 * rows, 3 * rows),
        _ => (0, rows),
    };
    let (_, all) = tensors.entry(name).or_insert((vec![cols, all_rows], vec![0.0; cols * all_rows]));
    for (at, value) in values.iter().enumerate() {
        all[at % cols * all_rows + first_row + at / cols] = *value;
    }
}

fn name(family: &str, role: Role) -> String {
    let llama = !family.starts_with("gpt");
    let part = format!("{role:?}");
    let end = if part.ends_with("Bias") { "bias" } else { "weight" };
    let part = part.strip_suffix("Bias").or(part.strip_suffix("Gain")).unwrap_or(&part);
    let name = match (part, llama, family) {
        ("Head", ..) => return "lm_head.weight".to_owned(),
        ("TokenEmbedding", true, _) => "model.embed_tokens",
        ("AttnNorm", true, _) => "model.layers.{}.input_layernorm",
        ("Query", true, _) => "model.layers.{}.self_attn.q_proj",
        ("Key", true, _) => "model.layers.{}.self_attn.k_proj",
        ("Value", true, _) => "model.layers.{}.self_attn.v_proj",
        ("QueryNorm", true, _) => "model.layers.{}.self_attn.q_norm",
        ("KeyNorm", true, _) => "model.layers.{}.self_attn.k_norm",
        ("AttnOut", true, _) => "model.layers.{}.self_attn.o_proj",
        ("MlpNorm", true, _) => "model.layers.{}.post_attention_layernorm",
        ("Gate", true, _) => "model.layers.{}.mlp.gate_proj",
        ("Up", true, _) => "model.layers.{}.mlp.up_proj",
        ("Down", true, _) => "model.layers.{}.mlp.down_proj",
        ("FinalNorm", true, _) => "model.norm",
        ("TokenEmbedding", ..) => "transformer.wte",
        ("PositionEmbedding", ..) => "transformer.wpe",
        ("AttnNorm", ..) => "transformer.h.{}.ln_1",
        ("Query" | "Key" | "Value", _, "gpt2") => "transformer.h.{}.attn.c_attn",
        ("AttnOut", _, "gpt2") => "transformer.h.{}.attn.c_proj",
        ("Query", ..) => "transformer.h.{}.attn.attention.q_proj",
        ("Key", ..) => "transformer.h.{}.attn.attention.k_proj",
        ("Value", ..) => "transformer.h.{}.attn.attention.v_proj",
        ("AttnOut", ..) => "transformer.h.{}.attn.attention.out_proj",
        ("MlpNorm", ..) => "transformer.h.{}.ln_2",
        ("Up", ..) => "transformer.h.{}.mlp.c_fc",
        ("Down", ..) => "transformer.h.{}.mlp.c_proj",
        ("FinalNorm", ..) => "transformer.ln_f",
        other => panic!("{other:?} has no name"),
    };
    format!("{name}.{end}")
}

fn bytes(dtype: Dtype, x: f32) -> Vec<u8> {
    match dtype {
        Dtype::F16 => f16::from_f32(x).to_le_bytes().to_vec(),
        Dtype::BF16 => bf16::from_f32(x).to_le_bytes().to_vec(),
        _ => x.to_le_bytes().to_vec(),
    }
}

fn of_bytes(dtype: Dtype, bytes: &[u8]) -> f32 {
    match (dtype, bytes) {
        (Dtype::F16, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
        (Dtype::BF16, &[a, b]) => bf16::from_le_bytes([a, b]).to_f32(),
        (_, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
        _ => panic!("{} bytes", bytes.len()),
    }
}

/// Error power over signal power of the blob's logits, beside those of its own weights in f32.
fn error_of(blob: &BlobFile) -> f64 {
    let model = blob.model().unwrap();
    let tokens: Vec<TokenId> = (0..N_CTX as TokenId).map(|i| i * 21 + 1).collect();
    let right = weights_of(&model);
    let right = Reference::new(&right).logits(&tokens);
    let mut memory = SessionMemory::new(model.config(), None);
    let mut session = memory.session(&model).unwrap();
    let (mut signal, mut error) = (0.0, 0.0);
    for (&token, right) in tokens.iter().zip(&right) {
        let logits = session.step(token).unwrap();
        for (&ours, &right) in logits.values().iter().zip(right) {
            error += (f64::from(ours) / f64::from(Logits::ONE) - f64::from(right)).powi(2);
            signal += f64::from(right).powi(2);
        }
    }
    error / signal
}

#[test]
fn random_checkpoints_arrive_as_they_are() {
    let root = tempfile::tempdir().unwrap();
    let tokenizer = root.path().join("tokenizer.json");
    let settings = TrainSettings { n_vocab: 270, ..TrainSettings::default() };
    let n_vocab = train(["hello there, hello"; 9].into_iter(), settings, &tokenizer).unwrap();
    for seed in 0..24 {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let foreign = Foreign::random(FAMILIES[seed as usize % FAMILIES.len()], n_vocab, rng);
        let what = format!("seed {seed}, {}, {:?}, {:?}", foreign.family, foreign.dtype, foreign.weights.config);
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        foreign.write(dir.path(), rng);
        fs::copy(&tokenizer, dir.path().join("tokenizer.json")).unwrap();
        hf::import(dir.path(), out.path(), &HfOptions::default()).unwrap_or_else(|e| panic!("{what}: {e:#}"));
        let imported = Checkpoint::load(out.path()).unwrap();
        let mut expected = foreign.weights;
        expected.truncate_vocab(n_vocab);
        assert!(imported.weights == expected, "{what}");
        for format in [Format::Q8, Format::Q4] {
            let error = error_of(&BlobFile::new(&blob_of(&imported, |_| format, "").unwrap()));
            println!("{what}, {format:?}: {error:.6}");
            assert!(error < 0.01, "{what}, {format:?}: {error}");
        }
    }
}
