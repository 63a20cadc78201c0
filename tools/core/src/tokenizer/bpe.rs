//! What a tokenizer.json says of a BPE model: ids, merges and named tokens, for both kinds.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use embedded_gpt::TokenId;
use serde_json::Value;

/// Ids and merges as the file has them.
pub(super) struct Bpe<'j> {
    pub(super) ids: HashMap<&'j str, TokenId>,
    /// Merges in the order of their ranks.
    pub(super) merges: Vec<[&'j str; 2]>,
    /// Tokens that are not made by merging, with their names.
    pub(super) named: Vec<(TokenId, String)>,
}

impl<'j> Bpe<'j> {
    pub(super) fn read(json: &'j Value) -> Result<Self> {
        let model = &json["model"];
        let id = |id: &Value| id.as_u64().and_then(|id| TokenId::try_from(id).ok()).context("an id above 65,535");
        let added = json["added_tokens"].as_array().map_or(&[][..], Vec::as_slice);
        let name = |token: &Value| token["content"].as_str().map(str::to_owned).context("an added token has no name");
        let mut named: Vec<(TokenId, String)> =
            added.iter().map(|token| Ok((id(&token["id"])?, name(token)?))).collect::<Result<_>>()?;
        named.sort_unstable();
        let vocab = model["vocab"].as_object().context("the BPE model has no vocab")?;
        let ids = vocab.iter().map(|(text, value)| Ok((text.as_str(), id(value)?))).collect::<Result<_>>()?;
        let merges = model["merges"].as_array().context("the BPE model has no merges")?;
        let merges = merges.iter().map(pair).collect::<Result<_>>()?;
        Ok(Self { ids, merges, named })
    }

    pub(super) fn id(&self, text: &str) -> Result<TokenId> {
        self.ids.get(text).copied().with_context(|| format!("a merge uses or makes {text:?}, which has no id"))
    }

    /// Texts and ids that are not special, in order of id.
    pub(super) fn texts(&self) -> Vec<(TokenId, &'j str)> {
        let special = |id| self.named.binary_search_by_key(&id, |&(id, _)| id).is_ok();
        let mut texts: Vec<_> =
            self.ids.iter().map(|(&text, &id)| (id, text)).filter(|&(id, _)| !special(id)).collect();
        texts.sort_unstable();
        texts
    }
}

/// The first id after those of all tokens of a tokenizer.json.
pub fn n_ids(json: &Value) -> usize {
    let added = json["added_tokens"].as_array().into_iter().flatten().map(|token| &token["id"]);
    let vocab = json["model"]["vocab"].as_object().into_iter().flat_map(|vocab| vocab.values());
    vocab.chain(added).filter_map(Value::as_u64).max().map_or(0, |id| id as usize + 1)
}

/// A merge: `["a", "b"]` in newer files, `"a b"` in older ones.
fn pair(merge: &Value) -> Result<[&str; 2]> {
    match merge {
        Value::String(pair) => pair.split_once(' ').map(|(left, right)| [left, right]),
        Value::Array(pair) => match &pair[..] {
            [Value::String(left), Value::String(right)] => Some([left.as_str(), right.as_str()]),
            _ => None,
        },
        _ => None,
    }
    .with_context(|| format!("{merge} is not a merge of two tokens"))
}

/// The first of `tokens`, if their ids follow one another.
pub(super) fn contiguous(what: &str, tokens: &[(TokenId, &str)]) -> Result<TokenId> {
    let Some(&(first, _)) = tokens.first() else { return Ok(0) };
    for (expected, &(id, text)) in (first..).zip(tokens) {
        if id != expected {
            bail!(
                "the {what} have ids from {first} on with a gap before {text:?} (id {id}): the device needs them \
                 without gaps. Tokenizers trained by `egpt` or `tokenizers` with the whole byte alphabet are like that"
            );
        }
    }
    Ok(first)
}
