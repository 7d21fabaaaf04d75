//! The limit in Rust: a bare loop over the socket. Same flags, environment and answer as `runners/node.mjs`.

mod connection;
mod load;
mod workload;

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use connection::Outcome;
use load::{Figures, Window};

fn main() {
    let answer = match run() {
        Ok(figures) => with_figures(&figures),
        Err(error) => json!({ "ok": false, "reason": error.to_string() }),
    };
    println!("{answer}");
}

fn run() -> Outcome<Figures> {
    let flags = read_flags();
    let text = |name: &str| flags.get(name).map(String::as_str).ok_or_else(|| format!("--{name} is missing"));
    let seconds =
        |name: &str| -> Outcome<Duration> { Ok(Duration::try_from_secs_f64(text(name)?.parse()?)?) };
    let workload = workload::read(text("workload")?)?;
    load::verify(&workload, &workload::read(text("expected")?)?)?;
    let window = Window { warmup: seconds("warmup")?, length: seconds("seconds")? };
    load::measure(&workload, &load::depths(text("mode")?), &window)
}

fn read_flags() -> HashMap<String, String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    words
        .chunks_exact(2)
        .filter_map(|pair| Some((pair[0].strip_prefix("--")?.to_owned(), pair[1].clone())))
        .collect()
}

fn with_figures(figures: &Figures) -> Value {
    let mut answer = json!({ "ok": true, "version": "postgres-protocol 0.6" });
    if let (Some(answer), Ok(Value::Object(figures))) =
        (answer.as_object_mut(), serde_json::to_value(figures))
    {
        answer.extend(figures);
    }
    answer
}
