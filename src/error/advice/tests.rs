//! The tables of docs/retries.md, which are made of those that decide.

use super::*;

fn in_c(value: impl std::fmt::Debug) -> String {
    format!("`{}`", crate::text::constant("", value).trim_start_matches('_'))
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn docs_have_the_tables() {
    check_rules();
    check_errnos();
}

fn check_rules() {
    let mut table = "| Status | When | It means | Advice |\n| --- | --- | --- | --- |\n".to_owned();
    for Rule { statuses, when, advice, meaning } in RULES {
        let statuses: Vec<String> = statuses.iter().map(in_c).collect();
        let when = match when {
            When::Always => String::new(),
            When::Field(names) => format!("the field is {}", quoted(names)),
            When::Code(codes) => format!("the code is {}", quoted(codes)),
            When::Http(ranges) => {
                let text = |r: &RangeInclusive<u16>| match r.start() == r.end() {
                    true => r.start().to_string(),
                    false => format!("{} to {}", r.start(), r.end()),
                };
                let texts: Vec<String> = ranges.iter().map(text).collect();
                format!("HTTP {}", texts.join(", "))
            }
        };
        let advice = in_c(advice);
        table += &format!("| {} | {when} | {meaning} | {advice} |\n", statuses.join(", "));
    }
    crate::text::check_table_of_docs("retries.md", "advice", &table);
}

fn check_errnos() {
    let names: Vec<&str> = FAULTS_OF_FILE.iter().map(|(_, name)| *name).collect();
    let table = format!(
        "| errno of a file | Advice |\n| --- | --- |\n| {} | `FIX_REQUEST` |\n\
         | any other: `EIO`, `EMFILE`, `ENFILE`, `ENOMEM`, `ESTALE`, `EBUSY`, `ETIMEDOUT`, … | `AGAIN` |\n",
        quoted(&names)
    );
    crate::text::check_table_of_docs("retries.md", "errnos", &table);
}

#[test]
fn every_status_has_a_rule_without_a_condition() {
    for status in Status::ALL {
        let is_last =
            |rule: &Rule| rule.statuses.contains(&status) && matches!(rule.when, When::Always);
        assert!(RULES.iter().any(is_last), "{status:?}");
    }
}
