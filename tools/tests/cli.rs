//! The commands of `egpt` as a person or a script runs them, on a toy model with random weights.

mod toy;

use std::fs;
use std::process::Stdio;

use egpt_core::weights::random::{gpt2_config, llama_config};
use serde_json::Value;
use toy::Toy;

#[test]
fn inspect_accounts_for_every_byte() {
    for config in [gpt2_config(), llama_config()] {
        let toy = Toy::new(config);
        let json = toy.json(&["inspect", "m.egpt"]);
        let blob_bytes = fs::metadata(toy.path("m.egpt")).unwrap().len();
        assert_eq!(json["blob_bytes"], blob_bytes);
        let parts = json["parts"].as_object().unwrap();
        assert_eq!(parts.values().filter_map(Value::as_u64).sum::<u64>(), blob_bytes);
        let sections = json["sections"].as_object().unwrap();
        assert!(sections["TDAT"].as_u64() > sections["VOCB"].as_u64(), "{sections:?}");
        let tensors = json["tensors"].as_array().unwrap();
        let tensor_bytes: u64 = tensors.iter().filter_map(|tensor| tensor["bytes"].as_u64()).sum();
        assert!(tensor_bytes <= sections["TDAT"].as_u64().unwrap());
        let ram = json["ram"].as_array().unwrap();
        assert_eq!(ram.last().unwrap()["context"], config.n_ctx);
        assert!(ram.iter().all(|row| row["bytes"].as_u64() > Some(0)));
        assert_eq!(json["config"]["n_layer"], config.n_layer);
    }
}

#[test]
fn inspect_draws_where_the_flash_goes() {
    let toy = Toy::new(gpt2_config());
    let text = toy.succeed(&["inspect", "m.egpt", "--tensors"]);
    for expected in ["name: a toy", "token embedding", "█", "KV cache", "PositionEmbedding", "tied head"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn generate_begins_with_the_prompt_and_repeats() {
    let toy = Toy::new(llama_config());
    let run = |seed: &str| {
        let args = ["generate", "m.egpt", "--prompt", "hello", "-n", "12", "--temperature", "1", "--seed", seed];
        let text = toy.json(&args)["text"].as_str().unwrap().to_owned();
        assert_eq!(toy.succeed(&args), text.clone() + "\n", "the text that is streamed is the same");
        text
    };
    assert!(run("1").starts_with("hello") && run("1").len() > "hello".len());
    assert_eq!(run("1"), run("1"));
    assert_ne!(run("1"), run("2"));
    let nothing = toy.json(&["generate", "m.egpt", "--prompt", "hello", "-n", "0"]);
    assert_eq!(nothing["text"], "hello");
    assert!(toy.json(&["generate", "m.egpt", "--prompt", "", "-n", "5"])["text"].is_string());
}

#[test]
fn one_of_the_top_k_is_greedy() {
    let toy = Toy::new(gpt2_config());
    let args = ["generate", "m.egpt", "--prompt", "how", "-n", "20"];
    let greedy = toy.succeed(&args);
    assert_eq!(toy.succeed(&[&args[..], &["--temperature", "2", "--top-k", "1"]].concat()), greedy);
}

#[test]
fn complete_suggests_words_with_the_letters_typed() {
    let toy = Toy::new(gpt2_config());
    let json = toy.json(&["complete", "m.egpt", "--text", "hello, how a", "-k", "2", "--budget", "30"]);
    let words: Vec<&str> = json["suggestions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(!words.is_empty() && words.len() <= 2, "{words:?}");
    assert!(words.iter().all(|word| word.starts_with('a')), "{words:?}");
    let text = toy.succeed(&["complete", "m.egpt", "--text", "hello, how a", "-k", "2", "--budget", "30"]);
    assert_eq!(text.lines().count(), words.len());
}

#[test]
fn eval_measures_blob_and_checkpoint_alike() {
    let toy = Toy::new(llama_config());
    let [blob, checkpoint] = ["m.egpt", "model"].map(|model| toy.json(&["eval", model, "--text", "text.txt"]));
    for json in [&blob, &checkpoint] {
        assert_eq!(json["words"], 10);
        for rate in ["ksr1", "ksr3", "next_word_top1", "next_word_top3"] {
            assert!((0.0..=100.0).contains(&json[rate].as_f64().unwrap()), "{rate}: {json}");
        }
        assert!(json["perplexity"].as_f64().unwrap() > 1.0, "{json}");
    }
    let [in_q8, in_f32] = [&blob, &checkpoint].map(|json| json["bits_per_byte"].as_f64().unwrap());
    assert!((in_q8 / in_f32 - 1.0).abs() < 0.02, "{in_q8} and {in_f32}");
    assert_eq!(toy.json(&["eval", "m.egpt", "--text", "text.txt", "--limit-words", "3"])["words"], 5);
    let untyped = toy.json(&["eval", "m.egpt", "--text", "text.txt", "--limit-words", "0"]);
    assert!(untyped["ksr3"].is_null() && untyped["bits_per_byte"] == blob["bits_per_byte"], "{untyped}");
    let text = toy.succeed(&["eval", "m.egpt", "--text", "text.txt"]);
    assert!(
        ["keystrokes saved", "case exact", "7.1 % of the characters"].iter().all(|expected| text.contains(expected)),
        "{text}"
    );
}

#[test]
fn eval_measures_words_of_every_script() {
    let toy = Toy::new(llama_config());
    fs::write(toy.path("scripts.txt"), "Größe, café\nКак дела?\nनमस्ते दुनिया\n🚀 🚀🚀\n").unwrap();
    let json = toy.json(&["eval", "m.egpt", "--text", "scripts.txt"]);
    assert_eq!(json["words"], 6);
    assert_eq!(json["characters_in_no_word"], 100.0 * 5.0 / 33.0);
    for slots in ["1", "3"] {
        let [folded, exact] = [format!("ksr{slots}"), format!("ksr{slots}_case_exact")].map(|key| json[key].as_f64());
        assert!(exact.unwrap() <= folded.unwrap(), "{json}");
    }
    let text = toy.succeed(&["eval", "m.egpt", "--text", "scripts.txt"]);
    assert!(text.contains("note: 15.2 % of the characters are in no word"), "{text}");
}

#[test]
fn eval_types_with_slips() {
    let toy = Toy::new(llama_config());
    let args = ["eval", "m.egpt", "--text", "text.txt", "--typist", "noisy"];
    let json = toy.json(&args);
    assert_eq!((&json["words"], &json["error_rate"]), (&10.into(), &0.03.into()));
    assert_eq!(json, toy.json(&args), "the same slips every time");
    // Without slips and corrections it is the exact typist on the same keys.
    let exact = toy.json(&["eval", "m.egpt", "--text", "text.txt", "--keys", "qwerty"]);
    let right = toy.json(&[&args[..], &["--error-rate", "0"]].concat());
    let without = &right["without_correction"];
    assert!((without["ksr"].as_f64().unwrap() - exact["ksr3"].as_f64().unwrap()).abs() < 1e-9, "{right} {exact}");
    assert_eq!((&without["words_left_wrong"], &without["words_with_slip"]), (&0.0.into(), &0.0.into()));
    let wrong = toy.json(&[&args[..], &["--error-rate", "1"]].concat());
    assert!(wrong["words_left_wrong"].as_f64() > Some(50.0), "{wrong}");
    assert!(wrong["without_suggestions"]["words_with_slip"] == 100.0, "{wrong}");
    for keys in ["letters", "azerty"] {
        let text = toy.succeed(&[&args[..], &["--error-rate", "0.2", "--keys", keys]].concat());
        assert!(
            ["slips in 20.0 %", "left wrong", "false corrections"].iter().all(|part| text.contains(part)),
            "{text}"
        );
    }
}

#[test]
fn eval_refuses_what_the_typist_cannot_do() {
    let toy = Toy::new(llama_config());
    let eval = |more: &[&'static str]| [&["eval", "m.egpt", "--text", "text.txt"][..], more].concat();
    toy.fail(&eval(&["--error-rate", "0.1"]), "needs --typist noisy");
    toy.fail(&eval(&["--min-correction", "50"]), "needs --typos or --typist noisy");
    toy.fail(&eval(&["--typist", "noisy", "--new-only"]), "does not go with --new-only");
    toy.fail(&eval(&["--typist", "noisy", "--keypad", "9"]), "does not go with --keypad");
    assert_eq!(toy.run(&eval(&["--typist", "noisy", "--error-rate", "1.5"])).status.code(), Some(2));
    toy.fail(&["eval", "--typist", "noisy", "--text", "text.txt"], "name a model");
}

/// A corpus whose documents fall in all splits.
fn write_corpus(toy: &Toy) {
    let documents: Vec<String> =
        (0..400).map(|i| format!("hello number {i}, it is fine\nhow are you?\nfine, and you?")).collect();
    fs::write(toy.path("corpus.txt"), documents.join("\n\n")).unwrap();
}

#[test]
fn eval_puts_a_trigram_table_beside_models() {
    let toy = Toy::new(llama_config());
    write_corpus(&toy);
    let args = ["eval", "m.egpt", "model", "--corpus", "corpus.txt", "--baseline", "trigram", "--bytes", "1KiB,4KiB"];
    let output = toy.succeed(&[&args[..], &["--json", "--plot", "ksr.svg"]].concat());
    let lines: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = lines.iter().filter_map(|line| line["predictor"].as_str()).collect();
    assert_eq!(names, ["m.egpt", "model", "trigram 1 KiB", "trigram 4 KiB"]);
    // Random weights against a text whose every word the table knows.
    assert!(lines[0]["ksr3"].as_f64() < lines[3]["ksr3"].as_f64(), "{output}");
    assert!(lines[3]["ksr3"].as_f64() <= lines[3]["new_only"]["ksr3"].as_f64(), "{output}");
    assert!(lines[2]["bytes"].as_u64() <= Some(1024));
    for (pair, model) in lines[4..].iter().zip(["m.egpt", "model"]) {
        assert_eq!((pair["model"].as_str(), pair["baseline"].as_str()), (Some(model), Some("trigram 4 KiB")));
        for which in ["difference", "difference_new_only"] {
            let [points, low, high] = ["points", "low", "high"].map(|key| pair[which]["ksr3"][key].as_f64().unwrap());
            assert!(low <= points && points <= high && high < 0.0, "{pair}");
        }
    }
    let plot = fs::read_to_string(toy.path("ksr.svg")).unwrap();
    assert!(plot.starts_with("<svg ") && plot.contains("trigram table"));

    let text = toy.succeed(&[&args[..2], &args[3..]].concat());
    for expected in ["trigram 1 KiB", "without repeats", "m.egpt less trigram 4 KiB", "95 % interval"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn eval_needs_something_to_measure() {
    let toy = Toy::new(llama_config());
    write_corpus(&toy);
    let corpus = ["eval", "--corpus", "corpus.txt", "--baseline", "trigram"];
    toy.fail(&corpus, "--bytes");
    toy.fail(&["eval"], "give models");
    toy.fail(&["eval", "--corpus", "corpus.txt", "m.egpt"], "name models before --corpus");
    toy.fail(&[&corpus[..], &["--bytes", "4KiB", "--limit-words", "0"]].concat(), "nothing to compare");
    assert!(toy.succeed(&[&corpus[..], &["--bytes", "4KiB"]].concat()).contains("keystrokes saved"));
    assert_eq!(toy.run(&["eval", "m.egpt", "--bytes", "4KiB"]).status.code(), Some(2), "a table must be asked for");
    fs::write(toy.path("tiny.txt"), "hello").unwrap();
    toy.fail(&["eval", "m.egpt", "--corpus", "tiny.txt"], "--text");
}

#[test]
fn training_leaves_a_page_that_needs_nothing_else() {
    let toy = Toy::new(llama_config());
    write_corpus(&toy);
    let train =
        ["train", "--corpus", "corpus.txt", "--out", "run", "--preset", "tiny", "--n-vocab", "280", "--steps", "3"];
    assert!(toy.notes(&[&train[..], &["--batch", "2"]].concat()).contains("report.html"));
    let page = || fs::read_to_string(toy.path("run/report.html")).unwrap();
    let first = page();
    for expected in ["Learning rate", "validation text", "typed, and how it went on", "token embedding", "egpt eval"] {
        assert!(first.contains(expected), "{expected} is not in the page");
    }
    // Nothing is loaded: the only address is the name of SVG's elements.
    assert_eq!(first.matches("http").count(), first.matches("http://www.w3.org/2000/svg").count());
    assert!(!first.contains("src=") && !first.contains("<script"));

    let json =
        toy.succeed(&["eval", "run", "--corpus", "corpus.txt", "--baseline", "trigram", "--bytes", "4KiB", "--json"]);
    fs::write(toy.path("eval.jsonl"), json).unwrap();
    assert!(toy.succeed(&["report", "run", "--eval-json", "eval.jsonl"]).contains("report.html"));
    assert!(page().contains("run less trigram 4 KiB"));
    // What was measured stays.
    toy.succeed(&["report", "run"]);
    assert!(page().contains("run less trigram 4 KiB"));
    toy.fail(&["report", "run", "--eval-json", "corpus.txt"], "egpt eval");
    toy.fail(&["report", "missing"], "missing");
    // A model of other origin has less to tell.
    toy.succeed(&["report", "model"]);
    assert!(!fs::read_to_string(toy.path("model/report.html")).unwrap().contains("Learning rate"));
}

#[test]
fn logits_hash_tells_runs_apart() {
    let toy = Toy::new(gpt2_config());
    let hash = |prompt: &str| toy.succeed(&["logits-hash", "m.egpt", "--prompt", prompt, "-n", "30"]);
    assert_eq!(hash("hello"), hash("hello"));
    assert_ne!(hash("hello"), hash("you"));
    assert_eq!(toy.json(&["logits-hash", "m.egpt"])["logits"].as_str().unwrap().len(), 18);
}

#[test]
fn files_that_are_no_blobs_are_refused() {
    let toy = Toy::new(gpt2_config());
    let sound = fs::read(toy.path("m.egpt")).unwrap();
    let mut damaged = sound.clone();
    damaged[sound.len() / 2] ^= 1;
    fs::write(toy.path("damaged.egpt"), damaged).unwrap();
    fs::write(toy.path("short.egpt"), &sound[..sound.len() / 2]).unwrap();
    for (blob, reason) in [
        ("missing.egpt", "cannot read missing.egpt"),
        ("damaged.egpt", "damaged.egpt is not a usable model blob: "),
        ("short.egpt", "cut short: "),
        ("text.txt", "text.txt is not a usable model blob: "),
    ] {
        toy.fail(&["inspect", blob], reason);
        toy.fail(&["generate", blob, "--prompt", "hello"], reason);
        toy.fail(&["complete", blob, "--text", "hello"], reason);
        toy.fail(&["eval", blob, "--text", "text.txt"], reason);
        toy.fail(&["logits-hash", blob], reason);
    }
}

#[test]
fn texts_that_cannot_be_measured_are_refused() {
    let toy = Toy::new(gpt2_config());
    fs::write(toy.path("latin1.txt"), b"caf\xE9\n").unwrap();
    fs::write(toy.path("empty.txt"), " \n").unwrap();
    toy.fail(&["eval", "m.egpt", "--text", "latin1.txt"], "latin1.txt is not UTF-8");
    toy.fail(&["eval", "m.egpt", "--text", "empty.txt"], "empty.txt has no text");
    toy.fail(&["eval", "m.egpt", "--text", "missing.txt"], "cannot read missing.txt");
}

#[test]
fn typing_needs_a_terminal() {
    let toy = Toy::new(llama_config());
    toy.fail(&["type", "m.egpt"], "egpt complete m.egpt --text");
    toy.fail(&["type", "m.egpt", "--slots", "10"], "--slots must be 1 to 9");
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let toy = Toy::new(gpt2_config());
    toy.fail(&["generate", "m.egpt", "--prompt", "a", "--context", "1000"], "context must be 1 to 16");
    toy.fail(&["complete", "m.egpt", "--text", "a", "--context", "0"], "context must be 1 to 16");
    toy.fail(&["eval", "m.egpt", "--text", "text.txt", "--context", "17"], "1 to 16");
    toy.fail(&["complete", "m.egpt", "--text", "a", "-k", "0"], "-k must be");
}

#[test]
fn auto_uses_the_budget_that_it_is_given() {
    let toy = Toy::new(llama_config());
    let size = |args: &[&str]| -> u64 {
        let command = [&["export", "model", "--out", "x.egpt", "--json"], args].concat();
        serde_json::from_str::<Value>(&toy.succeed(&command)).unwrap()["blob_bytes"].as_u64().unwrap()
    };
    let (small, large) = (size(&["--quant", "q4"]), size(&["--quant", "q8"]));
    let budget = (small + large) / 2;
    let auto = size(&["--quant", "auto", "--flash", &budget.to_string()]);
    assert!(small < auto && auto <= budget, "{small} {auto} {budget}");
    toy.succeed(&["complete", "x.egpt", "--text", "a"]);
}

#[test]
fn export_lists_the_words_of_the_training_text() {
    let toy = Toy::new(gpt2_config());
    let lines: String =
        (0..2000).map(|i| format!("Zdenka meets person{i} and person{}\nhow are you?\n\n", i + 1)).collect();
    fs::write(toy.path("long.txt"), lines).unwrap();
    let small = ["--preset", "tiny", "--steps", "1", "--batch", "2", "--threads", "1"];
    toy.succeed(&[&["train", "--corpus", "long.txt", "--out", "run"], &small[..]].concat());
    let export = |options: &[&str]| toy.json(&[&["export", "run", "--out", "x.egpt"], options].concat());
    let (bare, usual) = (export(&["--words", "none"]), export(&[]));
    let bytes = |result: &Value| result["blob_bytes"].as_u64().unwrap();
    assert_eq!((&bare["words"], &bare["ngram_bytes"], &usual["ngram_bytes"]), (&0.into(), &0.into(), &0.into()));
    assert!(usual["words"].as_u64() > Some(1500) && bytes(&usual) > bytes(&bare) + 2000, "{usual}");
    assert_eq!(export(&["--words", "300"])["words"], 300);
    let suggestions = toy.json(&["complete", "x.egpt", "--text", "Zde", "--budget", "0"])["suggestions"].to_string();
    assert!(suggestions.contains("Zdenka"), "{suggestions}");

    let flash = bytes(&bare) + 5000;
    for quant in ["q8", "auto"] {
        let some = export(&["--quant", quant, "--flash", &flash.to_string()]);
        assert!(some["words"].as_u64() > Some(300) && bytes(&some) <= flash, "{some}");
        assert!(quant == "auto" || bytes(&some) > flash - 200, "{some}");
    }
    let all = export(&["--flash", "16MiB"]);
    assert!(all["ngram_bytes"].as_u64() > Some(32 << 10), "{all}");

    fs::remove_file(toy.path("run/words.txt")).unwrap();
    assert!(toy.notes(&["export", "run", "--out", "x.egpt"]).contains("no words.txt in run"));
    assert_eq!(toy.notes(&["export", "run", "--words", "none", "--out", "x.egpt"]), "");
    let own = toy.json(&["words", "x.egpt", "--corpus", "long.txt", "--n-words", "500", "--out", "x.egpt"]);
    assert_eq!(own["words"], 500);
}

#[test]
fn a_failed_export_leaves_the_old_blob() {
    let toy = Toy::new(gpt2_config());
    let before = fs::read(toy.path("m.egpt")).unwrap();
    toy.fail(&["export", "model", "--flash", "1KiB", "--out", "m.egpt"], "1024 are too few");
    toy.fail(&["export", "model", "--quant", "auto", "--flash", "1KiB", "--out", "m.egpt"], "the smallest blob");
    fs::remove_file(toy.path("model/tokenizer.json")).unwrap();
    toy.fail(&["export", "model", "--out", "m.egpt"], "no tokenizer.json");
    toy.fail(&["export", "missing", "--out", "m.egpt"], "missing/config.json");
    toy.fail(&["eval", "model", "--text", "text.txt"], "no tokenizer.json");
    assert_eq!(fs::read(toy.path("m.egpt")).unwrap(), before);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let toy = Toy::new(gpt2_config());
    for args in [&["inspect", "m.egpt"][..], &["generate", "m.egpt", "--prompt", "hello", "-n", "50"]] {
        let mut child = toy.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn numbers_out_of_range_are_refused_before_any_work() {
    let toy = Toy::new(gpt2_config());
    let generate = ["generate", "missing.egpt", "--prompt", "a"];
    let train = ["train", "--corpus", "missing.txt", "--out", "new"];
    for (command, option, value, range) in [
        (&generate[..], "--temperature", "-1", "at least 0"),
        (&generate, "--top-p", "0", "above 0 and at most 1"),
        (&generate, "--top-k", "0", "at least 1"),
        (&train, "--learning-rate", "-1", "above 0 and at most 1"),
        (&train, "--dropout", "1", "below 1"),
        (&train, "--minutes", "nan", "above 0"),
        (&train, "--steps", "0", "at least 1"),
        (&train, "--batch", "-1", "at least 1"),
        (&train, "--threads", "0", "at least 1"),
    ] {
        let output = toy.run(&[command, &[option, value]].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(option) && message.contains(range), "{message}");
    }
    assert!(!toy.path("new").exists());
}

#[test]
fn own_text_is_learned_from_a_checkpoint_with_the_old_text_replayed() {
    let toy = Toy::new(gpt2_config());
    let lines = |what: &str| -> String { (0..400).map(|i| format!("{what} number {i}, how are you?\n\n")).collect() };
    fs::write(toy.path("old.txt"), lines("hello")).unwrap();
    fs::write(toy.path("new.txt"), lines("dear aunt")).unwrap();
    let small = ["--steps", "2", "--batch", "2", "--threads", "1"];
    let train = ["train", "--corpus", "old.txt", "--out", "run", "--preset", "tiny", "--quant", "q4"];
    toy.succeed(&[&train[..], &small].concat());
    let tune = ["finetune", "run", "--corpus", "new.txt", "--replay", "old.txt", "--out", "tuned", "--json"];
    let output = toy.run(&[&tune[..], &small].concat());
    let result = String::from_utf8(output.stdout).unwrap();
    assert_eq!(result.matches("bits_per_byte_before").count(), 2, "{result}");
    assert!(fs::read_to_string(toy.path("tuned/egpt.json")).unwrap().contains("then 2 updates on"));
    let words = fs::read_to_string(toy.path("tuned/words.txt")).unwrap();
    assert!(words.contains("aunt") && words.contains("hello"), "words of both texts are counted: {words}");
    toy.fail(&[&tune[..], &small].concat(), "already holds a model");
    toy.fail(&["train", "--corpus", "old.txt", "--out", "none", "--flash", "4KiB"], "at least 40 KiB");
    toy.fail(&["train", "--corpus", "old.txt", "--out", "none", "--flash", "1MiB", "--arch", "gpt2"], "--arch llama");
}

#[test]
fn what_is_mistaken_for_something_else_gets_a_hint() {
    let toy = Toy::new(gpt2_config());
    fs::write(toy.path("model.bin"), [7; 300]).unwrap();
    toy.fail(&["export", "m.egpt", "--out", "b.egpt"], "m.egpt is a blob already");
    toy.fail(&["export", "model.bin", "--out", "b.egpt"], "egpt import");
    toy.fail(&["complete", "model.bin", "--text", "a"], "is it a llama2.c or Hugging Face checkpoint?");
    toy.fail(&["complete", "model", "--text", "a"], "model is a directory");
    toy.fail(&["import", "hf", "model", "--out", "model"], "another directory than the one imported");
    toy.succeed(&["import", "hf", "model", "--out", "b"]);
    toy.fail(&["import", "hf", "model", "--out", "b"], "already holds a model");
    fs::write(toy.path("dots.txt"), "... !\n").unwrap();
    assert!(toy.succeed(&["eval", "m.egpt", "--text", "dots.txt"]).contains("no words to type"));
    assert!(toy.notes(&["corpus", "dots.txt", "--out", "splits"]).contains("warning: valid.txt is empty"));
}

#[test]
fn import_of_sentence_pieces_tells_what_a_device_does_otherwise() {
    let toy = Toy::new(llama_config());
    let (n_vocab, n_ctx, head_dim, dim, n_ff) = (259, 4, 4, 8, 12);
    let layer = 2 * dim + 2 * dim * dim + 2 * dim * head_dim + 3 * dim * n_ff;
    let n_values = n_vocab * dim + layer + dim + n_ctx * head_dim;
    let header: Vec<u8> = [dim, n_ff, 1, 2, 1, n_vocab, n_ctx].iter().flat_map(|&n| (n as i32).to_le_bytes()).collect();
    fs::write(toy.path("model.bin"), [header, 0.5f32.to_le_bytes().repeat(n_values)].concat()).unwrap();
    let special = ["<unk>", "<s>", "</s>"].map(str::to_owned).into_iter();
    let piece = |text: String| [&[0; 4][..], &(text.len() as i32).to_le_bytes(), text.as_bytes()].concat();
    let pieces = special.chain((0..256).map(|byte| format!("<0x{byte:02X}>"))).flat_map(piece);
    fs::write(toy.path("tok.bin"), [0; 4].into_iter().chain(pieces).collect::<Vec<u8>>()).unwrap();
    assert!(toy.notes(&["import", "llama2c", "model.bin", "tok.bin", "--out", "a"]).contains("▁ (U+2581)"));
    assert!(!toy.notes(&["import", "hf", "model", "--out", "b"]).contains("U+2581"));
}

#[test]
fn import_says_what_it_compared_and_refuses_keys_by_name() {
    let toy = Toy::new(llama_config());
    let text = toy.succeed(&["import", "hf", "model", "--out", "a", "--sample", "text.txt"]);
    assert!(text.contains("texts are those of tokenizers"), "{text}");
    let config = fs::read_to_string(toy.path("model/config.json")).unwrap();
    fs::write(toy.path("model/config.json"), config.replacen('{', "{ \"logit_scale\": 0.5,", 1)).unwrap();
    toy.fail(&["import", "hf", "model", "--out", "b"], "--ignore-key logit_scale");
    let json = toy.json(&["import", "hf", "model", "--out", "b", "--ignore-key", "logit_scale"]);
    assert_eq!(json["texts_that_differ"], 0);
    assert!(json["texts_compared"].as_u64() > Some(50));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_once_and_without_temporary_names() {
    let toy = Toy::new(gpt2_config());
    let message = toy.run(&["export", "model", "--out", "/dev/full"]).stderr;
    let message = String::from_utf8(message).unwrap();
    assert_eq!(message, "error: cannot write /dev/full: No space left on device (os error 28)\n");
    let message = String::from_utf8(toy.run(&["export", "missing", "--out", "b.egpt"]).stderr).unwrap();
    assert_eq!(message.matches("No such file").count(), 1, "{message}");
}
