//! The page itself.

use anyhow::Result;
use egpt_core::flash_map::FlashMap;
use egpt_core::model_card::ModelCard;
use egpt_core::quantize::Quant;
use egpt_core::train::HistoryPoint;
use embedded_gpt::Config;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::curves;
use super::embedding::Space;
use super::record::savings;
use super::samples::Sample;
use crate::chart::{map, savings};

const STYLE: &str = "
body{font:15px/1.5 system-ui,sans-serif;color:#202124;max-width:1060px;margin:2rem auto;padding:0 1rem;background:#fff}
h1{font-size:1.6rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2.2rem 0 .5rem;border-bottom:1px solid #e5e7eb;padding-bottom:.25rem}
p{margin:.4rem 0}.quiet{color:#5f6368}table{border-collapse:collapse;margin:.5rem 0}
td,th{padding:.22rem 1.1rem .22rem 0;text-align:left;vertical-align:top}th{font-weight:600;border-bottom:1px solid #e5e7eb}
.n{text-align:right;font-variant-numeric:tabular-nums}.bar{display:inline-block;height:.7rem;background:#0072b2;border-radius:2px}
.chip{background:#e8f1f8;border-radius:4px;padding:.05rem .5rem;margin-right:.3rem}.hit{background:#c9ead9}
.cards{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}.card{border:1px solid #e5e7eb;border-radius:8px;padding:.5rem 1rem}
.card b{display:block;font-size:1.3rem}.caret{border-right:2px solid #d55e00;margin-right:1px}";

/// What the page shows.
pub(super) struct Content<'c> {
    pub card: ModelCard,
    pub quant: Quant,
    pub n_parameter: usize,
    pub config: Config,
    pub history: Vec<HistoryPoint>,
    pub flash: FlashMap,
    pub samples: Vec<Sample>,
    pub space: Space,
    pub evaluation: &'c [Value],
}

/// Draws the page.
pub(super) fn html(content: &Content<'_>) -> Result<String> {
    let name = if content.card.name.is_empty() { "model" } else { &content.card.name };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (name) }
                (summary(content))
                @if content.history.len() > 1 {
                    h2 { "Training" }
                    (PreEscaped(curves::draw(&content.history)?))
                }
                (savings_part(content.evaluation)?)
                (samples_part(&content.samples))
                (sizes_part(content))
                (words_part(&content.space)?)
            }
        }
    };
    Ok(page.into_string())
}

fn summary(content: &Content<'_>) -> Markup {
    let Content { card, config, history, .. } = content;
    let validated = history.iter().rev().find_map(|point| point.valid_bits_per_byte);
    let ram = 4 * (config.kv_words(config.n_ctx) + config.scratch_words(config.n_ctx));
    html! {
        @if !card.corpus.is_empty() {
            p.quiet { "Trained on " (card.corpus) @if let Some(licence) = &card.licence { " (" (licence) ")" } ": " (card.training) }
        }
        div.cards {
            @if let Some(bits) = validated { (figure(&format!("{bits:.3}"), "bits per byte, validation text")) }
            (figure(&format!("{:.2} M", content.n_parameter as f64 / 1e6), "parameters"))
            (figure(&kib(content.flash.blob_bytes()), &format!("of flash in {}", content.quant)))
            (figure(&kib(ram), &format!("of RAM for {} tokens", config.n_ctx)))
            @if let Some(last) = history.last() {
                (figure(&format!("{:.1} min", last.seconds / 60.0), &format!("{} updates, {:.1} M tokens", last.step, last.tokens as f64 / 1e6)))
            }
        }
    }
}

fn figure(value: &str, what: &str) -> Markup {
    html! { div.card { b { (value) } span.quiet { (what) } } }
}

fn kib(bytes: usize) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

fn savings_part(evaluation: &[Value]) -> Result<Markup> {
    let all: Vec<_> = evaluation.iter().filter_map(savings).collect();
    if all.is_empty() {
        return Ok(html! {
            h2 { "Keystrokes saved" }
            p.quiet { "Not measured yet: "
                code { "egpt eval m.egpt --baseline trigram --bytes 256KiB,512KiB,1MiB --json > eval.jsonl" } ", then "
                code { "egpt report DIR --eval-json eval.jsonl" } "." }
        });
    }
    let percent = |rate: Option<f64>| rate.map_or("–".to_owned(), |rate| format!("{rate:.1}"));
    let rows = evaluation.iter().filter_map(|line| Some((line, savings(line)?)));
    let pairs = evaluation.iter().filter_map(|line| Some((line, line["baseline"].as_str()?)));
    Ok(html! {
        h2 { "Keystrokes saved" }
        (PreEscaped(savings::draw(&all)?))
        table {
            tr { th {} th.n { "bytes" } th.n { "1 shown, %" } th.n { "3 shown, %" } th.n { "nothing twice: 1" } th.n { "3" } th.n { "next word: 1" } th.n { "3" } th.n { "decode steps" } }
            @for (line, savings) in rows {
                tr {
                    td { (savings.name) } td.n { (savings.bytes) }
                    td.n { (percent(Some(savings.ksr[0]))) } td.n { (percent(Some(savings.ksr[1]))) }
                    td.n { (percent(savings.new_only.map(|ksr| ksr[0]))) } td.n { (percent(savings.new_only.map(|ksr| ksr[1]))) }
                    td.n { (percent(line["next_word_top1"].as_f64())) } td.n { (percent(line["next_word_top3"].as_f64())) }
                    td.n { (percent(line["steps_mean"].as_f64())) }
                }
            }
        }
        @for (line, baseline) in pairs {
            @let difference = &line["difference"]["ksr3"];
            @if let (Some(points), Some(low), Some(high)) = (difference["points"].as_f64(), difference["low"].as_f64(), difference["high"].as_f64()) {
                p { (line["model"].as_str().unwrap_or_default()) " less " (baseline) ", 3 shown: " (format!("{points:+.2} points (95 % interval {low:+.2} to {high:+.2})")) }
            }
        }
    })
}

fn samples_part(samples: &[Sample]) -> Markup {
    html! {
        @if !samples.is_empty() {
            h2 { "Suggestions" }
            p.quiet { "Lines of the validation text, typed to the mark. The model's own suggestions, without a word list; green: what was written." }
            table {
                tr { th { "typed, and how it went on" } th { "suggested" } th { "the model's likeliest text" } }
                @for Sample { prompt, suggestions, continuation } in samples {
                    tr {
                        td { (prompt.typed) span.caret {} span.quiet { (prompt.rest) } }
                        td { @for word in suggestions { span class=(if is_written(&prompt.typed, &prompt.rest, word) { "chip hit" } else { "chip" }) { (word) } } }
                        td { (continuation) }
                    }
                }
            }
        }
    }
}

/// Whether a suggestion is the word that stands where the typing stopped.
fn is_written(typed: &str, rest: &str, word: &str) -> bool {
    let begun = typed.rsplit(' ').next().unwrap_or_default();
    let written = format!("{begun}{}", rest.split(' ').next().unwrap_or_default());
    let letters = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    letters(&written) == letters(word)
}

fn sizes_part(content: &Content<'_>) -> Markup {
    let Config { n_vocab, n_ctx, n_layer, n_head, n_kv_head, n_embd, n_ff, .. } = content.config;
    let flash = &content.flash;
    let share = |bytes: usize| 100.0 * bytes as f64 / flash.blob_bytes().max(1) as f64;
    html! {
        h2 { "Where the flash goes" }
        p.quiet {
            (n_vocab) " tokens, context " (n_ctx) ", " (n_layer) " layers of width " (n_embd) ", MLP " (n_ff) ", "
            (n_head) " heads (" (n_kv_head) " for keys and values). The blob in " (content.quant) ", without a word list:"
        }
        table {
            @for &(what, bytes) in flash.rows() {
                tr {
                    td { (what) } td.n { (bytes) } td.n { (format!("{:.1} %", share(bytes))) }
                    td { span.bar style=(format!("width:{:.1}rem", 0.25 * share(bytes))) {} }
                }
            }
            tr { td { b { "all" } } td.n { b { (flash.blob_bytes()) } } td.n { "bytes" } td {} }
        }
    }
}

fn words_part(space: &Space) -> Result<Markup> {
    let neighbours = space.neighbours();
    if neighbours.is_empty() {
        return Ok(html! {});
    }
    Ok(html! {
        h2 { "Words that the model holds to be alike" }
        p.quiet { "By the embeddings of tokens that are whole words: nearest by cosine, and those that are most frequent in the text on their two principal components." }
        div style="columns:2 26rem" { table {
            @for (word, nearest) in neighbours { tr { td { b { (word) } } td { (nearest.join(" · ")) } } }
        } }
        (PreEscaped(map::draw(&space.map())?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_is_the_word_that_was_written() {
        assert!(is_written("see you ", "tomorrow. bye", "Tomorrow"));
        assert!(is_written("see you to", "morrow, bye", "tomorrow"));
        assert!(!is_written("see you to", "day", "tomorrow"));
    }
}
