//! From tokens' bytes to text, when a character may be split between two tokens.

use core::fmt::{Result, Write};

/// Puts characters together from the bytes of successive tokens.
///
/// The bytes of an unfinished character are held back. What can never become a character is written as U+FFFD, just
/// as the lossy conversion of [`str`] does.
///
/// ```
/// use embedded_gpt::text::Utf8Stream;
/// let (mut stream, mut text) = (Utf8Stream::new(), String::new());
/// stream.push(b"caf\xC3", &mut text)?;
/// assert_eq!(text, "caf");
/// stream.push(b"\xA9 \xFF", &mut text)?;
/// assert_eq!(text, "café \u{FFFD}");
/// stream.finish(&mut text)?;
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Utf8Stream {
    held: [u8; 4],
    n_held: usize,
    drop_space: bool,
}

impl Utf8Stream {
    /// A stream that writes everything it is given.
    pub const fn new() -> Self {
        Self::starting(false)
    }

    pub(crate) const fn starting(drop_space: bool) -> Self {
        Self { held: [0; 4], n_held: 0, drop_space }
    }

    /// Takes bytes, for example [`Vocab::bytes`](crate::Vocab::bytes), and writes the characters that are complete.
    ///
    /// # Errors
    /// What `out` reports. The character is then lost, and the bytes after it have not been taken.
    pub fn push(&mut self, bytes: &[u8], out: &mut impl Write) -> Result {
        for &byte in bytes {
            let dropped = self.drop_space && byte == b' ';
            self.drop_space = false;
            if !dropped {
                self.push_byte(byte, out)?;
            }
        }
        Ok(())
    }

    /// Writes U+FFFD if the text broke off within a character. The stream can be used again.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn finish(&mut self, out: &mut impl Write) -> Result {
        if core::mem::take(&mut self.n_held) > 0 { out.write_char(char::REPLACEMENT_CHARACTER) } else { Ok(()) }
    }

    fn push_byte(&mut self, byte: u8, out: &mut impl Write) -> Result {
        if let Some(slot) = self.held.get_mut(self.n_held) {
            *slot = byte;
            self.n_held += 1;
        }
        let held = self.held;
        let bytes = held.get(..self.n_held).unwrap_or_default();
        match core::str::from_utf8(bytes) {
            Ok(text) => {
                self.n_held = 0;
                out.write_str(text)
            }
            Err(error) if error.error_len().is_none() => Ok(()),
            Err(_) => {
                // All but the last byte were a possible beginning; the last one may begin anew.
                let alone = self.n_held == 1;
                self.n_held = 0;
                out.write_char(char::REPLACEMENT_CHARACTER)?;
                if alone { Ok(()) } else { self.push_byte(byte, out) }
            }
        }
    }
}
