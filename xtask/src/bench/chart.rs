//! The table as a picture: how each measurement stands to its baseline and to its target.

use svg::Document;
use svg::node::element::{Line, Rectangle, Text};

use super::Row;

const WIDTH: f64 = 1010.0;
const LABELS: f64 = 540.0;
/// Room for the figures, on the right.
const FIGURES: f64 = 50.0;
const ROW: f64 = 26.0;
const TOP: f64 = 40.0;
/// Whatever is further from its baseline is drawn as if it were so far.
const FURTHEST: f64 = 2.0;

/// A bar for each row; a line at the baseline, and a mark at each target.
pub(super) fn draw(rows: &[Row], machine: &str) -> Document {
    let height = TOP + ROW * rows.len() as f64 + 30.0;
    let x =
        |ratio: f64| LABELS + (WIDTH - LABELS - FIGURES) * ratio.clamp(0.0, FURTHEST) / FURTHEST;
    let mut picture = Document::new()
        .set("viewBox", (0.0, 0.0, WIDTH, height))
        .set("font-family", "sans-serif")
        .set("font-size", 13)
        .add(Rectangle::new().set("width", WIDTH).set("height", height).set("fill", "#ffffff"))
        .add(text("ratio to the baseline; | is the target", 10.0, 22.0).set("font-weight", "bold"))
        .add(text("1 = baseline", x(1.0) - 36.0, 22.0).set("fill", "#555555"));
    for (n, row) in rows.iter().enumerate() {
        let y = TOP + ROW * n as f64;
        let colour = if row.met { "#4e79a7" } else { "#c0392b" };
        let bar = Rectangle::new()
            .set("x", LABELS)
            .set("y", y + 4.0)
            .set("width", x(row.ratio) - LABELS)
            .set("height", ROW - 10.0)
            .set("fill", colour);
        let label = text(&row.what, LABELS - 8.0, y + 17.0).set("text-anchor", "end");
        let figure = format!("{:.2}", row.ratio);
        let figure = text(&figure, WIDTH - 8.0, y + 17.0).set("text-anchor", "end");
        picture = picture.add(label).add(bar).add(figure);
        if let Some(target) = target(row.target) {
            picture = picture.add(line(x(target), y + 1.0, y + ROW - 3.0).set("stroke", "#000000"));
        }
    }
    let baseline = line(x(1.0), TOP - 8.0, height - 26.0);
    picture
        .add(baseline.set("stroke", "#555555").set("stroke-dasharray", "4 3"))
        .add(text(machine, 10.0, height - 8.0).set("fill", "#555555").set("font-size", 11))
}

/// The ratio in `≤ 1.08, at most …`; none in a target that is of something else.
fn target(target: &str) -> Option<f64> {
    let (_, ratio) = target.split_once(['≤', '≥'])?;
    ratio.split(',').next()?.trim().parse().ok()
}

fn text(words: &str, x: f64, y: f64) -> Text {
    Text::new(words).set("x", x).set("y", y)
}

fn line(x: f64, top: f64, bottom: f64) -> Line {
    Line::new().set("x1", x).set("x2", x).set("y1", top).set("y2", bottom).set("stroke-width", 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_written() {
        assert_eq!(target("≤ 1.15"), Some(1.15));
        assert_eq!(target("≥ 0.9, at most 64 MiB above start"), Some(0.9));
        assert_eq!(target("at most 48 MiB above start"), None);
    }
}
