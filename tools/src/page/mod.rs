//! A page to try a model in a browser: one HTML file that needs nothing else.
//!
//! Its sources are in `tools/page`. `embedded_gpt.wasm` there is the C interface, compiled by `cargo xtask page`.

mod boards;
mod template;

use embedded_gpt::Model;
use embedded_gpt::format::tensor::{Format, Role};
use serde_json::json;

use self::template::{base64, escaped, fill};

/// The runtime for browsers.
pub const RUNTIME: &[u8] = include_bytes!("../../page/embedded_gpt.wasm");
const PAGE: &str = include_str!("../../page/page.html");
const STYLE: &str = include_str!("../../page/page.css");
/// A script of its own: the page gives it to a worker, too.
const RUNTIME_SCRIPT: &str = include_str!("../../page/runtime.js");
const SCRIPTS: [&str; 2] = [include_str!("../../page/draft.js"), include_str!("../../page/page.js")];

/// Tokens whose logits are compared: as many as `bit_identity` of the firmware examples runs.
const N_TOKENS: usize = 300;
/// Multiplications that a phone does in a few seconds.
const MAX_MACS: usize = 1_000_000_000;

/// What a page is made of.
#[derive(Debug)]
pub struct Page<'p> {
    /// The heading.
    pub title: &'p str,
    /// The file that the model came in.
    pub name: &'p str,
    /// The model.
    pub model: &'p Model<'p>,
    /// The bytes of its file.
    pub blob: &'p [u8],
    /// The keyboard at first.
    pub layout: String,
    /// Tokens that suggestions look back at first.
    pub context: usize,
    /// Texts that buttons write.
    pub examples: &'p [String],
    /// What the page has to compute.
    pub check: LogitsCheck,
}

/// The hash of the logits of a greedy run from token 0, computed here.
#[derive(Clone, Copy, Debug)]
pub struct LogitsCheck {
    /// Tokens of the run.
    pub n_tokens: usize,
    /// Tokens that it looks back.
    pub context: usize,
    /// The hash.
    pub hash: u64,
}

impl LogitsCheck {
    /// The hash as boards print it.
    pub fn shown(&self) -> String {
        format!("{:#018x}", self.hash)
    }
}

/// How many tokens of a model are compared, so that nobody waits for it.
pub fn n_checked(model: &Model<'_>) -> usize {
    let macs: usize = [Format::Q8, Format::Q4].iter().map(|&format| macs(model, format)).sum();
    (MAX_MACS / macs.max(1)).clamp(8, N_TOKENS)
}

/// Makes the page.
pub fn html(page: &Page<'_>) -> String {
    let Page { title, name, model, blob, layout, context, examples, check } = page;
    let data = json!({
        "layout": layout, "context": context, "examples": examples, "metadata": origin(model),
        "hash": { "tokens": check.n_tokens, "context": check.context, "value": check.shown() },
        "boards": boards::table(model), "model_bytes": blob.len(),
        "wasm": base64(RUNTIME), "model": base64(blob),
    });
    // No text in it ends the script that holds it.
    let data = data.to_string().replace('<', "\\u003c");
    let parts = [
        ("title", escaped(title)),
        ("name", escaped(name)),
        ("style", STYLE.to_owned()),
        ("runtime", RUNTIME_SCRIPT.to_owned()),
        ("script", SCRIPTS.join("\n")),
        ("data", data),
    ];
    fill(PAGE, &parts)
}

/// What the model was made from, if it says so.
fn origin(model: &Model<'_>) -> String {
    let licence =
        model.metadata_value("licence of the corpus").map(|licence| format!(", {licence}")).unwrap_or_default();
    model.metadata_value("corpus").map(|corpus| format!("Trained on {corpus}{licence}.")).unwrap_or_default()
}

/// Multiplications of a pass in the matrices of a format.
fn macs(model: &Model<'_>, format: Format) -> usize {
    let config = model.config();
    let is_multiplied = |role: Role| match role {
        Role::TokenEmbedding => config.tied,
        Role::PositionEmbedding => false,
        _ => role.is_matrix(),
    };
    let tensors = config.tensors().filter(|spec| is_multiplied(spec.role));
    tensors.filter(|spec| model.tensor(spec.role, spec.layer).format == format).map(|spec| spec.rows * spec.cols).sum()
}
