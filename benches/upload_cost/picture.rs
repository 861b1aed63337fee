//! What the library needs for each second of CPU that the others need.

use crate::row::{Row, Target, Unit};
use crate::svg::Picture;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 300.0;
const RIGHT: f64 = WIDTH - 70.0;
const TOP: f64 = 84.0;
/// Of one bar, and of all bars of a work.
const BAR: f64 = 16.0;
const GROUP: f64 = 3.0 * BAR + 18.0;

const STYLE: &str = "\
    .ossbind { fill: #0969da } .curl { fill: #c2571a } .raw { fill: #8c959f } \
    .target { stroke: #24292f; stroke-width: 2.5 }";
const DARK: &str = "\
    .ossbind { fill: #58a6ff } .curl { fill: #f0883e } .raw { fill: #6e7681 } \
    .target { stroke: #e6edf3 }";

/// A group of bars for each row of CPU seconds, each as long as its share of the longest in it.
pub fn draw(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| matches!(row.unit, Unit::Seconds)).collect();
    let height = TOP + GROUP * rows.len() as f64;
    let label = "CPU time of uploads with ossbind, with libcurl and through a socket";
    let mut picture = Picture::new((WIDTH, height), label, STYLE, DARK);
    picture.text("title", (24.0, 28.0), "start", "CPU time of uploads, and the target");
    let mut x = 24.0;
    for (class, name) in [("ossbind", "ossbind"), ("curl", "libcurl"), ("raw", "the least")] {
        picture.rect(class, (x, 46.0), (x + 26.0, 58.0));
        picture.text("", (x + 34.0, 57.0), "start", name);
        x += 130.0;
    }
    picture.line("target", (x, 44.0), (x, 60.0));
    picture.text("", (x + 10.0, 57.0), "start", "at most");
    for (index, row) in rows.into_iter().enumerate() {
        group(&mut picture, row, TOP + GROUP * index as f64);
    }
    picture.finish()
}

fn group(picture: &mut Picture, row: &Row, top: f64) {
    let limits: Vec<f64> = row.targets.iter().filter_map(|target| limit(row, *target)).collect();
    let longest = row.figures.iter().flatten().chain(&limits).fold(0.0, |a: f64, b| a.max(*b));
    let x = |figure: f64| LEFT + (RIGHT - LEFT) * figure / longest;
    picture.text("", (LEFT - 12.0, top + 1.5 * BAR + 4.5), "end", row.name);
    picture.line("axis", (LEFT, top - 3.0), (LEFT, top + 3.0 * BAR + 3.0));
    for (index, class) in ["ossbind", "curl", "raw"].into_iter().enumerate() {
        let Some(figure) = row.figures[index] else { continue };
        let y = top + BAR * index as f64;
        picture.rect(class, (LEFT, y + 1.0), (x(figure), y + BAR - 1.0));
        picture.text("", (x(figure) + 8.0, y + BAR - 3.5), "start", &format!("{figure:.2} s"));
    }
    for limit in limits {
        picture.line("target", (x(limit), top - 3.0), (x(limit), top + BAR + 1.0));
    }
}

/// The longest that the bar of the library should be.
fn limit(row: &Row, target: Target) -> Option<f64> {
    match target {
        Target::Times(times, kind) => Some(times * row.figures[kind as usize]?),
        Target::AtMost(limit) => Some(limit),
    }
}
