//! Text as people's files hold it: UTF-8, or refused with the place.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

/// The text of a file, without a byte order mark.
///
/// # Errors
/// If the file cannot be read, or as [`decode`] says.
pub fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    decode(bytes, &path.display().to_string())
}

/// The text that `bytes` are, without a byte order mark.
///
/// # Errors
/// If they are not UTF-8 or hold a zero byte, as UTF-16 and binary data do; `name` and the place are told.
pub fn decode(bytes: Vec<u8>, name: &str) -> Result<String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let place = place(error.as_bytes(), error.utf8_error().valid_up_to());
        anyhow!("{name} is not UTF-8 at {place}: convert it, for example with iconv -t UTF-8")
    })?;
    if let Some(offset) = text.find('\0') {
        bail!(
            "{name} has a zero byte at {}, as UTF-16 and binary data have: convert it, for example with \
             iconv -f UTF-16LE -t UTF-8, or leave it out",
            place(text.as_bytes(), offset)
        );
    }
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn place(bytes: &[u8], offset: usize) -> String {
    let line = 1 + bytes[..offset].iter().filter(|&&byte| byte == b'\n').count();
    format!("byte {offset} (line {line})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_without_its_byte_order_mark() {
        assert_eq!(decode("\u{feff}café\u{feff}\r\n\t\u{1b}[0m".into(), "a").unwrap(), "café\u{feff}\r\n\t\u{1b}[0m");
    }

    #[test]
    fn other_encodings_and_binary_data_are_refused_wherever_they_stand() {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| "hi\nyou".encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for (bytes, reason) in [
            (b"caf\xe9".to_vec(), "a.txt is not UTF-8 at byte 3 (line 1)"),
            (b"ok\nok\n\xff".to_vec(), "a.txt is not UTF-8 at byte 6 (line 3)"),
            (b"\xff\xfea\0".to_vec(), "a.txt is not UTF-8 at byte 0"),
            (utf16(u16::to_le_bytes), "a.txt has a zero byte at byte 1 (line 1)"),
            (utf16(u16::to_be_bytes), "a.txt has a zero byte at byte 0 (line 1)"),
            ([b"ok\n".repeat(100_000), utf16(u16::to_le_bytes)].concat(), "byte 300001 (line 100001)"),
        ] {
            let error = decode(bytes, "a.txt").unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("iconv"), "{error}");
        }
    }
}
