//! The load as a picture.

use crate::fleet::{END, OUTAGE, Outcome};
use crate::server::CAPACITY;
use crate::svg::Picture;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 690.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 20.0;
/// Seconds that make one point of a curve.
const STEP: usize = 15;

const STYLE: &str = "\
    .outage { fill: #f0e2dc } \
    .capacity { stroke: #57606a; stroke-dasharray: 2 4; stroke-width: 1.5 } \
    .fixed, .jitter, .ours, .outbox { fill: none; stroke-width: 2; stroke-linejoin: round } \
    .fixed { stroke: #8250a8; stroke-dasharray: 7 4 } .jitter { stroke: #c2571a } \
    .ours { stroke: #0969da; stroke-width: 3 } .outbox { stroke: #1a7f37; stroke-width: 3 }";
const DARK: &str = "\
    .outage { fill: #2f211c } .capacity { stroke: #9198a1 } \
    .fixed { stroke: #c297ff } .jitter { stroke: #f0883e } .ours { stroke: #58a6ff } \
    .outbox { stroke: #3fb950 }";

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
        bottom: 436.0,
        max: 2500,
        grid: 500,
    },
    Panel { title: "Uploads stored per second", top: 496.0, bottom: 636.0, max: 400, grid: 100 },
];

/// The whole picture.
pub fn draw(curves: &[Curve<'_>]) -> String {
    const TITLE: &str = "10,000 gateways, one upload each a minute, up to 3 attempts";
    let label = "Load of a server before, during and after an outage";
    let mut picture = Picture::new((WIDTH, HEIGHT), label, STYLE, DARK);
    picture.text("title", (LEFT, 28.0), "start", TITLE);
    legend(&mut picture, curves);
    let [requests, stored] = &PANELS;
    requests.draw(&mut picture, curves.iter().map(|curve| (curve.class, &curve.outcome.requests)));
    stored.draw(&mut picture, curves.iter().map(|curve| (curve.class, &curve.outcome.stored)));
    picture.text("", ((LEFT + RIGHT) / 2.0, HEIGHT - 14.0), "middle", "minutes");
    picture.finish()
}

fn legend(picture: &mut Picture, curves: &[Curve<'_>]) {
    const Y: f64 = 56.0;
    let capacity = ("capacity", "capacity");
    let entries = curves.iter().map(|curve| (curve.name, curve.class)).chain([capacity]);
    let mut x = LEFT;
    for (name, class) in entries {
        picture.line(class, (x, Y), (x + 34.0, Y));
        picture.text("", (x + 42.0, Y + 4.5), "start", name);
        // About the width of the letters.
        x += 76.0 + 6.6 * name.len() as f64;
    }
}

impl Panel {
    fn draw<'a>(
        &self,
        picture: &mut Picture,
        curves: impl Iterator<Item = (&'static str, &'a Vec<u32>)>,
    ) {
        let (from, to) = (x(OUTAGE.0 as f64), x(OUTAGE.1 as f64));
        let top = self.top;
        picture.rect("outage", (from, top), (to, self.bottom));
        picture.text("", ((from + to) / 2.0, top + 18.0), "middle", "outage");
        picture.text("title", (LEFT, top - 12.0), "start", self.title);
        self.axes(picture);
        let capacity = self.y(f64::from(CAPACITY));
        picture.line("capacity", (LEFT, capacity), (RIGHT, capacity));
        for (class, per_second) in curves {
            self.curve(picture, class, per_second);
        }
    }

    fn axes(&self, picture: &mut Picture) {
        for value in (0..=self.max).step_by(self.grid as usize) {
            let y = self.y(f64::from(value));
            picture.line(if value == 0 { "axis" } else { "grid" }, (LEFT, y), (RIGHT, y));
            picture.text("", (LEFT - 8.0, y + 4.5), "end", &value.to_string());
        }
        for second in (0..=END).step_by(300) {
            let x = x(second as f64);
            picture.line("axis", (x, self.bottom), (x, self.bottom + 5.0));
            picture.text("", (x, self.bottom + 20.0), "middle", &(second / 60).to_string());
        }
    }

    /// Means of some seconds each.
    fn curve(&self, picture: &mut Picture, class: &str, per_second: &[u32]) {
        let points = per_second.chunks(STEP).enumerate().map(|(index, step)| {
            let mean = step.iter().copied().map(f64::from).sum::<f64>() / step.len() as f64;
            let second = (index * STEP) as f64 + STEP as f64 / 2.0;
            (x(second), self.y(mean))
        });
        picture.curve(class, points);
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * value / f64::from(self.max)
    }
}

fn x(second: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * second / END as f64
}
