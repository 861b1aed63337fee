//! One line of the table: figures, and what they should be.

use crate::clients::Kind;

/// Figures of the kinds in their order, and the targets of the library's.
pub struct Row {
    pub name: &'static str,
    pub unit: Unit,
    pub figures: [Option<f64>; 3],
    pub targets: Vec<Target>,
}

/// How figures are written.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    Seconds,
    Milliseconds,
    Mebibytes,
    /// Whole numbers.
    Count,
    /// Few, so with one decimal.
    FewCounts,
}

/// A limit for the library.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// This many times the figure of another kind.
    Times(f64, Kind),
    /// This figure.
    AtMost(f64),
}

impl Row {
    pub fn new(name: &'static str, unit: Unit, figures: [Option<f64>; 3]) -> Self {
        Self { name, unit, figures, targets: Vec::new() }
    }

    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// What the library needs for each that another kind needs.
    pub fn ratio(&self, kind: Kind) -> Option<f64> {
        Some(self.figures[Kind::Ossbind as usize]? / self.figures[kind as usize]?)
    }

    /// A line of a table in Markdown.
    pub fn markdown(&self) -> String {
        let cell = |figure: &Option<f64>| figure.map_or(String::new(), |f| self.unit.write(f));
        let cells: Vec<String> = self.figures.iter().map(cell).collect();
        let targets: Vec<String> = self.targets.iter().map(|t| self.describe(*t)).collect();
        let reached: Vec<String> = self.targets.iter().map(|t| self.reached(*t)).collect();
        format!(
            "| {} | {} | {} | {} |",
            self.name,
            cells.join(" | "),
            targets.join("; "),
            reached.join("; ")
        )
    }

    fn describe(&self, target: Target) -> String {
        match target {
            Target::Times(times, Kind::Curl) => format!("{times:.2} of libcurl"),
            Target::Times(times, _) => format!("{times:.2} of the least"),
            Target::AtMost(limit) => self.unit.write(limit),
        }
    }

    /// The figure to hold against a target, and whether it is within.
    fn reached(&self, target: Target) -> String {
        let (reached, limit, text) = match target {
            Target::Times(times, kind) => {
                let ratio = self.ratio(kind);
                (ratio, times, ratio.map(|ratio| format!("{ratio:.2}")))
            }
            Target::AtMost(limit) => {
                let figure = self.figures[Kind::Ossbind as usize];
                (figure, limit, figure.map(|figure| self.unit.write(figure)))
            }
        };
        match (reached, text) {
            (Some(reached), Some(text)) if reached <= limit => format!("{text}, yes"),
            (Some(_), Some(text)) => format!("**{text}, no**"),
            _ => "not measured".to_owned(),
        }
    }
}

impl Unit {
    fn write(self, figure: f64) -> String {
        match self {
            Self::Seconds => format!("{figure:.3} s"),
            Self::Milliseconds => format!("{:.1} ms", figure * 1000.0),
            Self::Mebibytes => format!("{figure:.1} MiB"),
            Self::FewCounts => format!("{figure:.1}"),
            Self::Count => grouped(figure),
        }
    }
}

/// `2,450,000`.
fn grouped(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
