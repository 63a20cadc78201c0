//! The commands of a device, for a shell that completes them.

use core::fmt::{self, Write};

use embedded_gpt::Shell;

/// A command: its name, and the words that may stand behind it.
type Command = (&'static str, &'static [&'static str]);

const COMMANDS: [Command; 7] = [
    ("adc", &["--all", "--raw", "--average=8", "--channel=0", "--channel=1"]),
    ("cat", &["/etc/device.conf", "/etc/hosts", "/log/boot.log", "/log/crash.log"]),
    ("gpio", &["read", "set", "clear", "PA0", "PA1", "PB12", "--pull-up", "--pull-down"]),
    ("help", &["adc", "cat", "gpio", "log", "ls", "reboot"]),
    ("log", &["show", "clear", "--follow", "--level=debug", "--level=error"]),
    ("ls", &["/etc/", "/log/", "--all", "--size"]),
    ("reboot", &["--now", "--bootloader", "--factory-reset"]),
];
const NAMES: [&str; COMMANDS.len()] = {
    let (mut names, mut at) = ([""; COMMANDS.len()], 0);
    while at < names.len() {
        names[at] = COMMANDS[at].0;
        at += 1;
    }
    names
};
/// No word begins so.
const NOTHING: [&str; 1] = ["\0"];

/// The words that may end a line: names of commands first, then what belongs to the command.
pub fn words_for(line: &str) -> Shell<'static> {
    let words = match line.split_once(' ') {
        None => &NAMES,
        Some((name, _)) => {
            COMMANDS.iter().find(|(command, _)| *command == name).map_or(&NOTHING[..], |(_, words)| words)
        }
    };
    Shell::with_words(words)
}

/// Does what a line says, as far as a board that does not exist can.
///
/// # Errors
/// If `out` fails.
pub fn run(line: &str, out: &mut impl Write) -> fmt::Result {
    let mut words = line.split_ascii_whitespace();
    let Some(name) = words.next() else { return Ok(()) };
    match COMMANDS.iter().find(|(command, _)| *command == name) {
        None => writeln!(out, "{name}: no such command"),
        Some(("help", _)) => {
            NAMES.iter().try_for_each(|name| write!(out, "{name} "))?;
            writeln!(out)
        }
        Some((_, known)) => match words.find(|word| !known.contains(word)) {
            Some(word) => writeln!(out, "{name}: what is {word}?"),
            None => writeln!(out, "{name}: done"),
        },
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::String;

    use super::*;

    #[test]
    fn a_line_is_run_or_says_what_is_wrong() {
        let run = |line| {
            let mut out = String::new();
            run(line, &mut out).unwrap();
            out
        };
        assert_eq!(run(" adc --raw"), "adc: done\n");
        assert_eq!(run("adc --rwa"), "adc: what is --rwa?\n");
        assert_eq!(run("acd"), "acd: no such command\n");
        assert_eq!((run(""), run("help")), ("".into(), "adc cat gpio help log ls reboot \n".into()));
    }

    #[test]
    fn words_are_those_of_the_command() {
        assert_eq!(words_for("ad"), Shell::with_words(&NAMES));
        assert_eq!(words_for("ls --"), Shell::with_words(COMMANDS[5].1));
        assert_eq!(words_for("nothing "), Shell::with_words(&NOTHING));
    }
}
