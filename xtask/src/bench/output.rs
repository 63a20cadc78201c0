//! What the program `bench` of the firmware examples prints.

use anyhow::{Context, Result};

/// Everything that one run counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    pub kernels: Vec<KernelCount>,
    /// Position, or `mean32`, and instructions.
    pub tokens: Vec<(String, u64)>,
    pub memory: Memory,
}

/// One matrix times one vector.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelCount {
    /// The kernel that ran.
    pub kernel: String,
    pub format: String,
    pub rows: u64,
    pub cols: u64,
    pub instructions: u64,
}

/// Bytes of RAM.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Tokens.
    pub context: u64,
    /// Model and suggester, which hold no buffers.
    pub objects: u64,
    /// Deepest stack below the caller of the runtime.
    pub stack: u64,
}

impl Output {
    /// Reads all lines.
    ///
    /// # Errors
    /// When a line is not as expected, or there is no last one.
    pub fn parse(text: &str) -> Result<Self> {
        let mut output = Self::default();
        let mut is_complete = false;
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |at: usize| -> Result<u64> {
                let word = words.get(at).with_context(|| format!("the line `{line}` ends early"))?;
                word.parse().with_context(|| format!("no number in `{line}`: {word}"))
            };
            match words.as_slice() {
                ["kernel", kernel, format, ..] => output.kernels.push(KernelCount {
                    kernel: (*kernel).to_owned(),
                    format: (*format).to_owned(),
                    rows: number(3)?,
                    cols: number(4)?,
                    instructions: number(5)?,
                }),
                ["token", position, ..] => output.tokens.push(((*position).to_owned(), number(2)?)),
                ["memory", ..] => {
                    output.memory = Memory { context: number(2)?, objects: number(6)?, stack: number(8)? };
                    is_complete = true;
                }
                _ => {}
            }
        }
        is_complete.then_some(output).with_context(|| format!("the program did not count everything:\n{text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read() {
        let text = "clock: a loop\r\nkernel arm-dsp q8 64 172 17000\r\ntoken 0 500\r\ntoken mean32 600\r\n\
                    memory context 512 buffers 190000 objects 400 stack 1200\r\n";
        let output = Output::parse(text).unwrap();
        assert_eq!((output.kernels[0].cols, output.kernels[0].instructions), (172, 17_000));
        assert_eq!(output.tokens, [("0".to_owned(), 500), ("mean32".to_owned(), 600)]);
        assert_eq!(output.memory, Memory { context: 512, objects: 400, stack: 1200 });
    }

    #[test]
    fn a_run_that_ended_early_is_an_error() {
        let error = Output::parse("token 0 500\nerror: the clock counts 7\n").unwrap_err().to_string();
        assert!(error.contains("the clock counts 7"), "{error}");
        assert!(Output::parse("token 0 many\n").is_err());
    }
}
