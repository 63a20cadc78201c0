//! Text in parts that are encoded one by one, so that little memory is enough.

/// Longest part in bytes; a token has at least one.
pub(crate) const MAX_CHUNK_BYTES: usize = 64;

/// The parts of a text that are encoded one by one: at most 64 bytes each, cut before spaces.
///
/// [`Classifier`](crate::Classifier) and [`Generator`](crate::Generator) read texts in these parts, and training
/// cuts in the same places.
///
/// ```
/// let order = "turn the light in the kitchen on when I come home tomorrow evening, please";
/// let parts: Vec<&str> = embedded_gpt::text::chunks(order).collect();
/// assert_eq!(parts, ["turn the light in the kitchen on when I come home tomorrow", " evening, please"]);
/// ```
pub fn chunks(mut text: &str) -> impl Iterator<Item = &str> {
    core::iter::from_fn(move || {
        let chunk = first_chunk(text, MAX_CHUNK_BYTES);
        text = text.get(chunk.len()..)?;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// The first of the parts of at most `max_len` bytes; empty if the text is.
#[inline(never)]
pub(crate) fn first_chunk(text: &str, max_len: usize) -> &str {
    if text.len() <= max_len {
        return text;
    }
    let is_border = |&at: &usize| match (text.as_bytes().get(at - 1), text.as_bytes().get(at)) {
        (Some(before), Some(b' ')) => !before.is_ascii_whitespace(),
        _ => false,
    };
    let mut ends = (1..=max_len).rev();
    let end = ends.clone().find(is_border).or_else(|| ends.find(|&at| text.is_char_boundary(at)));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    #[test]
    fn chunks_are_short_and_all_of_the_text() {
        let long = "ä".repeat(200);
        for text in ["", "a", "turn the lamp on  and off", &"one two  three ".repeat(30), &long, &" ".repeat(500)] {
            let parts: Vec<&str> = chunks(text).collect();
            assert_eq!(parts.concat(), text);
            assert!(parts.iter().all(|part| (1..=MAX_CHUNK_BYTES).contains(&part.len())), "{parts:?}");
        }
        let words = "seventeen letters and more of them ".repeat(4);
        assert!(chunks(&words).skip(1).all(|part| part.starts_with(' ')));
    }
}
