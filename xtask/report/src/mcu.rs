//! Microcontrollers: kernels, tokens, memory.

use crate::chart::{Chart, Group};
use crate::page::{Page, thousands};
use crate::record::{Kernel, Memory, OURS, Record, Token};

const TARGETS: [&str; 8] =
    ["cortex-m0", "cortex-m3", "cortex-m4f", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imc", "rv32imac"];
const SHAPES: [(u32, u32); 5] = [(64, 64), (172, 64), (288, 288), (768, 288), (512, 64)];
/// Kernels in pictures and tables: engine, format, and what it is called.
const KERNELS: [(&str, &str, &str); 4] = [
    (OURS, "q8", "embedded-gpt q8"),
    (OURS, "q4", "embedded-gpt q4"),
    ("CMSIS-NN", "q8", "CMSIS-NN s8"),
    ("CMSIS-NN", "q4", "CMSIS-NN s4"),
];
const YARDSTICK: &str = "stories260K";
/// Engines that run the yardstick.
const RUNS: [(&str, &str, &str); 4] = [
    (OURS, "q8", "embedded-gpt q8"),
    (OURS, "q4", "embedded-gpt q4"),
    ("llama2.c runq.c", "int8", "llama2.c int8 (runq.c)"),
    ("llama2.c run.c", "f32", "llama2.c f32 (run.c)"),
];
const MEAN: &str = "mean32";
const POSITIONS: [&str; 3] = ["0", "31", "255"];

const METHOD: &str = "\
QEMU runs one instruction in one nanosecond of virtual time (`-icount shift=0`), so a timer of the
board counts them. Every run first counts a loop of 1,000,000 instructions and fails if the count is
off by more than 100. Instructions are not cycles: flash wait states, caches and dual issue are left
out. The same binary gives the same number on every computer.";

const PEERS: &str = "\
CMSIS-NN is `arm_nn_vec_mat_mult_t_s8` and `_s4` compiled with GCC -O3. llama2.c is unmodified
`run.c` and `runq.c` (groups of 64) with the best flags found. Both were counted in the same way on
2026-11-22; the figures are in `xtask/report/peers.jsonl`.";

const MEMORY: &str = "\
- **Code** is the flash of a program that loads a model, generates and suggests
  (`generate_and_suggest`), less that of a program that does nothing (`start_up`). The model is not
  counted; vocabulary search, sampling and tables are. Options are those of the instruction counts.
- **RAM** is all statics of that program (KV cache and scratch for the context), and the model and
  suggester objects.
- **Stack** is the deepest below the calls of `suggest` and of a generation, found by painting.";

/// Adds the part.
pub fn write(records: &[Record], page: &mut Page) {
    page.heading(2, "Microcontrollers");
    page.provenance(records, "mcu");
    page.paragraph(METHOD);
    page.paragraph(PEERS);
    kernels(records, page);
    tokens(records, page);
    other_models(records, page);
    memory(records, page);
}

fn kernels(records: &[Record], page: &mut Page) {
    page.heading(3, "A matrix times a vector");
    page.paragraph(
        "Instructions per multiply-accumulate. Row scales are included in ours, requantization to int8 in CMSIS-NN's.",
    );
    let bars = |target| KERNELS.map(|(engine, format, _)| of_kernel(records, engine, target, format, (288, 288)));
    let groups = TARGETS.iter().filter_map(|target| {
        let bars = bars(target).map(|figure| figure.map(|figure| (figure, format!("{figure:.2}"))));
        group(target, bars.to_vec())
    });
    let chart = Chart {
        title: "Instructions per multiply-accumulate, 288 × 288".to_owned(),
        subtitle: "Less is better.".to_owned(),
        series: KERNELS.map(|kernel| kernel.2.to_owned()).to_vec(),
        groups: groups.collect(),
        is_scaled_by_group: false,
    };
    page.picture("kernels", &chart);
    let mut rows = Vec::new();
    for (target, shape) in TARGETS.iter().flat_map(|target| SHAPES.map(|shape| (target, shape))) {
        let figures = KERNELS.map(|(engine, format, _)| of_kernel(records, engine, target, format, shape));
        if figures[0].is_some() {
            let cells = figures.map(|figure| figure.map_or_else(none, |figure| format!("{figure:.2}")));
            rows.push([vec![(*target).to_owned(), format!("{} × {}", shape.0, shape.1)], cells.to_vec()].concat());
        }
    }
    let heads: Vec<&str> = ["core", "rows × columns"].into_iter().chain(KERNELS.map(|kernel| kernel.2)).collect();
    page.table(&heads, &rows);
}

fn tokens(records: &[Record], page: &mut Page) {
    page.heading(3, "A token of stories260K");
    page.paragraph("259,328 weights; the mean of the first 32 tokens from the prompt \"Once upon a time\", greedily.");
    let mean = |target: &str, run: (&str, &str, &str)| of_token(records, run.0, target, YARDSTICK, run.1, MEAN);
    // Alone, the bars of a core have nothing to be compared with.
    let has_peer = |target: &&&str| RUNS.into_iter().any(|run| run.0 != OURS && mean(target, run).is_some());
    let groups = TARGETS.iter().filter(has_peer).filter_map(|target| {
        let bars = RUNS.map(|run| mean(target, run).map(|n| (n as f64, format!("{:.2} M", n as f64 / 1e6))));
        group(target, bars.to_vec())
    });
    let chart = Chart {
        title: "Million instructions per token, stories260K".to_owned(),
        subtitle: "Less is better. The bars of each core are to a scale of their own.".to_owned(),
        series: RUNS.map(|run| run.2.to_owned()).to_vec(),
        groups: groups.collect(),
        is_scaled_by_group: true,
    };
    page.picture("tokens", &chart);
    let heads: Vec<&str> = ["core"].into_iter().chain(RUNS.map(|run| run.2)).collect();
    let rows = TARGETS.iter().filter_map(|target| {
        let cells = RUNS.map(|run| mean(target, run));
        cells[0].is_some().then(|| row(target, cells.map(|cell| cell.map_or_else(none, thousands)).to_vec()))
    });
    page.table(&heads, &rows.collect::<Vec<_>>());
}

/// By position, for every model.
fn other_models(records: &[Record], page: &mut Page) {
    page.heading(3, "By position");
    page.paragraph(
        "Attention looks back at every earlier token, so later ones take more. `demo` is `models/demo.egpt`.",
    );
    let mut models: Vec<(&str, &str)> = Vec::new();
    for token in records.iter().filter_map(as_token).filter(|token| token.engine == OURS) {
        let model = (token.model.as_str(), token.format.as_str());
        if !models.contains(&model) {
            models.push(model);
        }
    }
    let mut rows = Vec::new();
    for (target, (model, format)) in TARGETS.iter().flat_map(|target| models.iter().map(move |&model| (target, model)))
    {
        let of = |position| of_token(records, OURS, target, model, format, position);
        if of(MEAN).is_some() {
            let cells = POSITIONS.into_iter().chain([MEAN]).map(|position| of(position).map_or_else(none, thousands));
            rows.push([vec![(*target).to_owned(), format!("{model} {format}")], cells.collect()].concat());
        }
    }
    page.table(&["core", "model", "token 0", "token 31", "token 255", "mean of the first 32"], &rows);
}

fn memory(records: &[Record], page: &mut Page) {
    page.heading(3, "Memory");
    page.paragraph(MEMORY);
    let all: Vec<&Memory> = records.iter().filter_map(as_memory).collect();
    let groups =
        all.iter().filter(|memory| memory.target == "cortex-m4f" && memory.model == YARDSTICK).filter_map(|memory| {
            let label = format!("{:.0} KB", memory.ram_bytes as f64 / 1000.0);
            group(&memory.engine, vec![Some((memory.ram_bytes as f64, label))])
        });
    let chart = Chart {
        title: "RAM with stories260K at a context of 512 tokens".to_owned(),
        subtitle: "Less is better.".to_owned(),
        series: vec!["Cortex-M4F".to_owned()],
        groups: groups.collect(),
        is_scaled_by_group: false,
    };
    page.picture("memory", &chart);
    let rows: Vec<Vec<String>> = all.iter().map(|memory| memory_row(memory)).collect();
    page.table(&["core", "engine", "model", "context", "code", "RAM", "stack"], &rows);
}

fn memory_row(memory: &Memory) -> Vec<String> {
    let optional = |bytes: Option<u64>| bytes.map_or_else(none, thousands);
    let text = [&memory.engine, &memory.model].map(String::clone).to_vec();
    let numbers = vec![
        memory.context.to_string(),
        optional(memory.code_bytes),
        thousands(memory.ram_bytes),
        optional(memory.stack_bytes),
    ];
    row(&memory.target, [text, numbers].concat())
}

fn row(first: &str, rest: Vec<String>) -> Vec<String> {
    [vec![first.to_owned()], rest].concat()
}

fn none() -> String {
    "–".to_owned()
}

/// None without bars.
fn group(label: &str, bars: Vec<Option<(f64, String)>>) -> Option<Group> {
    bars.iter().any(Option::is_some).then(|| Group { label: label.to_owned(), bars })
}

fn of_kernel(records: &[Record], engine: &str, target: &str, format: &str, shape: (u32, u32)) -> Option<f64> {
    let is_it = |kernel: &&Kernel| {
        kernel.engine == engine
            && kernel.target == target
            && kernel.format == format
            && (kernel.rows, kernel.cols) == shape
    };
    records.iter().filter_map(as_kernel).find(is_it).map(|kernel| kernel.instr_per_mac)
}

fn of_token(records: &[Record], engine: &str, target: &str, model: &str, format: &str, position: &str) -> Option<u64> {
    let is_it = |token: &&Token| {
        [&token.engine, &token.target, &token.model, &token.format] == [engine, target, model, format]
            && token.position.to_string() == position
    };
    records.iter().filter_map(as_token).find(is_it).map(|token| token.instructions)
}

fn as_kernel(record: &Record) -> Option<&Kernel> {
    if let Record::Kernel(kernel) = record { Some(kernel) } else { None }
}

fn as_token(record: &Record) -> Option<&Token> {
    if let Record::Token(token) = record { Some(token) } else { None }
}

fn as_memory(record: &Record) -> Option<&Memory> {
    if let Record::Memory(memory) = record { Some(memory) } else { None }
}
