//! The load as a picture that needs nothing but a browser, in light and in dark.

use std::fmt::Write as _;

use crate::fleet::{END, OUTAGE, Outcome};
use crate::server::CAPACITY;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 590.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 20.0;
/// Seconds that make one point of a curve.
const STEP: usize = 15;

const STYLE: &str = "\
    text { font: 13px system-ui, sans-serif; fill: #24292f } \
    .title { font-size: 15px; font-weight: 600 } \
    .page { fill: #ffffff } .outage { fill: #f0e2dc } \
    .grid { stroke: #d8dee4 } .axis { stroke: #57606a } \
    .capacity { stroke: #57606a; stroke-dasharray: 2 4; stroke-width: 1.5 } \
    .fixed, .jitter, .ours { fill: none; stroke-width: 2; stroke-linejoin: round } \
    .fixed { stroke: #8250a8; stroke-dasharray: 7 4 } .jitter { stroke: #c2571a } \
    .ours { stroke: #0969da; stroke-width: 3 } \
    @media (prefers-color-scheme: dark) { \
    text { fill: #e6edf3 } .page { fill: #0d1117 } .outage { fill: #2f211c } \
    .grid { stroke: #262c36 } .axis, .capacity { stroke: #9198a1 } \
    .fixed { stroke: #c297ff } .jitter { stroke: #f0883e } .ours { stroke: #58a6ff } }";

/// One line of each panel.
pub struct Curve<'a> {
    pub name: &'static str,
    /// Its colour and dashes.
    pub class: &'static str,
    pub outcome: &'a Outcome,
}

/// A co-ordinate system with time to the right.
struct Panel {
    title: &'static str,
    top: f64,
    bottom: f64,
    /// Value at the top, and between lines of the grid.
    max: u32,
    grid: u32,
}

const PANELS: [Panel; 2] = [
    Panel {
        title: "Requests that arrive, per second",
        top: 106.0,
        bottom: 336.0,
        max: 1000,
        grid: 200,
    },
    Panel { title: "Uploads stored per second", top: 396.0, bottom: 536.0, max: 400, grid: 100 },
];

/// The whole picture.
pub fn draw(curves: &[Curve<'_>]) -> String {
    const TITLE: &str = "10,000 gateways, one upload each a minute, up to 3 attempts";
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Load of a server before, during and after an outage\">\n\
         <style>{STYLE}</style>\n<rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n"
    );
    text(&mut svg, "title", (LEFT, 28.0), "start", TITLE);
    legend(&mut svg, curves);
    let [requests, stored] = &PANELS;
    requests.draw(&mut svg, curves.iter().map(|curve| (curve.class, &curve.outcome.requests)));
    stored.draw(&mut svg, curves.iter().map(|curve| (curve.class, &curve.outcome.stored)));
    text(&mut svg, "", ((LEFT + RIGHT) / 2.0, HEIGHT - 14.0), "middle", "minutes");
    svg + "</svg>\n"
}

fn legend(svg: &mut String, curves: &[Curve<'_>]) {
    const Y: f64 = 56.0;
    let capacity = ("capacity of the server", "capacity");
    let entries = curves.iter().map(|curve| (curve.name, curve.class)).chain([capacity]);
    let mut x = LEFT;
    for (name, class) in entries {
        line(svg, class, (x, Y), (x + 34.0, Y));
        text(svg, "", (x + 42.0, Y + 4.5), "start", name);
        // About the width of the letters.
        x += 76.0 + 6.6 * name.len() as f64;
    }
}

impl Panel {
    fn draw<'a>(
        &self,
        svg: &mut String,
        curves: impl Iterator<Item = (&'static str, &'a Vec<u32>)>,
    ) {
        let (from, to) = (x(OUTAGE.0 as f64), x(OUTAGE.1 as f64));
        let (top, height) = (self.top, self.bottom - self.top);
        let width = to - from;
        let _ = writeln!(
            svg,
            "<rect class=\"outage\" x=\"{from:.1}\" y=\"{top}\" width=\"{width:.1}\" \
             height=\"{height}\"/>"
        );
        text(svg, "", ((from + to) / 2.0, top + 18.0), "middle", "outage");
        text(svg, "title", (LEFT, top - 12.0), "start", self.title);
        self.axes(svg);
        let capacity = self.y(f64::from(CAPACITY));
        line(svg, "capacity", (LEFT, capacity), (RIGHT, capacity));
        for (class, per_second) in curves {
            self.curve(svg, class, per_second);
        }
    }

    fn axes(&self, svg: &mut String) {
        for value in (0..=self.max).step_by(self.grid as usize) {
            let y = self.y(f64::from(value));
            line(svg, if value == 0 { "axis" } else { "grid" }, (LEFT, y), (RIGHT, y));
            text(svg, "", (LEFT - 8.0, y + 4.5), "end", &value.to_string());
        }
        for second in (0..=END).step_by(300) {
            let x = x(second as f64);
            line(svg, "axis", (x, self.bottom), (x, self.bottom + 5.0));
            text(svg, "", (x, self.bottom + 20.0), "middle", &(second / 60).to_string());
        }
    }

    /// Means of some seconds each.
    fn curve(&self, svg: &mut String, class: &str, per_second: &[u32]) {
        let mut points = String::new();
        for (index, step) in per_second.chunks(STEP).enumerate() {
            let mean = step.iter().copied().map(f64::from).sum::<f64>() / step.len() as f64;
            let second = (index * STEP) as f64 + STEP as f64 / 2.0;
            let _ = write!(points, "{:.1},{:.1} ", x(second), self.y(mean));
        }
        let _ = writeln!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", points.trim_end());
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * value / f64::from(self.max)
    }
}

fn x(second: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * second / END as f64
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, class: &str, at: (f64, f64), anchor: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{text}</text>",
        at.0, at.1
    );
}
