//! `egpt`: argument parsing and dispatch only.

mod chart;
mod cmd;
mod page;
mod progress;
mod report;
mod typing;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cmd::{
    classify, compare, complete, corpus, dictionary, eval, export, finetune, generate, import, inspect, logits_hash,
    tokenize, train, type_text, words,
};

/// Makes small GPTs for microcontrollers: trains, imports, measures and exports them.
#[derive(Debug, Parser)]
#[command(name = "egpt", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Corpus(corpus::CorpusArgs),
    Train(train::TrainArgs),
    Finetune(finetune::FinetuneArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Compare(compare::CompareArgs),
    Complete(complete::CompleteArgs),
    #[command(name = "type")]
    Type(type_text::TypeArgs),
    Generate(generate::GenerateArgs),
    Classify(classify::ClassifyArgs),
    Eval(eval::EvalArgs),
    Report(cmd::report::ReportArgs),
    Page(cmd::page::PageArgs),
    Inspect(inspect::InspectArgs),
    Tokenize(tokenize::TokenizeArgs),
    Words(words::WordsArgs),
    Dictionary(dictionary::DictionaryArgs),
    #[command(hide = true)]
    LogitsHash(logits_hash::LogitsHashArgs),
}

fn main() -> ExitCode {
    progress::show_on_stderr();
    let result = match &Cli::parse().command {
        Command::Corpus(args) => corpus::run(args),
        Command::Train(args) => train::run(args),
        Command::Finetune(args) => finetune::run(args),
        Command::Import(args) => import::run(args),
        Command::Export(args) => export::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Complete(args) => complete::run(args),
        Command::Type(args) => type_text::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Classify(args) => classify::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Report(args) => cmd::report::run(args),
        Command::Page(args) => cmd::page::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Tokenize(args) => tokenize::run(args),
        Command::Words(args) => words::run(args),
        Command::Dictionary(args) => dictionary::run(args),
        Command::LogitsHash(args) => logits_hash::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever was reading has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if error.is::<train::Interrupted>() => {
            eprintln!("{error}");
            ExitCode::from(train::SIGINT_EXIT)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().any(|kind| kind == io::ErrorKind::BrokenPipe)
}
