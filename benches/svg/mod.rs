//! Pictures that need nothing but a browser, in light and in dark.

use std::fmt::Write as _;

/// Colours of text, page and axes; a picture adds those of its own.
const STYLE: &str = "\
    text { font: 13px system-ui, sans-serif; fill: #24292f } \
    .title { font-size: 15px; font-weight: 600 } .page { fill: #ffffff } \
    .grid { stroke: #d8dee4 } .axis { stroke: #57606a }";
const DARK: &str = "\
    text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #262c36 } \
    .axis { stroke: #9198a1 }";

/// Co-ordinates, from the left and from the top.
pub type Point = (f64, f64);

/// A picture that is being drawn.
pub struct Picture {
    svg: String,
}

impl Picture {
    /// An empty page. `style` and `dark` are CSS for the classes of the picture; `label` is for those
    /// who do not see it.
    pub fn new((width, height): Point, label: &str, style: &str, dark: &str) -> Self {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{label}\">\n<style>{STYLE} {style} \
             @media (prefers-color-scheme: dark) {{ {DARK} {dark} }}</style>\n\
             <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"
        );
        Self { svg }
    }

    pub fn line(&mut self, class: &str, from: Point, to: Point) {
        self.curve(class, [from, to].into_iter());
    }

    pub fn rect(&mut self, class: &str, from: Point, to: Point) {
        let _ = writeln!(
            self.svg,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            from.0,
            from.1,
            to.0 - from.0,
            to.1 - from.1
        );
    }

    pub fn curve(&mut self, class: &str, points: impl Iterator<Item = Point>) {
        let points: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(self.svg, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "));
    }

    /// `anchor` is `start`, `middle` or `end`.
    pub fn text(&mut self, class: &str, at: Point, anchor: &str, text: &str) {
        let _ = writeln!(
            self.svg,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{text}</text>",
            at.0, at.1
        );
    }

    /// The whole document.
    pub fn finish(self) -> String {
        self.svg + "</svg>\n"
    }
}
