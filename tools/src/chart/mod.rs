//! Pictures of figures as SVG: curves over a linear or a logarithmic axis.

mod axis;
pub mod map;
pub mod savings;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use self::axis::Shown;
pub use self::axis::{Axis, Scale};

/// Told apart by those who see colours less well, too (Okabe & Ito).
pub const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(90, 90, 100),
];
pub const INK: RGBColor = RGBColor(32, 33, 36);
const GRID: RGBColor = RGBColor(229, 231, 235);
pub const FONT: &str = "sans-serif";

/// Room for a legend below curves, as a share of their range.
const LEGEND_SHARE: f64 = 0.35;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Line,
    Dashes,
    /// Points with a line between them.
    Points,
}

/// Points that belong together, from left to right.
#[derive(Clone, Debug)]
pub struct Series {
    /// Name in the legend; not in it if empty.
    pub name: String,
    pub colour: RGBColor,
    pub mark: Mark,
    pub points: Vec<(f64, f64)>,
    /// Written beside the points, as many as there are of these.
    pub labels: Vec<String>,
}

/// Curves in one frame.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
}

type Frame<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Shown, Shown>>;

/// Draws charts side by side, each `width` × `height` pixels, as an SVG document.
///
/// # Errors
/// If the drawing library fails.
pub fn svg(charts: &[Chart], (width, height): (u32, u32)) -> Result<String> {
    let mut document = String::new();
    {
        let root = SVGBackend::with_string(&mut document, (width * charts.len() as u32, height)).into_drawing_area();
        root.fill(&WHITE).map_err(drawing)?;
        for (chart, area) in charts.iter().zip(root.split_evenly((1, charts.len()))) {
            chart.draw(&area).map_err(|error| anyhow!("cannot draw: {error}"))?;
        }
        root.present().map_err(drawing)?;
    }
    Ok(scaled(&document))
}

/// The document, which gets smaller with the page that it stands in.
fn scaled(document: &str) -> String {
    document.replacen("<svg ", "<svg style=\"max-width:100%;height:auto\" ", 1)
}

fn drawing(error: impl std::error::Error + Send + Sync + 'static) -> anyhow::Error {
    anyhow::Error::new(error).context("cannot draw")
}

impl Chart {
    fn draw(&self, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<()> {
        let values = |of: fn(&(f64, f64)) -> f64| self.series.iter().flat_map(move |s| s.points.iter().map(of));
        let x = self.x.frame(values(|point| point.0), 0.0);
        let below = if self.has_legend() && !self.falls() { LEGEND_SHARE } else { 0.0 };
        let y = self.y.frame(values(|point| point.1), below);
        let n_ticks = [x.ticks.len(), y.ticks.len()];
        let mut frame = ChartBuilder::on(area)
            .caption(&self.title, (FONT, 17).into_font().style(FontStyle::Bold).color(&INK))
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(52)
            .build_cartesian_2d(x, y)
            .map_err(drawing)?;
        frame
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(RGBColor(150, 152, 158))
            .x_labels(n_ticks[0])
            .y_labels(n_ticks[1])
            .x_label_formatter(&|value| self.x.label(*value))
            .y_label_formatter(&|value| self.y.label(*value))
            .x_desc(&self.x.name)
            .y_desc(&self.y.name)
            .label_style((FONT, 12).into_font().color(&INK))
            .axis_desc_style((FONT, 13).into_font().color(&INK))
            .draw()
            .map_err(drawing)?;
        for series in &self.series {
            self.draw_series(&mut frame, series)?;
        }
        if self.has_legend() {
            frame
                .configure_series_labels()
                .position(self.legend_place())
                .background_style(WHITE.mix(0.85))
                .border_style(GRID)
                .label_font((FONT, 12).into_font().color(&INK))
                .draw()
                .map_err(drawing)?;
        }
        Ok(())
    }

    fn draw_series(&self, frame: &mut Frame<'_>, series: &Series) -> Result<()> {
        let place = |&(x, y): &(f64, f64)| (self.x.place(x), self.y.place(y));
        let points: Vec<_> = series.points.iter().map(place).collect();
        let colour = series.colour;
        let width = if series.mark == Mark::Points { 1 } else { 2 };
        let drawn = match series.mark {
            Mark::Dashes => frame.draw_series(DashedLineSeries::new(points.clone(), 5, 4, colour.stroke_width(1))),
            Mark::Line | Mark::Points => frame.draw_series(LineSeries::new(points.clone(), colour.stroke_width(width))),
        };
        let legend = drawn.map_err(drawing)?;
        if !series.name.is_empty() {
            let mark = series.mark;
            legend.label(&series.name).legend(move |(x, y)| {
                let radius = if mark == Mark::Points { 4 } else { 0 };
                let line = PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(width));
                EmptyElement::at((0, 0)) + line + Circle::new((x + 9, y), radius, colour.filled())
            });
        }
        if series.mark == Mark::Points {
            let circles = points.iter().map(|&point| Circle::new(point, 5, colour.filled()));
            frame.draw_series(circles).map_err(drawing)?;
        }
        let style = (FONT, 12).into_font().color(&INK).pos(Pos::new(HPos::Center, VPos::Bottom));
        let labels = points
            .iter()
            .zip(&series.labels)
            .map(|(&point, label)| EmptyElement::at(point) + Text::new(label.clone(), (0, -9), style.clone()));
        frame.draw_series(labels).map_err(drawing)?;
        Ok(())
    }

    fn has_legend(&self) -> bool {
        self.series.iter().any(|series| !series.name.is_empty())
    }

    /// Curves that fall leave room for a legend at the upper right, others at the lower right.
    fn falls(&self) -> bool {
        let mut ends = self.series.iter().filter_map(|series| series.points.first().zip(series.points.last()));
        ends.any(|(first, last)| first.1 > last.1)
    }

    fn legend_place(&self) -> SeriesLabelPosition {
        if self.falls() { SeriesLabelPosition::UpperRight } else { SeriesLabelPosition::LowerRight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        Chart {
            title: "Saved & more".into(),
            x: Axis { name: "bytes".into(), scale: Scale::Bytes },
            y: Axis { name: "%".into(), scale: Scale::Linear },
            series: vec![Series {
                name: "<a>".into(),
                colour: COLOURS[0],
                mark: Mark::Points,
                labels: points.iter().map(|point| format!("m{}", point.0)).collect(),
                points,
            }],
        }
    }

    #[test]
    fn draws_every_point_with_its_label() {
        let document = svg(&[chart(vec![(65_536.0, 40.0), (131_072.0, 45.0)])], (500, 300)).unwrap();
        assert!(document.starts_with("<svg ") && document.trim_end().ends_with("</svg>"));
        // Two points and the legend's.
        assert_eq!(document.matches("<circle").count(), 3);
        for text in ["Saved &amp; more", "&lt;a&gt;", "m65536", "m131072", "64 KiB", "128 KiB"] {
            assert!(document.contains(text), "{text} is not in {document}");
        }
    }

    #[test]
    fn charts_stand_side_by_side_and_may_have_no_points() {
        let document = svg(&[chart(vec![]), chart(vec![(65_536.0, 40.0)])], (500, 300)).unwrap();
        assert!(document.contains("width=\"1000\""));
        assert_eq!(document.matches("Saved &amp; more").count(), 2);
    }
}
