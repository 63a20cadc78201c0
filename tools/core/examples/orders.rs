//! Orders for a house, made by rule: pairs of an order and what to do, or orders with a label. To try `egpt
//! finetune` with; real orders are not so regular.
//!
//! ```text
//! cargo run -p egpt-core --example orders -- pairs 4000 > pairs.jsonl
//! cargo run -p egpt-core --example orders -- labels 4000 > labels.jsonl
//! ```

use anyhow::{Context, Result, bail};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

const ROOMS: [&str; 8] = ["kitchen", "bedroom", "bathroom", "hall", "office", "garage", "garden", "living room"];
const OPENINGS: [&str; 8] =
    ["", "", "please ", "could you ", "can you ", "hey, ", "i want you to ", "would you please "];
const ENDINGS: [&str; 6] = ["", "", "", " please", " now", ", thanks"];

/// What an order is about, how it can be said, and what to do; `{room}` and `{n}` are filled in.
const INTENTS: [(&str, &[&str], &str); 10] = [
    (
        "light",
        &["turn on the light in the {room}", "make it brighter in the {room}", "switch the {room} lamp on"],
        "light {room} on",
    ),
    (
        "light",
        &["turn off the light in the {room}", "make it dark in the {room}", "switch the {room} lamp off"],
        "light {room} off",
    ),
    ("light", &["dim the {room} light to {n} percent", "set the {room} lamp to {n}"], "light {room} {n}"),
    ("heating", &["heat the {room} to {n} degrees", "make it {n} degrees in the {room}"], "heating {room} {n}"),
    ("heating", &["it is too cold in the {room}", "make it warmer in the {room}"], "heating {room} up"),
    ("heating", &["it is too hot in the {room}", "turn the heating down in the {room}"], "heating {room} down"),
    ("music", &["play some music in the {room}", "put a song on in the {room}"], "music {room} on"),
    ("music", &["stop the music in the {room}", "no more songs in the {room}"], "music {room} off"),
    ("alarm", &["wake me in {n} minutes", "set an alarm for {n} minutes from now"], "alarm {n}"),
    ("alarm", &["cancel the alarm", "i do not want to be woken", "forget the alarm"], "alarm off"),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, count] = &arguments[..] else { bail!("usage: orders pairs|labels COUNT") };
    let count: usize = count.parse().context("COUNT is a whole number")?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..count {
        let mut pick = |from: &[&'static str]| *from.choose(&mut rng).expect("not empty");
        let (opening, ending, room) = (pick(&OPENINGS), pick(&ENDINGS), pick(&ROOMS));
        let number = rng.random_range(1..=60).to_string();
        let (label, forms, action) = INTENTS.choose(&mut rng).expect("not empty");
        let form = forms.choose(&mut rng).expect("not empty");
        let filled = |text: &str| text.replace("{room}", room).replace("{n}", &number);
        let order = format!("{opening}{}{ending}", filled(form));
        let line = match what.as_str() {
            "pairs" => json!({"input": order, "output": filled(action)}),
            "labels" => json!({"text": order, "label": label}),
            other => bail!("pairs or labels, not {other}"),
        };
        println!("{line}");
    }
    Ok(())
}
