//! Words as points in a plane, each written beside its point where there is room.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{COLOURS, FONT, INK, drawing};

const WIDTH: i32 = 1000;
const HEIGHT: i32 = 640;
const MARGIN: i32 = 36;
const FONT_SIZE: i32 = 13;
/// Width of a letter, about.
const LETTER: i32 = 7;

/// Draws words at places, those first in the list first: a word that would cover another one is a dot only.
///
/// # Errors
/// If the drawing library fails.
pub fn draw(words: &[(String, [f64; 2])]) -> Result<String> {
    let mut document = String::new();
    {
        let root = SVGBackend::with_string(&mut document, (WIDTH as u32, HEIGHT as u32)).into_drawing_area();
        root.fill(&WHITE).map_err(drawing)?;
        let style = (FONT, FONT_SIZE).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
        let mut taken: Vec<[i32; 4]> = Vec::new();
        for (word, place) in words.iter().zip(pixels(words)) {
            let (word, (x, y)) = (&word.0, place);
            root.draw(&Circle::new((x, y), 2, COLOURS[0].mix(0.6).filled())).map_err(drawing)?;
            let size = (LETTER * word.chars().count() as i32, FONT_SIZE);
            let label = [x, y - size.1 / 2, x + 6 + size.0, y + size.1 / 2 + 1];
            if label[2] < WIDTH && taken.iter().all(|other| !overlap(&label, other)) {
                root.draw(&Text::new(word.clone(), (x + 5, y), style.clone())).map_err(drawing)?;
                taken.push(label);
            }
        }
        root.present().map_err(drawing)?;
    }
    Ok(super::scaled(&document))
}

/// Fills the picture with the middle 96 % of the places; the others stand at its border.
fn pixels(words: &[(String, [f64; 2])]) -> Vec<(i32, i32)> {
    let pixel = |axis: usize, length: i32| {
        let mut sorted: Vec<f64> = words.iter().map(|word| word.1[axis]).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((share * sorted.len().saturating_sub(1) as f64) as usize).copied();
        let (low, high) = (at(0.02).unwrap_or(0.0), at(0.98).unwrap_or(0.0));
        let range = (high - low).max(f64::MIN_POSITIVE);
        move |value: f64| MARGIN + (((value - low) / range).clamp(-0.03, 1.03) * f64::from(length - 2 * MARGIN)) as i32
    };
    let (x, y) = (pixel(0, WIDTH - 40), pixel(1, HEIGHT));
    words.iter().map(|word| (x(word.1[0]), HEIGHT - y(word.1[1]))).collect()
}

fn overlap(a: &[i32; 4], b: &[i32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_on_top_of_another_is_a_dot() {
        let words = [("first", [0.0, 0.0]), ("below", [0.0, 0.0]), ("<far>", [1.0, 1.0])];
        let document = draw(&words.map(|(word, place)| (word.to_owned(), place))).unwrap();
        assert_eq!(document.matches("<circle").count(), 3);
        assert!(document.contains("first") && document.contains("&lt;far&gt;") && !document.contains("below"));
    }

    #[test]
    fn a_map_may_be_empty() {
        assert!(draw(&[]).unwrap().contains("<svg"));
    }
}
