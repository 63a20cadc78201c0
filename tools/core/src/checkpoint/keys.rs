//! Keys of config.json that no family reads: those that change no logits, and those that must say what is usual.

use super::CheckpointError;
use super::error::require;
use serde_json::{Map, Value};

/// Names and versions, tokens, dropouts, initial values, heads of other tasks, and how text is generated.
const HARMLESS: &[&str] = &[
    "_attn_implementation",
    "_attn_implementation_autoset",
    "_commit_hash",
    "_name_or_path",
    "_num_labels",
    "architectures",
    "attention_dropout",
    "attn_implementation",
    "attn_pdrop",
    "bad_words_ids",
    "begin_suppress_tokens",
    "bos_token_id",
    "chunk_size_feed_forward",
    "classifier_dropout",
    "decoder_start_token_id",
    "diversity_penalty",
    "do_sample",
    "dtype",
    "early_stopping",
    "embd_pdrop",
    "embed_dropout",
    "encoder_no_repeat_ngram_size",
    "eos_token_id",
    "exponential_decay_length_penalty",
    "finetuning_task",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "gradient_checkpointing",
    "hidden_dropout",
    "id2label",
    "initializer_range",
    "is_decoder",
    "is_llama_config",
    "keys_to_ignore_at_inference",
    "label2id",
    "length_penalty",
    "max_length",
    "max_new_tokens",
    "max_sequence_length",
    "max_window_layers",
    "min_length",
    "min_new_tokens",
    "model_type",
    "n_ctx",
    "name_or_path",
    "no_repeat_ngram_size",
    "num_beam_groups",
    "num_beams",
    "num_labels",
    "num_return_sequences",
    "output_attentions",
    "output_hidden_states",
    "output_past",
    "output_scores",
    "pad_token_id",
    "predict_special_tokens",
    "prefix",
    "pretraining_tp",
    "problem_type",
    "remove_invalid_values",
    "reorder_and_upcast_attn",
    "repetition_penalty",
    "resid_dropout",
    "resid_pdrop",
    "return_dict",
    "return_dict_in_generate",
    "sep_token_id",
    "summary_activation",
    "summary_first_dropout",
    "summary_proj_to_labels",
    "summary_type",
    "summary_use_proj",
    "suppress_tokens",
    "task_specific_params",
    "temperature",
    "tf_legacy_loss",
    "tokenizer_class",
    "top_k",
    "top_p",
    "torch_dtype",
    "torchscript",
    "transformers.js_config",
    "transformers_version",
    "typical_p",
    "unk_token_id",
    "unsloth_fixed",
    "unsloth_version",
    "use_bfloat16",
    "use_cache",
    "xla_device",
];

/// What changes logits if it has another value than one of these.
const USUAL: &[(&str, &[&str])] = &[
    ("add_cross_attention", &["false"]),
    ("cross_attention_hidden_size", &[]),
    ("is_encoder_decoder", &["false"]),
    ("n_special", &["0"]),
    ("partial_rotary_factor", &["1", "1.0"]),
    ("pruned_heads", &["{}"]),
    ("rope_interleaved", &["false"]),
    ("tie_encoder_decoder", &["false"]),
    ("use_mrope", &["false"]),
];

/// Checks what a family has left unread of a config.json; null counts as not there.
///
/// # Errors
/// `Unsupported`, with the name of the key.
pub(super) fn check(unread: &Map<String, Value>) -> Result<(), CheckpointError> {
    for (key, value) in unread {
        let usual = USUAL.iter().find(|(name, _)| name == key);
        if value.is_null() || HARMLESS.contains(&key.as_str()) {
            continue;
        }
        match usual {
            Some((_, usual)) => require(usual.contains(&value.to_string().as_str()), || {
                let usual = usual.first().unwrap_or(&"null");
                format!("config.json: {key} is {value}; only {usual} is supported")
            })?,
            None => {
                return Err(CheckpointError::Unsupported(format!(
                    "config.json: the key `{key}` ({value}) is not known here and may change what the model computes; \
                     if it does not, import with `egpt import hf --ignore-key {key}`"
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_harmless_usual_or_refused_by_name() {
        let check = |config: Value| super::check(config.as_object().unwrap()).map_err(|error| error.to_string());
        assert!(HARMLESS.is_sorted() && USUAL.is_sorted());
        for harmless in [
            json!({ "use_cache": true, "id2label": { "0": "x" }, "_num_labels": 1 }),
            json!({ "transformers.js_config": { "kv_cache_dtype": { "fp16": "float16" } } }),
            json!({ "logit_scale": null }),
        ] {
            assert_eq!(check(harmless), Ok(()));
        }
        for usual in [json!({ "partial_rotary_factor": 1.0 }), json!({ "pruned_heads": {}, "rope_interleaved": false })]
        {
            assert_eq!(check(usual), Ok(()));
        }
        for (config, expected) in [
            (json!({ "logit_scale": 0.5 }), "--ignore-key logit_scale"),
            (json!({ "quantization_config": { "bits": 4 } }), "`quantization_config`"),
            (json!({ "partial_rotary_factor": 0.5 }), "partial_rotary_factor is 0.5; only 1 is supported"),
            (json!({ "rope_interleaved": true }), "rope_interleaved is true; only false"),
        ] {
            let error = check(config).unwrap_err();
            assert!(error.contains(expected), "{error} lacks {expected}");
        }
    }
}
