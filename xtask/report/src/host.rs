//! Computers: tokens per CPU-second beside other engines.

use crate::chart::{Chart, Group};
use crate::page::Page;
use crate::record::{Host, OURS, Record};

const METHOD: &str = "\
One thread. All engines take turns in the same run, and the median of the rounds counts: compare
figures of one model, not of different pages. Figures are tokens per second of the processor's time,
from position 0 on, each with all logits.

- `15M` is the shape of llama2.c's stories15M with random weights, 128 tokens. stories260K runs for
  256 tokens, `demo` (`models/demo.egpt`) for 64.
- llama.cpp is `llama-cpp-python` built with `GGML_NATIVE=ON`, candle is built for the processor.
  Both read GGUF files of the same weights; rows that are no multiple of 32 long stay f32.
- run.c is built with `-O3 -march=native -ffast-math`.";

/// Adds the part, if there are figures.
pub fn write(records: &[Record], page: &mut Page) {
    let all: Vec<&Host> =
        records.iter().filter_map(|record| if let Record::Host(host) = record { Some(host) } else { None }).collect();
    if all.is_empty() {
        return;
    }
    page.heading(2, "Computers");
    page.provenance(records, "host");
    page.paragraph(METHOD);
    let mut models: Vec<&str> = Vec::new();
    for host in &all {
        if !models.contains(&host.model.as_str()) {
            models.push(&host.model);
        }
    }
    for (i, model) in models.iter().enumerate() {
        let of_model: Vec<&&Host> = all.iter().filter(|host| host.model == *model).collect();
        page.heading(3, model);
        page.picture(&format!("host-{}", i + 1), &chart(model, &of_model));
        let rows: Vec<Vec<String>> = of_model.iter().map(|host| row(host)).collect();
        page.table(&["engine", "format", "tokens per CPU-second"], &rows);
    }
}

fn row(host: &Host) -> Vec<String> {
    vec![host.engine.clone(), host.format.clone(), number(host.tokens_per_cpu_second)]
}

/// Ours have a colour of their own.
fn chart(model: &str, of_model: &[&&Host]) -> Chart {
    let groups = of_model.iter().map(|host| {
        let bar = Some((host.tokens_per_cpu_second, number(host.tokens_per_cpu_second)));
        let bars = if host.engine == OURS { vec![bar] } else { vec![None, None, bar] };
        Group { label: format!("{} {}", host.engine, host.format), bars }
    });
    Chart {
        title: format!("Tokens per CPU-second, {model}"),
        subtitle: "More is better.".to_owned(),
        series: Vec::new(),
        groups: groups.collect(),
        is_scaled_by_group: false,
    }
}

fn number(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}
