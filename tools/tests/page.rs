//! The page that `egpt page` writes, as far as no browser is needed.

mod native;
mod toy;
mod webassembly;

use std::fs;

use egpt_core::weights::random::{gpt2_config, llama_config};
use embedded_gpt::Keys;
use native::{CONTEXT, TYPED, blob, correction, logits_hash, tokens, words};
use serde_json::Value;
use toy::Toy;
use webassembly::Runtime;

/// The module in the repository is that of today's runtime, whatever compiler it came from: `cargo xtask page` writes
/// it anew.
#[test]
fn the_module_does_what_the_runtime_does() {
    let demo = blob("demo.egpt");
    let mut runtime = Runtime::start(&fs::read(&demo).unwrap());
    for (layout, keys) in [(0, Keys::LETTERS), (1, Keys::QWERTY), (3, Keys::AZERTY)] {
        let suggester = runtime.suggester(CONTEXT, layout);
        for (text, expected) in TYPED.iter().zip(words(&demo, keys, &TYPED)) {
            assert_eq!(runtime.suggest(suggester, text), expected, "after {text:?} with layout {layout}");
        }
    }
    let suggester = runtime.suggester(CONTEXT, 1);
    for text in ["thank you so mcuh", "thank you so much", "see you tomorrwo"] {
        assert_eq!(runtime.correction(suggester, text), correction(&demo, Keys::QWERTY, text), "{text:?}");
    }
    assert_eq!(runtime.logits_hash(80, 48), logits_hash(&demo, 80, 48));
    for text in TYPED {
        assert_eq!(runtime.tokens(text), tokens(&demo, text), "{text:?}");
    }
}

/// What the page gives to its script.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once(r#"<script type="application/json" id="data">"#).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn a_page_holds_the_model_and_needs_nothing_else() {
    for config in [gpt2_config(), llama_config()] {
        let toy = Toy::new(config);
        let json =
            toy.json(&["page", "m.egpt", "--out", "m.html", "--title", "</script>{{data}}", "--example", "</x>"]);
        let page = fs::read_to_string(toy.path("m.html")).unwrap();
        assert_eq!(json["bytes"], page.len());
        assert_eq!(json["model_bytes"], fs::metadata(toy.path("m.egpt")).unwrap().len());
        for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "fetch(", "</x>"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
        assert!(page.contains("<h1>&lt;/script&gt;{{data}}</h1>"));
        let data = data(&page);
        assert_eq!(data["hash"]["value"], json["logits"]);
        let n = json["tokens"].to_string();
        let hash = toy.json(&["logits-hash", "m.egpt", "-n", &n]);
        assert_eq!(hash["logits"], json["logits"]);
        assert_eq!((data["layout"].as_str(), data["examples"][0].as_str()), (Some("qwerty"), Some("</x>")));
        assert_eq!(data["context"], config.n_ctx.min(64));
    }
}

#[test]
fn the_hash_is_that_of_the_boards() {
    let toy = Toy::new(llama_config());
    let demo = blob("demo.egpt");
    let json = toy.json(&["page", demo.to_str().unwrap(), "--out", "demo.html"]);
    let golden = fs::read_to_string(demo.with_file_name("../tests/golden/demo.txt")).unwrap();
    let expected = golden.lines().find_map(|line| line.strip_prefix("logits ")).unwrap();
    assert_eq!((json["logits"].as_str(), json["tokens"].as_u64()), (Some(expected), Some(300)));
    let line = toy.succeed(&["page", demo.to_str().unwrap(), "--out", "demo.html"]);
    assert!(line.lines().count() == 1 && line.starts_with("demo.html: "), "{line}");
}

#[test]
fn nothing_is_written_for_what_is_no_model() {
    let toy = Toy::new(llama_config());
    let mut damaged = fs::read(toy.path("m.egpt")).unwrap();
    damaged[500] ^= 1;
    fs::write(toy.path("damaged.egpt"), damaged).unwrap();
    for (blob, reason) in [
        ("damaged.egpt", "damaged.egpt is not a usable model blob"),
        ("text.txt", "text.txt is not a usable model blob"),
        ("missing.egpt", "cannot read missing.egpt"),
        ("model", "egpt export model"),
    ] {
        toy.fail(&["page", blob, "--out", "new.html"], reason);
        assert!(!toy.path("new.html").exists(), "{blob}");
    }
    let before = fs::read(toy.path("m.egpt")).unwrap();
    toy.fail(&["page", "m.egpt", "--out", "m.egpt"], "choose another name");
    assert_eq!(fs::read(toy.path("m.egpt")).unwrap(), before);
    toy.fail(&["page", "m.egpt", "--out", "new.html", "--context", "100000"], "choose another --context");
    toy.fail(&["page", "m.egpt", "--out", "missing/new.html"], "cannot write missing/new.html");
    assert!(!toy.path("new.html").exists());
}
