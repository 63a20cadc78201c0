//! Text that streams in is written the same however it is cut, and as the standard library would.

use arbitrary::{Result, Unstructured};
use embedded_gpt::Truecaser;
use embedded_gpt::text::Utf8Stream;

use crate::limit::within;
use crate::models::{self, text};

/// Any bytes in any pieces.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let before = text(input, 3)?;
    let mut bytes = text(input, 20)?.into_bytes();
    for _ in 0..input.int_in_range(0..=6)? {
        let at = input.int_in_range(0..=bytes.len())?;
        bytes.insert(at, input.arbitrary()?);
    }
    let model = models::any(input)?.model().expect("a sound blob");
    let cuts: Vec<usize> = (0..bytes.len()).filter(|_| input.ratio(1, 3).unwrap_or(false)).collect();

    let (mut whole, mut pieces) = (String::new(), String::new());
    let mut stream = Utf8Stream::new();
    write(|bytes, out| stream.push(bytes, out), &bytes, &cuts, &mut pieces);
    stream.finish(&mut pieces).expect("room");
    assert_eq!(pieces, String::from_utf8_lossy(&bytes));

    pieces.clear();
    let mut caser = Truecaser::after(&model, &before);
    write(|bytes, out| caser.push(bytes, out), &bytes, &[], &mut whole);
    caser.finish(&mut whole).expect("room");
    let mut caser = Truecaser::after(&model, &before);
    write(|bytes, out| caser.push(bytes, out), &bytes, &cuts, &mut pieces);
    caser.finish(&mut pieces).expect("room");
    assert_eq!(whole, pieces);
    Ok(())
}

/// Gives bytes in pieces to a writer.
fn write(
    mut push: impl FnMut(&[u8], &mut String) -> core::fmt::Result,
    bytes: &[u8],
    cuts: &[usize],
    out: &mut String,
) {
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        within("a piece of text", || push(&bytes[start..end], out)).expect("room");
        start = end;
    }
}
