//! Memory over uploads, as a picture that needs nothing but a browser, in light and in dark.

use std::fmt::Write as _;

/// How much memory the program had, and after how many uploads.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub uploads: u64,
    pub kilobytes: u64,
}

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 36.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = HEIGHT - 56.0;

const STYLE: &str = "\
    text { font: 13px system-ui, sans-serif; fill: #24292f } \
    .title { font-size: 15px; font-weight: 600 } .page { fill: #ffffff } \
    .grid { stroke: #d8dee4 } .axis { stroke: #57606a } \
    .memory { fill: none; stroke: #0969da; stroke-width: 2; stroke-linejoin: round } \
    @media (prefers-color-scheme: dark) { \
    text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #262c36 } \
    .axis { stroke: #9198a1 } .memory { stroke: #58a6ff } }";

/// The whole picture. There must be samples, and the last one has the most uploads.
pub fn draw(samples: &[Sample]) -> String {
    let uploads = samples.last().expect("there are samples").uploads;
    let most = samples.iter().map(|sample| sample.kilobytes).max().unwrap_or_default();
    // Whole steps of 2 MiB.
    let megabytes = (most / 2048 + 1) * 2;
    let x = |count: f64| LEFT + (RIGHT - LEFT) * count / uploads as f64;
    let y = |kilobytes: f64| BOTTOM - (BOTTOM - TOP) * kilobytes / (megabytes * 1024) as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Resident memory over uploads\">\n\
         <style>{STYLE}</style>\n<rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n"
    );
    let title = format!("Resident memory (MiB) of {uploads} uploads, 8 threads, 2 % faults");
    text(&mut svg, "title", (LEFT, 28.0), "start", &title);
    for step in (0..=megabytes).step_by(2) {
        let y = y((step * 1024) as f64);
        let class = if step == 0 { "axis" } else { "grid" };
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>"
        );
        text(&mut svg, "", (LEFT - 8.0, y + 4.5), "end", &step.to_string());
    }
    for quarter in 0..=4 {
        let count = uploads * quarter / 4;
        text(&mut svg, "", (x(count as f64), BOTTOM + 20.0), "middle", &count.to_string());
    }
    text(&mut svg, "", ((LEFT + RIGHT) / 2.0, HEIGHT - 14.0), "middle", "uploads");
    let mut points = String::new();
    for sample in samples {
        let (x, y) = (x(sample.uploads as f64), y(sample.kilobytes as f64));
        let _ = write!(points, "{x:.1},{y:.1} ");
    }
    let _ = writeln!(svg, "<polyline class=\"memory\" points=\"{}\"/>", points.trim_end());
    svg + "</svg>\n"
}

fn text(svg: &mut String, class: &str, at: (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{text}</text>",
        at.0, at.1
    );
}
