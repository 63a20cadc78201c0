//! Loss and learning rate over a training.

use anyhow::Result;
use egpt_core::train::HistoryPoint;

use crate::chart::{Axis, COLOURS, Chart, Mark, Scale, Series, svg};

const SIZE: (u32, u32) = (520, 340);
/// The first part of a training, whose loss is so high that nothing else would be seen.
const LEFT_OUT: f64 = 0.02;

/// Loss of training and validation text, and the learning rate, beside each other.
pub(super) fn draw(history: &[HistoryPoint]) -> Result<String> {
    let last = history.last().map_or(0, |point| point.step) as f64;
    let shown = || history.iter().filter(move |point| point.step as f64 >= LEFT_OUT * last);
    let train = shown().map(|point| (point.step as f64, point.train_loss)).collect();
    let valid = shown().filter_map(|point| Some((point.step as f64, point.valid_loss?))).collect();
    let rate = history.iter().map(|point| (point.step as f64, f64::from(point.learning_rate))).collect();
    let loss = vec![
        series("training text, running mean", 4, Mark::Line, train),
        series("validation text", 0, Mark::Points, valid),
    ];
    let charts = [
        chart("Loss", "nats per token", Scale::Linear, loss),
        chart("Learning rate", "", Scale::FromZero, vec![series("", 2, Mark::Line, rate)]),
    ];
    svg(&charts, SIZE)
}

fn chart(title: &str, y: &str, scale: Scale, series: Vec<Series>) -> Chart {
    let axis = |name: &str, scale| Axis { name: name.into(), scale };
    Chart { title: title.into(), x: axis("updates", Scale::Linear), y: axis(y, scale), series }
}

fn series(name: &str, colour: usize, mark: Mark, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.into(), colour: COLOURS[colour], mark, points, labels: Vec::new() }
}
