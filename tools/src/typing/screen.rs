//! What the terminal shows: the text, what is suggested, and what that saved.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::keyboard::{Keyboard, Offer};
use super::search::Work;
use super::wrap::wrap;

/// Rows of text below which suggestions share a row.
const MIN_TEXT: u16 = 3;

/// All that is drawn.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub keyboard: &'a Keyboard,
    /// The model's name.
    pub model: &'a str,
    /// Suggestions shown at most.
    pub n_slots: usize,
    pub work: Work,
    /// Whether words of the user dictionary are mixed in.
    pub uses_dictionary: bool,
}

/// Draws a view on a screen of any size.
pub fn draw(frame: &mut Frame<'_>, view: &View<'_>) {
    let area = frame.area();
    // Title, rule, offers, phrase, rule, counters, keys.
    let is_tall = usize::from(area.height) >= view.n_slots + 6 + usize::from(MIN_TEXT);
    if !is_tall {
        return draw_small(frame, view, area);
    }
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(view.n_slots as u16),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ]);
    let [title, text, rule, offers, phrase, lower_rule, counters, keys] = rows.areas(area);
    let dictionary = if view.uses_dictionary { " user dictionary: on " } else { " user dictionary: off " };
    frame.render_widget(rule_with(&format!(" egpt type · {} ", view.model), dictionary, title.width), title);
    draw_text(frame, view.keyboard, text);
    frame.render_widget(rule_with(" suggestions ", "", rule.width), rule);
    draw_offers(frame, view, offers);
    draw_phrase(frame, view, phrase);
    frame.render_widget(rule_with("", "", lower_rule.width), lower_rule);
    frame.render_widget(both_sides(&saved(view), &work(view), counters.width), counters);
    frame.render_widget(Line::from(longest_that_fits(&keys_help(view), keys.width)).dim(), keys);
}

/// The text, a row of suggestions, and a row of counters if there is one to spare.
fn draw_small(frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
    let counters = u16::from(area.height > 2);
    let offers = u16::from(area.height > 1);
    let rows = Layout::vertical([Constraint::Min(1), Constraint::Length(offers), Constraint::Length(counters)]);
    let [text, offers, counters] = rows.areas(area);
    draw_text(frame, view.keyboard, text);
    let mut spans = Vec::new();
    for (number, offer) in view.keyboard.offers().iter().enumerate() {
        spans.push(Span::from(format!("{} ", number + 1)).dim());
        spans.push(Span::from(format!("{}  ", offer.word)).style(offer_style(view, number)));
    }
    frame.render_widget(Line::from(spans), offers);
    let draft = view.keyboard.draft();
    let saved = [saved(view), format!("{} keys, {:.1} % saved", draft.n_pressed(), draft.percent_saved())];
    frame.render_widget(Line::from(longest_that_fits(&saved, counters.width)), counters);
}

/// The end of the text, what suggestions brought underlined, and the cursor behind it.
fn draw_text(frame: &mut Frame<'_>, keyboard: &Keyboard, area: Rect) {
    if area.is_empty() {
        return;
    }
    let text = keyboard.text();
    let mut rows = wrap(text, area.width.into());
    let column = rows.last().map_or(0, |row| text[row.clone()].width());
    if column >= usize::from(area.width) {
        rows.push(text.len()..text.len());
    }
    let column = rows.last().map_or(0, |row| text[row.clone()].width());
    let first = rows.len().saturating_sub(area.height.into());
    for (y, row) in (area.y..).zip(&rows[first..]) {
        let mut spans: Vec<Span<'_>> = Vec::new();
        for (at, c) in text[row.clone()].char_indices() {
            let style = if keyboard.draft().is_brought(row.start + at) { Style::new().green() } else { Style::new() };
            match spans.last_mut().filter(|span| span.style == style) {
                Some(span) => span.content.to_mut().push(c),
                None => spans.push(Span::styled(c.to_string(), style)),
            }
        }
        frame.render_widget(Line::from(spans), Rect { y, height: 1, ..area });
    }
    let below = (rows.len() - first).saturating_sub(1) as u16;
    frame.set_cursor_position(Position::new(area.x + column as u16, area.y + below));
}

/// A row for each suggestion: its keys, the word, how probable it is, its tokens.
fn draw_offers(frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
    let offers = view.keyboard.offers();
    let longest = offers.iter().map(|offer| offer.word.width()).max().unwrap_or(0).max(12);
    for (number, y) in (0..offers.len()).zip(area.y..area.bottom()) {
        let Offer { word, percent, tokens } = &offers[number];
        let pad = " ".repeat(longest - word.width());
        let tokens = tokens.join("|").replace(' ', "·");
        let row = Line::from(vec![
            Span::from(format!(" {:<14}", keys_of(number))).dim(),
            Span::from(word.as_str()).style(offer_style(view, number)),
            Span::from(format!("{pad} {percent:>3} %")),
            Span::from(format!("   {tokens}")).dim(),
        ]);
        frame.render_widget(row, Rect { y, height: 1, ..area });
    }
    if offers.is_empty() && view.work.is_done {
        frame.render_widget(Line::from(" none here").dim(), area);
    }
}

/// What the space bar would write, or the first word with those after it.
fn draw_phrase(frame: &mut Frame<'_>, view: &View<'_>, area: Rect) {
    if let Some(word) = view.keyboard.correction() {
        let key = Span::from(format!(" {:<14}", "Space")).dim();
        return frame.render_widget(Line::from(vec![key, Span::from(word).bold()]), area);
    }
    let phrase = view.keyboard.phrase();
    if !phrase.is_empty() {
        let keys = Span::from(format!(" {:<14}", "Shift-Tab  →")).dim();
        frame.render_widget(Line::from(vec![keys, Span::from(phrase).bold()]), area);
    }
}

/// What cannot be taken yet, because it is for an earlier text, is dim.
fn offer_style(view: &View<'_>, number: usize) -> Style {
    match (view.keyboard.has_current_offers(), number) {
        (false, _) => Style::new().dim(),
        (true, 0) => Style::new().bold().reversed(),
        (true, _) => Style::new().bold(),
    }
}

fn keys_of(number: usize) -> String {
    let n = number + 1;
    if number == 0 { "Tab F1 Alt-1".to_owned() } else { format!("    F{n} Alt-{n}") }
}

fn saved(view: &View<'_>) -> String {
    let draft = view.keyboard.draft();
    let (pressed, without) = (draft.n_pressed(), draft.n_without());
    format!(" {pressed} keys instead of {without}: {:.1} % saved", draft.percent_saved())
}

fn work(view: &View<'_>) -> String {
    if !view.work.is_done {
        return "searching … ".to_owned();
    }
    let steps = view.work.n_step;
    let plural = if steps == 1 { "" } else { "s" };
    format!("last key: {:.1} ms, {steps} decode step{plural} ", view.work.time.as_secs_f64() * 1000.0)
}

fn keys_help(view: &View<'_>) -> [String; 3] {
    let n = view.n_slots;
    let accept = if n == 1 { "Tab accepts".to_owned() } else { format!("Tab, F1–F{n} or Alt-1–{n} accept") };
    [
        format!(" {accept} · Ctrl-W delete word · Ctrl-L clear · Ctrl-P user dictionary · Esc quit"),
        format!(" {accept} · ^W word · ^L clear · ^P dictionary · Esc quit"),
        " Tab accepts · Esc quits".to_owned(),
    ]
}

/// The first of them, longest first, that fits.
fn longest_that_fits(texts: &[String], width: u16) -> String {
    let fits = texts.iter().find(|text| text.width() <= width.into()).or(texts.last());
    fits.cloned().unwrap_or_default()
}

/// A rule with something at its ends, as far as there is room.
fn rule_with(left: &str, right: &str, width: u16) -> Line<'static> {
    let lead = if left.is_empty() { "" } else { "──" };
    let tail = if right.is_empty() { "" } else { "──" };
    let used = lead.width() + left.width() + right.width() + tail.width();
    let line = "─".repeat(usize::from(width).saturating_sub(used));
    let dim = |text: String| Span::from(text).dim();
    Line::from(vec![
        dim(lead.into()),
        Span::from(left.to_owned()),
        dim(line),
        Span::from(right.to_owned()),
        dim(tail.into()),
    ])
}

/// Two texts at the ends of a row; only the left one where they do not fit.
fn both_sides(left: &str, right: &str, width: u16) -> Line<'static> {
    let gap = usize::from(width).checked_sub(left.width() + right.width()).filter(|&gap| gap > 1 && !right.is_empty());
    Line::from(gap.map_or(left.to_owned(), |gap| format!("{left}{}{right}", " ".repeat(gap))))
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
