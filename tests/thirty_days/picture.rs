//! Items that wait, over time, with the weather behind them.

use crate::plan::DAY_S;
use crate::svg::Picture;
use crate::weather::{Episode, Kind};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 20.0;
const TOP: f64 = 78.0;
const BOTTOM: f64 = HEIGHT - 70.0;

const STYLE: &str = "\
    .out { fill: #f0cfc4 } .modem { fill: #f5e6c0 } .busy { fill: #dcd3ee } .calls { fill: #cfe3d4 } \
    .keys { fill: #d3dbe3 } .shut { fill: #f0d3e2 } .depth { fill: none; stroke: #0969da; stroke-width: 1.5; \
    stroke-linejoin: round } .cut { stroke: #cf222e; stroke-width: 1.5 }";
const DARK: &str = "\
    .out { fill: #4a251a } .modem { fill: #40351a } .busy { fill: #302548 } .calls { fill: #1d3a26 } \
    .keys { fill: #2b333d } .shut { fill: #43223a } .depth { stroke: #58a6ff } .cut { stroke: #ff7b72 }";

/// What the colours mean.
const LEGEND: [(&str, &str); 6] = [
    ("out", "no network"),
    ("modem", "modem"),
    ("busy", "503"),
    ("calls", "callbacks fail"),
    ("keys", "no new keys"),
    ("shut", "folder refused"),
];

/// The whole picture. `cuts` are the power cuts.
pub fn draw(
    title: &str,
    period: f64,
    depth: &[(f64, u64)],
    episodes: &[Episode],
    cuts: &[f64],
) -> String {
    let label = "Items that wait in an outbox, over thirty days";
    let mut picture = Picture::new((WIDTH, HEIGHT), label, STYLE, DARK);
    let end = depth.last().map_or(period, |(at, _)| at.max(period));
    let x = |at: f64| LEFT + (RIGHT - LEFT) * at.min(end) / end;
    picture.text("title", (LEFT, 28.0), "start", title);
    legend(&mut picture);
    for episode in episodes.iter().filter(|episode| episode.is_large(period)) {
        picture.rect(class(episode.kind), (x(episode.from), TOP), (x(episode.to), BOTTOM));
    }
    let most = depth.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let step = [100, 500, 1000, 2000, 5000].into_iter().find(|step| most / step < 8);
    let step = step.unwrap_or(20_000);
    let top = (most / step + 1) * step;
    let y = |count: u64| BOTTOM - (BOTTOM - TOP) * count as f64 / top as f64;
    for count in (0..=top).step_by(step as usize) {
        let class = if count == 0 { "axis" } else { "grid" };
        picture.line(class, (LEFT, y(count)), (RIGHT, y(count)));
        picture.text("", (LEFT - 8.0, y(count) + 4.5), "end", &count.to_string());
    }
    for day in (0..).map(|days| 5.0 * f64::from(days)).take_while(|day| day * DAY_S <= end) {
        picture.text("", (x(day * DAY_S), BOTTOM + 32.0), "middle", &day.to_string());
    }
    for at in cuts {
        picture.line("cut", (x(*at), BOTTOM + 3.0), (x(*at), BOTTOM + 13.0));
    }
    picture.text("", ((LEFT + RIGHT) / 2.0, HEIGHT - 14.0), "middle", "days");
    picture.curve("depth", peaks(depth).map(|(at, count)| (x(at), y(count))));
    picture.finish()
}

/// One point for some samples: the highest, so that a short peak is seen.
fn peaks(depth: &[(f64, u64)]) -> impl Iterator<Item = (f64, u64)> {
    depth.chunks(4).filter_map(|some| some.iter().max_by_key(|(_, count)| *count).copied())
}

fn legend(picture: &mut Picture) {
    const Y: f64 = 54.0;
    let mut x = LEFT;
    for (class, name) in LEGEND {
        picture.rect(class, (x, Y - 7.0), (x + 18.0, Y + 7.0));
        picture.text("", (x + 25.0, Y + 4.5), "start", name);
        // About the width of the letters.
        x += 48.0 + 6.8 * name.len() as f64;
    }
    picture.line("cut", (x + 6.0, Y - 6.0), (x + 6.0, Y + 6.0));
    picture.text("", (x + 16.0, Y + 4.5), "start", "power cut");
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Outage | Kind::KnownOutage => "out",
        Kind::Modem => "modem",
        Kind::Busy => "busy",
        Kind::NoCallbacks => "calls",
        Kind::NoKeys => "keys",
        Kind::Shut => "shut",
    }
}
