//! Runs other programs: behind a spinner, or with their output passed on.

use std::io::{self, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::console;

/// Longer than any build or test run here takes; a hung program must not hang CI for good.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// How much of a failed program's output is shown.
const SHOWN_LINES: usize = 60;

/// Runs `command` with its output hidden; gives the output. An error shows the end of it.
pub fn quiet(label: &str, command: Command) -> Result<String> {
    quiet_within(LIMIT, label, command)
}

/// As [`quiet`], ended after `limit`.
pub fn quiet_within(limit: Duration, label: &str, command: Command) -> Result<String> {
    let spinner = console::spinner(label);
    let shown = describe(&command);
    let ended = capture(command, limit, |chunk| {
        if let Some(last) = String::from_utf8_lossy(chunk).lines().rfind(is_for_people) {
            spinner.set_message(last.trim().to_owned());
        }
    });
    spinner.finish_and_clear();
    match ended? {
        Ended { status: Some(status), output } if status.success() => Ok(output),
        Ended { status: Some(status), output } => bail!("`{shown}` failed ({status}):\n{}", tail(&output)),
        Ended { status: None, .. } => bail!("`{shown}` did not end within {}", console::seconds(limit)),
    }
}

/// What `command` prints until it ends, or is ended after `limit`; `on_line` gets each line when it comes.
///
/// # Errors
/// When it cannot be started, or ends with failure.
pub fn output_until(limit: Duration, command: Command, mut on_line: impl FnMut(&str)) -> Result<String> {
    let shown = describe(&command);
    let mut line = String::new();
    let Ended { status, output } = capture(command, limit, |chunk| {
        for part in String::from_utf8_lossy(chunk).split_inclusive('\n') {
            line.push_str(part);
            if part.ends_with('\n') {
                on_line(line.trim_end());
                line.clear();
            }
        }
    })?;
    match status {
        Some(status) if !status.success() => bail!("`{shown}` failed ({status}):\n{}", tail(&output)),
        _ => Ok(output),
    }
}

/// Runs `command` and shows its output, indented, while it comes; gives the output.
pub fn echoed(limit: Duration, command: Command) -> Result<String> {
    let shown = describe(&command);
    let mut at_line_start = true;
    let ended = capture(command, limit, |chunk| {
        // Nobody to show it to is no reason to stop.
        let _ = indent(chunk, &mut at_line_start, &mut io::stdout().lock());
    })?;
    match ended.status {
        Some(status) if status.success() => Ok(ended.output),
        Some(status) => bail!("`{shown}` failed ({status})"),
        None => bail!("`{shown}` did not end within {}", console::seconds(limit)),
    }
}

/// Runs `command`, types `input`, and ends it once it has printed `expected`.
///
/// # Errors
/// When it cannot be started, or does not print that within `limit`.
pub fn typed(limit: Duration, command: Command, input: &str, expected: &str) -> Result<()> {
    let shown = describe(&command);
    let output = until(limit, command, input, |output| output.contains(expected))?;
    ensure!(output.contains(expected), "`{shown}` did not print {expected:?}:\n{}", tail(&output));
    Ok(())
}

/// Runs `command`, and ends it once it has printed a whole line that begins with `start`; gives what it printed.
///
/// # Errors
/// When it cannot be started, or does not print that within `limit`.
pub fn until_line(limit: Duration, command: Command, start: &str) -> Result<String> {
    let shown = describe(&command);
    let has_line =
        |output: &str| output.split_inclusive('\n').any(|line| line.starts_with(start) && line.ends_with('\n'));
    let output = until(limit, command, "", has_line)?;
    ensure!(has_line(&output), "`{shown}` printed no line `{start}…`:\n{}", tail(&output));
    Ok(output)
}

/// Runs `command`, types `input`, and ends it once its output is what was waited for, or the time is up.
fn until(limit: Duration, mut command: Command, input: &str, is_enough: impl Fn(&str) -> bool) -> Result<String> {
    let shown = describe(&command);
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::piped()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("`{shown}` cannot be started"))?;
    // It holds the writing end, which keeps the pipe open.
    drop(command);
    let mut keys = child.stdin.take().context("a program without an input")?;
    let is_typed = keys.write_all(input.as_bytes());
    let chunks = read_in_background(reader);
    let (start, mut output) = (Instant::now(), String::new());
    while !is_enough(&output) {
        let Ok(chunk) = chunks.recv_timeout(limit.saturating_sub(start.elapsed())) else { break };
        output.push_str(&String::from_utf8_lossy(&chunk));
    }
    child.kill()?;
    child.wait()?;
    is_typed.with_context(|| format!("`{shown}` takes no input"))?;
    Ok(output)
}

/// Runs `command` on the terminal itself.
pub fn attached(mut command: Command) -> Result<()> {
    let shown = describe(&command);
    let status = command.status().with_context(|| format!("`{shown}` cannot be started"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}

/// How a program ended, by itself or by us, and what it printed before.
struct Ended {
    /// `None` if its time was up.
    status: Option<ExitStatus>,
    output: String,
}

/// Runs `command` with both outputs in one pipe, in the order in which they were written.
fn capture(mut command: Command, limit: Duration, on_chunk: impl FnMut(&[u8])) -> Result<Ended> {
    let shown = describe(&command);
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("`{shown}` cannot be started"))?;
    // It holds the writing end, which keeps the pipe open.
    drop(command);
    let (has_ended, output) = collect(&read_in_background(reader), limit, on_chunk);
    if !has_ended {
        child.kill()?;
    }
    let status = child.wait()?;
    Ok(Ended { status: has_ended.then_some(status), output: String::from_utf8_lossy(&output).into_owned() })
}

fn read_in_background(mut reader: io::PipeReader) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Whether the pipe closes within `limit`, and everything that comes before.
fn collect(chunks: &Receiver<Vec<u8>>, limit: Duration, mut on_chunk: impl FnMut(&[u8])) -> (bool, Vec<u8>) {
    let start = Instant::now();
    let mut output = Vec::new();
    loop {
        match chunks.recv_timeout(limit.saturating_sub(start.elapsed())) {
            Ok(chunk) => {
                on_chunk(&chunk);
                output.extend_from_slice(&chunk);
            }
            Err(RecvTimeoutError::Disconnected) => return (true, output),
            Err(RecvTimeoutError::Timeout) => return (false, output),
        }
    }
}

fn indent(chunk: &[u8], at_line_start: &mut bool, out: &mut impl Write) -> io::Result<()> {
    for &byte in chunk {
        if byte == b'\r' {
            continue;
        }
        if *at_line_start && byte != b'\n' {
            out.write_all(b"   | ")?;
        }
        out.write_all(&[byte])?;
        *at_line_start = byte == b'\n';
    }
    out.flush()
}

/// Not one of cargo's messages for programs.
fn is_for_people(line: &&str) -> bool {
    !line.starts_with(r#"{"reason":"#)
}

fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().filter(is_for_people).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_outputs_are_given() {
        let output = quiet("", shell("echo a; echo b >&2; echo c")).unwrap();
        assert_eq!(output, "a\nb\nc\n");
    }

    #[test]
    fn a_failure_shows_the_output() {
        let error = quiet("", shell("echo reason; exit 3")).unwrap_err().to_string();
        assert!(error.contains("reason") && error.contains('3'), "{error}");
    }

    #[test]
    fn messages_for_programs_are_not_shown() {
        let script = r#"echo error: reason; echo '{"reason":"build-finished"}'; exit 1"#;
        let error = quiet("", shell(script)).unwrap_err().to_string();
        assert!(error.ends_with("\nerror: reason"), "{error}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let hung = quiet_within(Duration::from_millis(50), "", shell("exec sleep 60"));
        assert!(hung.unwrap_err().to_string().contains("did not end"));
    }

    #[test]
    fn what_was_printed_before_the_time_was_up_is_given() {
        let mut lines = Vec::new();
        let script = shell("echo one; printf t; echo wo; exec sleep 60");
        let output = output_until(Duration::from_millis(300), script, |line| lines.push(line.to_owned())).unwrap();
        assert_eq!((output.as_str(), lines), ("one\ntwo\n", vec!["one".to_owned(), "two".to_owned()]));
        assert!(output_until(LIMIT, shell("exit 3"), |_| ()).is_err());
    }

    #[test]
    fn what_is_typed_is_read_and_the_program_ended() {
        let echo = "while read -r line; do echo got $line; done";
        assert!(typed(LIMIT, shell(echo), "one\ntwo\n", "got two").is_ok());
        let error = typed(Duration::from_millis(300), shell(echo), "one\n", "got two").unwrap_err().to_string();
        assert!(error.contains("got one"), "{error}");
    }

    #[test]
    fn a_program_is_ended_behind_a_whole_line() {
        let script = "echo one 1; printf 'end of'; sleep 0.2; echo ' it'; exec sleep 60";
        assert_eq!(until_line(LIMIT, shell(script), "end").unwrap(), "one 1\nend of it\n");
        assert!(until_line(LIMIT, shell("echo one"), "end").unwrap_err().to_string().contains("one"));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = quiet("", Command::new("no-such-program-here")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"));
    }

    #[test]
    fn every_line_is_indented_however_the_chunks_fall() {
        let (mut out, mut at_line_start) = (Vec::new(), true);
        for chunk in ["one\r\nt", "wo\n\nthree"] {
            indent(chunk.as_bytes(), &mut at_line_start, &mut out).unwrap();
        }
        assert_eq!(String::from_utf8(out).unwrap(), "   | one\n   | two\n\n   | three");
    }
}
