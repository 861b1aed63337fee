//! What programs take in time and memory, as medians of runs in turns: what else the machine does
//! then spoils all of them alike.

use crate::clients::{Bench, Kind, Work, expect_success};

/// One run, as `measure` reports it.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    pub peak_kib: f64,
}

/// Runs of all kinds at one work.
pub struct Runs(Vec<(Kind, Vec<Cost>)>);

impl Runs {
    /// The median of a figure for each kind; None for kinds that did not run.
    pub fn medians(&self, figure: fn(&Cost) -> f64) -> [Option<f64>; 3] {
        Kind::ALL.map(|kind| {
            let (_, costs) = self.0.iter().find(|(of, _)| *of == kind)?;
            let mut figures: Vec<f64> = costs.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            Some(figures[figures.len() / 2])
        })
    }
}

/// Runs the clients in turns.
pub fn of_work(bench: &Bench, work: Work, runs: usize) -> Runs {
    let kinds = Kind::ALL.into_iter().filter(|kind| !work.over_tls || kind.knows_tls());
    let mut costs: Vec<_> = kinds.map(|kind| (kind, Vec::new())).collect();
    let measure = bench.path("measure").display().to_string();
    // They are compared with requests of the library, so there must be one to send.
    bench.save_head(work);
    for _ in 0..runs {
        for (kind, costs) in &mut costs {
            costs.push(parse(&expect_success(&mut bench.client(*kind, work, &[&measure]))));
        }
    }
    Runs(costs)
}

/// One program of the benchmark's folder, or itself.
pub fn of_program(bench: &Bench, program: &std::path::Path, arguments: &[&str]) -> Cost {
    let mut command = bench.on_client_core(&[&bench.path("measure").display().to_string()]);
    parse(&expect_success(command.arg(program).args(arguments)))
}

fn parse(line: &str) -> Cost {
    let figures: Vec<f64> =
        line.split_whitespace().map(|text| text.parse().expect("a number")).collect();
    Cost { wall_seconds: figures[0], cpu_seconds: figures[1] + figures[2], peak_kib: figures[3] }
}
