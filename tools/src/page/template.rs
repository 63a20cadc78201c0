//! Puts texts into a page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The page with each `{{name}}` replaced. What is put there is not looked at again.
pub(super) fn fill(page: &str, parts: &[(&str, String)]) -> String {
    let mut filled = String::new();
    for (i, piece) in page.split("{{").enumerate() {
        let after = match piece.split_once("}}") {
            Some((name, after)) if i > 0 => {
                filled.extend(parts.iter().filter(|(known, _)| *known == name).map(|(_, text)| text.as_str()));
                after
            }
            _ => piece,
        };
        filled.push_str(after);
    }
    filled
}

/// A text in HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Bytes as letters that stand in any text.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_a_page_is_not_taken_for_a_place() {
        let parts = [("a", "{{b}}".to_owned()), ("b", "2".to_owned())];
        assert_eq!(fill("<{{a}}|{{b}}|{{a}}>", &parts), "<{{b}}|2|{{b}}>");
    }

    #[test]
    fn texts_are_no_html() {
        assert_eq!(escaped("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
    }
}
