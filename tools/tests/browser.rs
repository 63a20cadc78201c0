//! The page in a browser: what a person types brings the words that this computer finds.

mod chromium;
mod native;
mod toy;

use chromium::Browser;
use egpt_core::weights::random::llama_config;
use embedded_gpt::Keys;
use native::{CONTEXT, TYPED, Word, blob, correction, logits_hash, tokens, words};
use serde_json::{Value, json};
use toy::Toy;

/// What the page shows as offered.
const OFFERED: &str = "[...document.querySelectorAll('#words button:enabled')].map((button) => \
                       [button.querySelector('.word').textContent, parseInt(button.querySelector('.share').textContent), \
                       button.hasAttribute('data-slip')])";

fn offered(browser: &mut Browser) -> Vec<Word> {
    settle(browser);
    let value = browser.value(OFFERED);
    let word = |word: &Value| Word {
        text: word[0].as_str().unwrap().to_owned(),
        percent: word[1].as_u64().unwrap() as u8,
        corrects: word[2] == true,
    };
    value.as_array().unwrap().iter().map(word).collect()
}

/// Waits until the words for what is in the field are there.
fn settle(browser: &mut Browser) {
    browser.wait_for("document.getElementById('words').getAttribute('aria-busy') === 'false'");
}

fn shown(browser: &mut Browser, id: &str) -> String {
    browser.text(&format!("document.getElementById('{id}').textContent"))
}

fn typed(browser: &mut Browser) -> String {
    browser.text("document.getElementById('text').value")
}

fn choose(browser: &mut Browser, id: &str, value: &str) {
    let script = format!(
        "document.getElementById('{id}').value = '{value}'; \
         document.getElementById('{id}').dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    browser.value(&script);
}

/// Replaces the text by another in one input, as an editor does. It would make several of a line end.
fn write(browser: &mut Browser, text: &str) {
    let edit = match text {
        "" => "document.execCommand('delete')".to_owned(),
        text if text.contains('\n') => {
            format!("text.value = {}; text.dispatchEvent(new InputEvent('input', {{ bubbles: true }}))", json!(text))
        }
        text => format!("document.execCommand('insertText', false, {})", json!(text)),
    };
    browser.value(&format!("{{ const text = document.getElementById('text'); text.focus(); text.select(); {edit} }}"));
}

#[test]
#[ignore = "needs a browser: `cargo xtask test \"page: browser\"`"]
fn a_browser_shows_what_this_computer_computes() {
    let toy = Toy::new(llama_config());
    let keyboard = blob("keyboard.egpt");
    let json = toy.json(&["page", keyboard.to_str().unwrap(), "--out", "k.html", "--example", "see you at the s"]);
    let mut browser = Browser::start();
    browser.open(&toy.path("k.html"));
    browser.wait_for("document.getElementById('verdict').textContent !== ''");
    same_bits(&mut browser, &json);
    for (layout, keys) in [("qwerty", Keys::QWERTY), ("letters", Keys::LETTERS)] {
        same_words(&mut browser, layout, keys);
    }
    let took = typing_takes(&mut browser);
    keys_and_taps(&mut browser);
    space_corrects(&mut browser);
    for_screen_readers(&mut browser);
    nothing_from_outside(&browser);
    without_workers(&mut browser, &toy);
    println!("browser: {} texts as on this computer, {took}", 2 * TYPED.len());
}

fn same_bits(browser: &mut Browser, json: &Value) {
    let expected = format!("{:#018x}", logits_hash(&blob("keyboard.egpt"), 300, 128));
    assert_eq!((json["logits"].as_str(), json["tokens"].as_u64()), (Some(expected.as_str()), Some(300)));
    assert_eq!(shown(browser, "hash-here"), expected);
    assert_eq!(shown(browser, "hash-expected"), expected);
    assert!(shown(browser, "verdict").contains("Equal"));
}

fn same_words(browser: &mut Browser, layout: &str, keys: Keys<'static>) {
    // Another context and back: the suggester is made anew.
    write(browser, "");
    choose(browser, "context", "32");
    settle(browser);
    browser.value(&format!("document.getElementById('layout').value = '{layout}'"));
    choose(browser, "context", &CONTEXT.to_string());
    for (i, (text, (words, passes))) in TYPED.iter().zip(words(&blob("keyboard.egpt"), keys, &TYPED)).enumerate() {
        // The empty text is there already.
        if i > 0 {
            write(browser, text);
        }
        assert_eq!(offered(browser), words, "after {text:?} with {layout}");
        assert_eq!(typed(browser), *text);
        assert_eq!(shown(browser, "steps"), passes.to_string(), "passes after {text:?} with {layout}");
        let ids = browser.value("[...document.querySelectorAll('#tokens small')].map((id) => Number(id.textContent))");
        assert_eq!(ids, json!(tokens(&blob("keyboard.egpt"), text)), "{text:?}");
    }
}

/// Types a message key by key; says how long the words of a key took.
fn typing_takes(browser: &mut Browser) -> String {
    choose(browser, "layout", "qwerty");
    write(browser, "");
    settle(browser);
    let mut times = Vec::new();
    for key in "thank you so much! I will be home at seven, see you tonight".chars() {
        browser.press(&key.to_string(), "", 0);
        settle(browser);
        times.push(shown(browser, "took").parse::<f64>().unwrap());
    }
    assert_eq!(typed(browser), "thank you so much! I will be home at seven, see you tonight");
    times.sort_by(f64::total_cmp);
    let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
    format!("{median} ms per keystroke (median), {most} at most")
}

fn keys_and_taps(browser: &mut Browser) {
    browser.value("document.getElementById('clear').click()");
    browser.insert("see you tom");
    settle(browser);
    browser.press("Tab", "Tab", 0);
    settle(browser);
    assert_eq!(typed(browser), "see you tomorrow ");
    // Eleven keys and Tab instead of seventeen.
    assert_eq!((shown(browser, "saved"), shown(browser, "saved-of")), ("5".into(), "of 17 (29 %)".into()));
    browser.press("!", "", 0);
    settle(browser);
    assert_eq!(typed(browser), "see you tomorrow!");
    // A letter that is taken back costs a key, and the one that brought it is gone.
    for _ in 0..2 {
        browser.press("Backspace", "Backspace", 0);
    }
    settle(browser);
    assert_eq!((typed(browser), shown(browser, "saved")), ("see you tomorro".into(), "2".into()));
    write(browser, "i am going to ");
    let words = offered(browser);
    browser.press("2", "Digit2", 1);
    settle(browser);
    assert_eq!(typed(browser), format!("i am going to {} ", words[1].text));
    let words = offered(browser);
    browser.press("3", "Digit3", 2);
    settle(browser);
    assert!(typed(browser).ends_with(&format!(" {} ", words[2].text)));
    let (before, words) = (typed(browser), offered(browser));
    browser.value("document.querySelector('#words button').click()");
    settle(browser);
    assert_eq!(typed(browser), format!("{before}{} ", words[0].text));
    // Out of the field without a pointer.
    browser.press("Escape", "Escape", 0);
    browser.press("Tab", "Tab", 0);
    assert_eq!(browser.text("document.activeElement.tagName"), "BUTTON");
    // An example, and words within a text.
    browser.value("document.querySelector('#examples button').click()");
    settle(browser);
    assert_eq!(typed(browser), "see you at the s");
    browser.value("document.getElementById('text').setSelectionRange(8, 8)");
    let n = tokens(&blob("keyboard.egpt"), "see you ").len();
    browser.wait_for(&format!("document.querySelectorAll('#tokens li').length === {n}"));
    settle(browser);
    let first = offered(browser)[0].text.clone();
    browser.press("Tab", "Tab", 0);
    settle(browser);
    assert_eq!(typed(browser), format!("see you {first} at the s"));
}

/// A space bar puts the word that was surely meant, and backspace brings back what was typed, for good.
fn space_corrects(browser: &mut Browser) {
    let slip = "see you tomorrwo";
    let meant = correction(&blob("keyboard.egpt"), Keys::QWERTY, slip).unwrap();
    browser.value("document.getElementById('clear').click()");
    settle(browser);
    browser.insert(slip);
    settle(browser);
    browser.press(" ", "Space", 0);
    settle(browser);
    assert_eq!(typed(browser), format!("see you {meant} "));
    assert!(shown(browser, "note").contains("tomorrwo"));
    browser.press("Backspace", "Backspace", 0);
    settle(browser);
    assert_eq!((typed(browser), shown(browser, "note")), (slip.into(), String::new()));
    browser.press(" ", "Space", 0);
    settle(browser);
    assert_eq!(typed(browser), format!("{slip} "));
}

/// Everything that can be used has a name, and the words are said.
fn for_screen_readers(browser: &mut Browser) {
    let tree = browser.send("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let of_role = |role: &str| -> Vec<&str> {
        let found = nodes.iter().filter(|node| node["role"]["value"] == role && node["ignored"] != true);
        found.map(|node| node["name"]["value"].as_str().unwrap_or_default()).collect()
    };
    assert_eq!(of_role("textbox"), ["Your text"]);
    assert_eq!(of_role("combobox"), ["Slips of the finger", "Looks back"]);
    assert!(of_role("group").contains(&"Suggestions"));
    assert!(of_role("button").iter().all(|name| !name.is_empty()), "{:?}", of_role("button"));
    assert_eq!(of_role("heading").len(), 5);
    browser.value("document.getElementById('clear').click()");
    browser.insert("see you tom");
    browser.wait_for("document.getElementById('said').textContent === '1: tomorrow'");
}

/// The page asks for no other file, and nothing goes wrong in it.
fn nothing_from_outside(browser: &Browser) {
    let of = |method: &str| browser.events.iter().filter(|event| event["method"] == method).collect::<Vec<_>>();
    let mut requests = of("Network.requestWillBeSent");
    // The page makes its worker by itself.
    requests.retain(|event| !event["params"]["request"]["url"].as_str().unwrap_or_default().starts_with("blob:"));
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!((of("Runtime.exceptionThrown").len(), of("Log.entryAdded").len()), (0, 0), "{:?}", browser.events);
}

/// A browser that gives the page no worker computes the hash in the page.
fn without_workers(browser: &mut Browser, toy: &Toy) {
    browser.send("Page.addScriptToEvaluateOnNewDocument", json!({ "source": "delete globalThis.Worker" }));
    browser.open(&toy.path("k.html"));
    browser.wait_for("document.getElementById('verdict').textContent.includes('Equal')");
    assert_eq!(browser.text("typeof Worker"), "undefined");
}
