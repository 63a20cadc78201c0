//! Horizontal bars in groups, as SVG.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH: i32 = 760;
/// Where bars begin and where the longest ends; its number follows.
const LEFT: i32 = 130;
const RIGHT: i32 = WIDTH - 90;
const BAR: i32 = 16;
const GROUP_GAP: i32 = 12;
const TOP: i32 = 84;
const COLOURS: [RGBColor; 5] = [
    RGBColor(11, 110, 79),
    RGBColor(107, 191, 138),
    RGBColor(200, 85, 61),
    RGBColor(232, 168, 124),
    RGBColor(141, 153, 174),
];
const INK: RGBColor = RGBColor(27, 27, 30);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A picture of figures that can be compared.
#[derive(Debug)]
pub struct Chart {
    pub title: String,
    /// What the numbers are, and which are better.
    pub subtitle: String,
    /// One colour each.
    pub series: Vec<String>,
    pub groups: Vec<Group>,
    /// Whether the longest bar of every group is as long as that of the others.
    pub is_scaled_by_group: bool,
}

/// Bars that belong together.
#[derive(Debug)]
pub struct Group {
    pub label: String,
    /// A number for each series and how it is written; none where there is no figure.
    pub bars: Vec<Option<(f64, String)>>,
}

impl Group {
    fn max(&self) -> f64 {
        self.bars.iter().flatten().map(|bar| bar.0).fold(0.0, f64::max)
    }

    fn height(&self) -> i32 {
        self.bars.iter().flatten().count() as i32 * BAR + GROUP_GAP
    }
}

impl Chart {
    /// The picture, as an SVG document.
    ///
    /// # Panics
    /// Never: a string takes every drawing.
    pub fn draw(&self) -> String {
        let height = TOP + self.groups.iter().map(Group::height).sum::<i32>();
        let mut document = String::new();
        let area = SVGBackend::with_string(&mut document, (WIDTH as u32, height as u32)).into_drawing_area();
        self.draw_on(&area).expect("a string takes every drawing");
        drop(area);
        document
    }

    fn draw_on(&self, area: &Area<'_>) -> Drawn {
        area.fill(&WHITE)?;
        area.draw(&text(&self.title, (16, 18), 16, HPos::Left, FontStyle::Bold))?;
        area.draw(&text(&self.subtitle, (16, 39), 12, HPos::Left, FontStyle::Normal))?;
        self.draw_legend(area)?;
        let max = self.groups.iter().map(Group::max).fold(0.0, f64::max);
        let mut y = TOP;
        for group in &self.groups {
            let max = if self.is_scaled_by_group { group.max() } else { max };
            draw_group(area, group, max, y)?;
            y += group.height();
        }
        area.present()
    }

    fn draw_legend(&self, area: &Area<'_>) -> Drawn {
        let mut x = 16;
        for (name, colour) in self.series.iter().zip(COLOURS) {
            area.draw(&Rectangle::new([(x, 56), (x + 11, 67)], colour.filled()))?;
            area.draw(&text(name, (x + 16, 62), 12, HPos::Left, FontStyle::Normal))?;
            x += 34 + 7 * name.chars().count() as i32;
        }
        Ok(())
    }
}

type Drawn = Result<(), DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>>;

fn draw_group(area: &Area<'_>, group: &Group, max: f64, mut y: i32) -> Drawn {
    let middle = y + (group.height() - GROUP_GAP) / 2;
    area.draw(&text(&group.label, (LEFT - 10, middle), 12, HPos::Right, FontStyle::Normal))?;
    for (bar, colour) in group.bars.iter().zip(COLOURS) {
        let Some((value, label)) = bar else { continue };
        let end = LEFT + (value / max * f64::from(RIGHT - LEFT)).max(1.0).round() as i32;
        area.draw(&Rectangle::new([(LEFT, y), (end, y + BAR - 3)], colour.filled()))?;
        area.draw(&text(label, (end + 5, y + BAR / 2 - 1), 11, HPos::Left, FontStyle::Normal))?;
        y += BAR;
    }
    Ok(())
}

/// Text whose middle is at the height of a place.
fn text<'t>(
    content: &'t str,
    place: (i32, i32),
    size: u32,
    side: HPos,
    style: FontStyle,
) -> Text<'t, (i32, i32), &'t str> {
    // plotters writes a font's size divided by this.
    let font = ("sans-serif", f64::from(size) * 1.24).into_font().style(style).color(&INK);
    Text::new(content, place, font.pos(Pos::new(side, VPos::Center)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(is_scaled_by_group: bool) -> String {
        let group = |label: &str, values: [Option<f64>; 2]| Group {
            label: label.to_owned(),
            bars: values.map(|value| value.map(|value| (value, format!("<{value}>")))).to_vec(),
        };
        Chart {
            title: "Title & more".to_owned(),
            subtitle: String::new(),
            series: vec!["a".to_owned(), "b".to_owned()],
            groups: vec![group("first", [Some(1.0), Some(10.0)]), group("second", [None, Some(5.0)])],
            is_scaled_by_group,
        }
        .draw()
    }

    #[test]
    fn the_longest_bar_ends_at_the_right() {
        // plotters counts the last pixel, too.
        let longest = format!("width=\"{}\"", RIGHT - LEFT);
        assert_eq!(chart(false).matches(&longest).count(), 1);
        assert_eq!(chart(true).matches(&longest).count(), 2);
    }

    #[test]
    fn text_is_escaped() {
        assert!(chart(false).contains("Title &amp; more") && chart(false).contains("&lt;10&gt;"));
    }
}
