//! Round trips and refusals of checkpoint directories.

use super::*;
use crate::weights::random::{gpt2_config, llama_config};
use embedded_gpt::config::{Mlp, Norm};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::json;
use tempfile::TempDir;

fn saved(config: Config) -> (TempDir, Checkpoint) {
    let dir = tempfile::tempdir().unwrap();
    let special = SpecialTokens { bos: Some(1), eos: Some(2), pad: None };
    let checkpoint = Checkpoint { weights: Weights::random(config, 5), special, tokenizer: None };
    checkpoint.save(dir.path()).unwrap();
    (dir, checkpoint)
}

/// Sets fields of a saved config.json.
fn edit(dir: &TempDir, fields: Value) {
    let path = dir.path().join(CONFIG);
    let mut json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (key, value) in fields.as_object().unwrap() {
        json[key] = value.clone();
    }
    fs::write(&path, json.to_string()).unwrap();
}

/// Writes the tensors of `dir` again: (name, shape, bytes) through `change` into the file it names.
fn rewrite(dir: &TempDir, dtype: Dtype, change: impl Fn(&str, &[f32]) -> (&'static str, String, Vec<u8>)) {
    let bytes = fs::read(dir.path().join("model.safetensors")).unwrap();
    fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    let mut files = std::collections::BTreeMap::<&str, Vec<(String, Vec<usize>, Vec<u8>)>>::new();
    for (name, view) in SafeTensors::deserialize(&bytes).unwrap().iter() {
        let values: Vec<f32> = view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let (file, name, data) = change(name, &values);
        files.entry(file).or_default().push((name, view.shape().to_vec(), data));
    }
    let mut weight_map = serde_json::Map::new();
    for (file, tensors) in &files {
        let views = tensors.iter().map(|(n, shape, data)| (n, TensorView::new(dtype, shape.clone(), data).unwrap()));
        fs::write(dir.path().join(file), safetensors::serialize(views, None).unwrap()).unwrap();
        weight_map.extend(tensors.iter().map(|(name, ..)| (name.clone(), json!(file))));
    }
    let index = json!({ "metadata": {}, "weight_map": weight_map });
    fs::write(dir.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
}

fn f32_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn embedding(checkpoint: &Checkpoint) -> &[f32] {
    checkpoint.weights.get(Role::TokenEmbedding, 0).unwrap()
}

fn error_of(dir: &TempDir) -> String {
    Checkpoint::load(dir.path()).unwrap_err().to_string()
}

#[test]
fn every_variant_survives_a_round_trip() {
    let mut configs = Vec::new();
    for tied in [false, true] {
        for mlp in [Mlp::Gelu, Mlp::GeluTanh] {
            configs.push(gpt2_config().with(|c| {
                c.tied = tied;
                c.mlp = mlp;
            }));
        }
        for (bias, n_kv_head) in [(false, 4), (true, 2), (false, 1)] {
            configs.push(llama_config().with(|c| {
                c.tied = tied;
                c.bias = bias;
                c.n_kv_head = n_kv_head;
            }));
        }
    }
    for config in configs {
        let (dir, checkpoint) = saved(config);
        assert_eq!(Checkpoint::load(dir.path()).unwrap(), checkpoint, "{config:?}");
    }
}

#[test]
fn saving_copies_the_tokenizer() {
    let (dir, mut checkpoint) = saved(llama_config());
    let source = dir.path().join("elsewhere.json");
    fs::write(&source, "{}").unwrap();
    checkpoint.tokenizer = Some(source);
    checkpoint.save(dir.path()).unwrap();
    let loaded = Checkpoint::load(dir.path()).unwrap();
    assert_eq!(loaded.tokenizer, Some(dir.path().join(TOKENIZER)));
    loaded.save(dir.path()).unwrap(); // onto itself
    assert_eq!(fs::read(dir.path().join(TOKENIZER)).unwrap(), b"{}");
}

#[test]
fn reads_half_precision() {
    let (dir, checkpoint) = saved(gpt2_config());
    let f16_bytes = |values: &[f32]| values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
    rewrite(&dir, Dtype::F16, |name, values| ("model.safetensors", name.to_owned(), f16_bytes(values)));
    let expected: Vec<f32> = embedding(&checkpoint).iter().map(|&x| f16::from_f32(x).to_f32()).collect();
    assert_eq!(embedding(&Checkpoint::load(dir.path()).unwrap()), expected);

    let (dir, checkpoint) = saved(gpt2_config());
    let bf16_bytes = |values: &[f32]| values.iter().flat_map(|&x| bf16::from_f32(x).to_le_bytes()).collect();
    rewrite(&dir, Dtype::BF16, |name, values| ("model.safetensors", name.to_owned(), bf16_bytes(values)));
    let expected: Vec<f32> = embedding(&checkpoint).iter().map(|&x| bf16::from_f32(x).to_f32()).collect();
    assert_eq!(embedding(&Checkpoint::load(dir.path()).unwrap()), expected);
}

#[test]
fn reads_shards_and_names_without_prefix() {
    for (config, prefix) in [(gpt2_config(), "transformer."), (llama_config(), "model.")] {
        let (dir, checkpoint) = saved(config);
        rewrite(&dir, Dtype::F32, |name, values| {
            let file = if name.contains(".1.") { "model-2.safetensors" } else { "model-1.safetensors" };
            (file, name.trim_start_matches(prefix).to_owned(), f32_bytes(values))
        });
        assert_eq!(Checkpoint::load(dir.path()).unwrap(), checkpoint);
    }
}

/// The model of `llama_config` in `a.safetensors` and `b.safetensors`, which holds the tensors of the second layer.
fn sharded() -> (TempDir, Checkpoint) {
    let (dir, checkpoint) = saved(llama_config());
    rewrite(&dir, Dtype::F32, |name, values| {
        (if name.contains(".1.") { "b.safetensors" } else { "a.safetensors" }, name.to_owned(), f32_bytes(values))
    });
    (dir, checkpoint)
}

/// Writes what `change` makes of the names and values in one shard to another, beside what that holds.
fn add_to_shard(dir: &TempDir, from: &str, to: &str, change: impl Fn(&str, Vec<f32>) -> Option<(String, Vec<f32>)>) {
    let files = [from, to].map(|file| fs::read(dir.path().join(file)).unwrap());
    let [from, before] = [&files[0], &files[1]].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let of = |view: &TensorView<'_>| view.data().chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    let added: Vec<_> = from
        .iter()
        .filter_map(|(name, view)| Some((change(name, of(&view))?, view.shape().to_vec())))
        .map(|((name, values), shape)| (name, shape, f32_bytes(&values)))
        .collect();
    let added = added
        .iter()
        .map(|(name, shape, data)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
    let all = before.iter().map(|(name, view)| (name.to_owned(), view)).chain(added);
    fs::write(dir.path().join(to), safetensors::serialize(all, None).unwrap()).unwrap();
}

#[test]
fn each_tensor_is_read_from_the_shard_that_the_index_names() {
    for (from, to) in [("a.safetensors", "b.safetensors"), ("b.safetensors", "a.safetensors")] {
        let (dir, checkpoint) = sharded();
        let stale = |name: &str, values: Vec<f32>| Some((name.to_owned(), values.iter().map(|x| -x).collect()));
        add_to_shard(&dir, from, to, stale);
        assert_eq!(Checkpoint::load(dir.path()).unwrap(), checkpoint, "stale copies in {to}");
    }
    let (dir, _) = sharded();
    let scale =
        |name: &str, values: Vec<f32>| name.contains("q_proj").then(|| (name.replace("weight", "scale"), values));
    add_to_shard(&dir, "a.safetensors", "b.safetensors", scale);
    assert!(error_of(&dir).contains("b.safetensors holds a tensor `model.layers.0.self_attn.q_proj.scale`"));
}

#[test]
fn an_index_that_does_not_fit_its_files_is_refused() {
    let edit_index = |dir: &TempDir, change: &dyn Fn(&mut Value)| {
        let path = dir.path().join("model.safetensors.index.json");
        let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut index["weight_map"]);
        fs::write(&path, index.to_string()).unwrap();
    };
    let (dir, _) = sharded();
    edit_index(&dir, &|map| map["model.norm.weight"] = json!("b.safetensors"));
    assert!(error_of(&dir).contains("b.safetensors holds no tensor `model.norm.weight`"), "{}", error_of(&dir));
    let outside = dir.path().join("a.safetensors").display().to_string();
    for file in ["../a.safetensors", "x/../../a.safetensors", "", ".", &outside] {
        edit_index(&dir, &|map| map["model.norm.weight"] = json!(file));
        assert!(error_of(&dir).contains("is not a file within the directory"), "{file}: {}", error_of(&dir));
    }
    edit_index(&dir, &|map| map["model.norm.weight"] = json!("c.safetensors"));
    assert!(error_of(&dir).contains("cannot read"), "{}", error_of(&dir));
}

#[test]
fn a_tensor_that_is_there_under_two_names_is_refused() {
    let (dir, _) = saved(llama_config());
    let compiled = |name: &str, values| (name == "model.norm.weight").then(|| (format!("_orig_mod.{name}"), values));
    add_to_shard(&dir, "model.safetensors", "model.safetensors", compiled);
    assert!(error_of(&dir).contains("`model.norm.weight` is there twice"), "{}", error_of(&dir));
}

#[test]
fn buffers_that_are_no_parameters_are_passed_over() {
    let cases = [
        (gpt2_config(), gpt2::NAMES, "h.0.attn.bias"),
        (llama_config(), llama::NAMES, "layers.1.self_attn.rotary_emb.inv_freq"),
    ];
    for (config, names, buffer) in cases {
        let (dir, checkpoint) = saved(config);
        let mut tensors = Tensors::read(dir.path(), names).unwrap();
        tensors.insert(buffer, &[1, 2], vec![1.0, 0.0]);
        tensors.write(dir.path()).unwrap();
        assert_eq!(Checkpoint::load(dir.path()).unwrap(), checkpoint);
    }
}

#[test]
fn a_tied_head_that_was_stored_must_be_the_embedding() {
    let (dir, _) = saved(llama_config());
    edit(&dir, json!({ "tie_word_embeddings": true }));
    assert!(error_of(&dir).contains("set tie_word_embeddings to false"));
}

#[test]
fn biases_of_attention_alone_are_completed_with_zeros() {
    let (dir, checkpoint) = saved(llama_config().with(|c| c.bias = true));
    edit(&dir, json!({ "mlp_bias": false }));
    assert!(error_of(&dir).contains("layers.0.mlp.down_proj.bias` is not part of a `llama` model"));
    rewrite(&dir, Dtype::F32, |name, values| {
        let mlp_bias = name.contains(".mlp.") && name.ends_with(".bias");
        let file = if mlp_bias { "unused" } else { "model.safetensors" };
        (file, name.to_owned(), f32_bytes(values))
    });
    let weights = Checkpoint::load(dir.path()).unwrap().weights;
    assert_eq!(weights.get(Role::QueryBias, 0), checkpoint.weights.get(Role::QueryBias, 0));
    assert_eq!(weights.get(Role::DownBias, 0), Some(&[0.0; 24][..]));
}

#[test]
fn missing_and_misshapen_tensors_are_named() {
    let (dir, _) = saved(gpt2_config());
    edit(&dir, json!({ "vocab_size": 38 }));
    assert_eq!(
        error_of(&dir),
        "tensor `transformer.wte.weight` has the wrong shape: expected [38, 24], found [37, 24]"
    );
    edit(&dir, json!({ "vocab_size": 37, "n_layer": 3 }));
    assert_eq!(
        error_of(&dir),
        "tensor `transformer.h.2.ln_1.weight` is missing: expected shape [24], found no tensor of that name"
    );
    edit(&dir, json!({ "n_layer": 1 }));
    assert!(error_of(&dir).contains("tensor `transformer.h.1."));
}

#[test]
fn values_that_are_not_finite_are_refused() {
    let (dir, mut checkpoint) = saved(llama_config());
    checkpoint.weights.get_mut(Role::Up, 1).unwrap()[3] = f32::NAN;
    checkpoint.save(dir.path()).unwrap();
    assert!(error_of(&dir).contains("`model.layers.1.mlp.up_proj.weight` holds a value that is not"));
}

#[test]
fn rope_theta_may_be_inside() {
    let inner = json!({ "rope_theta": 5e5, "rope_type": "default" });
    for key in ["rope_parameters", "rope_scaling"] {
        let (dir, _) = saved(llama_config());
        edit(&dir, json!({ "rope_theta": null, key: inner }));
        assert_eq!(Checkpoint::load(dir.path()).unwrap().weights.config.rope_theta, 5e5);
        edit(&dir, json!({ "rope_theta": 5e5 }));
        assert_eq!(Checkpoint::load(dir.path()).unwrap().weights.config.rope_theta, 5e5);
        edit(&dir, json!({ "rope_theta": 1e4 }));
        assert!(error_of(&dir).contains("values [10000.0, 500000.0]"), "{}", error_of(&dir));
        edit(&dir, json!({ "rope_theta": null, key: { "full_attention": inner } }));
        assert!(error_of(&dir).contains("`full_attention` is not known"), "{}", error_of(&dir));
    }
}

#[test]
fn a_window_of_attention_cuts_the_context_and_is_told() {
    let window = |fields: Value| {
        let (dir, _) = saved(llama_config());
        edit(&dir, json!({ "max_position_embeddings": 8192 }));
        edit(&dir, fields);
        let (checkpoint, notes) = Checkpoint::load_with_notes(dir.path(), &[]).unwrap();
        assert_eq!(!notes.is_empty(), checkpoint.weights.config.n_ctx < 8192);
        checkpoint.weights.config.n_ctx
    };
    assert_eq!(window(json!({ "sliding_window": 9 })), 8192, "a Llama has none");
    assert_eq!(window(json!({ "model_type": "mistral", "sliding_window": 9 })), 9);
    assert_eq!(window(json!({ "model_type": "mistral", "sliding_window": null })), 8192);
    assert_eq!(window(json!({ "model_type": "mistral" })), 4096, "what transformers takes");
    let layers = json!(["full_attention", "sliding_attention"]);
    assert_eq!(window(json!({ "layer_types": layers, "sliding_window": 9 })), 9);
}

#[test]
fn keys_that_are_not_known_are_refused_unless_they_are_to_be_ignored() {
    for config in [gpt2_config(), llama_config()] {
        let (dir, checkpoint) = saved(config);
        edit(&dir, json!({ "use_cache": true, "initializer_range": 0.02, "logit_scale": null }));
        assert_eq!(Checkpoint::load(dir.path()).unwrap(), checkpoint);
        edit(&dir, json!({ "logit_scale": 0.5 }));
        assert!(error_of(&dir).contains("the key `logit_scale` (0.5) is not known"), "{}", error_of(&dir));
        let ignored = ["logit_scale".to_owned()];
        assert_eq!(Checkpoint::load_with_notes(dir.path(), &ignored).unwrap().0, checkpoint);
    }
}

#[test]
fn configurations_that_cannot_be_computed_are_refused() {
    let cases = [
        (json!({ "rope_scaling": { "type": "linear", "factor": 2.0 } }), "type `linear`"),
        (json!({ "rope_parameters": { "rope_type": "llama3" } }), "type `llama3`"),
        (json!({ "layer_types": ["chunked_attention"] }), "layers of the type `chunked_attention`"),
        (json!({ "partial_rotary_factor": 0.5 }), "partial_rotary_factor is 0.5"),
        (json!({ "hidden_act": "relu" }), "hidden_act `relu`"),
        (json!({ "model_type": "mamba" }), "model_type `mamba`"),
        (json!({ "num_key_value_heads": 3 }), "share 3 key/value heads"),
        (json!({ "num_attention_heads": 0 }), "num_attention_heads must not be 0"),
        (json!({ "head_dim": 7 }), "even head size"),
        (json!({ "vocab_size": 128_256 }), "at most 65535"),
        (json!({ "vocab_size": "many" }), "config.json"),
    ];
    for (fields, expected) in cases {
        let (dir, _) = saved(llama_config());
        edit(&dir, fields);
        assert!(error_of(&dir).contains(expected), "{} lacks {expected}", error_of(&dir));
    }
    let (dir, _) = saved(gpt2_config());
    edit(&dir, json!({ "activation_function": "relu" }));
    assert!(error_of(&dir).contains("activation_function `relu`"));
}

#[test]
fn variants_without_a_naming_are_refused_before_anything_is_written() {
    let cases = [
        (gpt2_config().with(|c| c.norm = Norm::RmsNorm), "needs LayerNorm"),
        (gpt2_config().with(|c| c.bias = false), "needs biases"),
        (gpt2_config().with(|c| c.n_kv_head = 2), "as many key/value heads"),
        (llama_config().with(|c| c.norm = Norm::LayerNorm), "needs RMSNorm"),
        (llama_config().with(|c| c.mlp = Mlp::Gelu), "needs a SwiGLU"),
    ];
    for (config, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let checkpoint =
            Checkpoint { weights: Weights::random(config, 1), special: SpecialTokens::default(), tokenizer: None };
        let error = checkpoint.save(dir.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} lacks {expected}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_directory_without_weights_says_how_to_convert() {
    let (dir, _) = saved(gpt2_config());
    fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    assert!(error_of(&dir).contains("safe_serialization=True"));
    fs::write(dir.path().join("model.safetensors"), b"short").unwrap();
    assert!(error_of(&dir).contains("not a valid safetensors file"));
}

#[test]
fn a_pointer_of_git_lfs_is_told_from_a_file() {
    for file in ["model.safetensors", CONFIG] {
        let (dir, _) = saved(gpt2_config());
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        fs::write(dir.path().join(file), pointer).unwrap();
        assert!(error_of(&dir).contains("is a pointer of git-lfs"), "{}", error_of(&dir));
    }
}

#[test]
fn a_missing_head_says_how_it_is_tied() {
    for config in [gpt2_config().with(|c| c.tied = true), llama_config().with(|c| c.tied = true)] {
        let (dir, checkpoint) = saved(config);
        edit(&dir, json!({ "tie_word_embeddings": false }));
        assert!(error_of(&dir).contains("set tie_word_embeddings to true"), "{}", error_of(&dir));
        edit(&dir, json!({ "tie_word_embeddings": true }));
        assert_eq!(Checkpoint::load(dir.path()).unwrap(), checkpoint);
    }
}
