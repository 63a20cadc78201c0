//! Horizontal bars in groups, as SVG.

use svg::Document;
use svg::node::element::{Rectangle, Text};

const WIDTH: f64 = 760.0;
/// Where bars begin and where the longest ends; its number follows.
const LEFT: f64 = 130.0;
const RIGHT: f64 = WIDTH - 90.0;
const BAR: f64 = 16.0;
const GROUP_GAP: f64 = 12.0;
const TOP: f64 = 84.0;
const COLOURS: [&str; 5] = ["#0b6e4f", "#6bbf8a", "#c8553d", "#e8a87c", "#8d99ae"];
const INK: &str = "#1b1b1e";

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

    fn height(&self) -> f64 {
        self.bars.iter().flatten().count() as f64 * BAR + GROUP_GAP
    }
}

impl Chart {
    /// The picture.
    pub fn draw(&self) -> Document {
        let height = TOP + self.groups.iter().map(Group::height).sum::<f64>();
        let mut document = Document::new()
            .set("viewBox", (0, 0, WIDTH, height))
            .set("width", WIDTH)
            .set("height", height)
            .set("font-family", "sans-serif")
            .add(rectangle(0.0, 0.0, WIDTH, height, "#ffffff"))
            .add(text(&self.title, 16.0, 24.0, 16).set("font-weight", "bold"))
            .add(text(&self.subtitle, 16.0, 43.0, 12));
        document = self.legend(document);
        let max = self.groups.iter().map(Group::max).fold(0.0, f64::max);
        let mut y = TOP;
        for group in &self.groups {
            let max = if self.is_scaled_by_group { group.max() } else { max };
            document = draw_group(document, group, max, y);
            y += group.height();
        }
        document
    }

    fn legend(&self, mut document: Document) -> Document {
        let mut x = 16.0;
        for (name, colour) in self.series.iter().zip(COLOURS) {
            document = document.add(rectangle(x, 56.0, 11.0, 11.0, colour)).add(text(name, x + 16.0, 66.0, 12));
            x += 34.0 + 6.8 * name.chars().count() as f64;
        }
        document
    }
}

fn draw_group(mut document: Document, group: &Group, max: f64, mut y: f64) -> Document {
    let middle = y + (group.height() - GROUP_GAP) / 2.0 + 4.0;
    document = document.add(text(&group.label, LEFT - 10.0, middle, 12).set("text-anchor", "end"));
    for (bar, colour) in group.bars.iter().zip(COLOURS) {
        let Some((value, label)) = bar else { continue };
        let width = (value / max * (RIGHT - LEFT)).max(1.0);
        document = document.add(rectangle(LEFT, y, width, BAR - 3.0, colour));
        document = document.add(text(label, LEFT + width + 5.0, y + BAR - 5.0, 11));
        y += BAR;
    }
    document
}

fn rectangle(x: f64, y: f64, width: f64, height: f64, fill: &str) -> Rectangle {
    Rectangle::new()
        .set("x", round(x))
        .set("y", round(y))
        .set("width", round(width))
        .set("height", round(height))
        .set("fill", fill)
}

fn text(content: &str, x: f64, y: f64, size: u32) -> Text {
    Text::new(content).set("x", round(x)).set("y", round(y)).set("font-size", size).set("fill", INK)
}

/// Tenths of a pixel are enough.
fn round(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
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
        .to_string()
    }

    #[test]
    fn the_longest_bar_ends_at_the_right() {
        let longest = format!("width=\"{}\"", RIGHT - LEFT);
        assert_eq!(chart(false).matches(&longest).count(), 1);
        assert_eq!(chart(true).matches(&longest).count(), 2);
    }

    #[test]
    fn text_is_escaped() {
        assert!(chart(false).contains("Title &amp; more") && chart(false).contains("&lt;10&gt;"));
    }
}
