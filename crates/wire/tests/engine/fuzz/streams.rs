//! Exchanges in which a server's messages are not what they were.

use super::mutation::{fix_length, scramble};
use crate::support::{
    chance::Chance,
    exchanges::{EXCHANGES, bytes, cache_size},
    lab::Lab,
    reader::Told,
    script::Script,
};

/// A step of an exchange.
enum Step {
    Call(&'static str),
    Answer(Vec<u8>),
    Cancel,
    End,
}

/// Recorded exchanges.
pub(crate) struct Corpus {
    exchanges: Vec<(usize, Vec<Step>)>,
    /// The messages of all exchanges, to put where they do not belong.
    answers: Vec<Vec<u8>>,
}

impl Corpus {
    pub(crate) fn new() -> Self {
        let step = |line: &'static str| match line.split(' ').next().unwrap() {
            "<" => Some(Step::Answer(bytes(&line[2..]))),
            ">" | "=" | "cache" => None,
            "cancel" => Some(Step::Cancel),
            "eof" => Some(Step::End),
            _ => Some(Step::Call(line)),
        };
        let exchanges: Vec<(usize, Vec<Step>)> = EXCHANGES
            .iter()
            .map(|(_, exchange)| (cache_size(exchange), exchange.lines().filter_map(step).collect()))
            .collect();
        let steps = exchanges.iter().flat_map(|(_, steps)| steps);
        let answers = steps.filter_map(|step| match step {
            Step::Answer(answer) => Some(answer.clone()),
            _ => None,
        });
        let answers = answers.collect();
        Self { exchanges, answers }
    }

    /// An exchange in which some of the server's messages are not what they were. Returns how many it took.
    pub(super) fn stream(&self, seed: u64) -> u64 {
        let mut chance = Chance::new(seed);
        let (cache, steps) = chance.pick(&self.exchanges);
        let (mut lab, mut script) = (Lab::new(*cache), Script::default());
        let odds = *chance.pick(&[3, 10, 40]);
        let (mut asked, mut ended, mut messages) = (0, 0, 0);
        for step in steps {
            match step {
                Step::Call(line) => {
                    let call = !line.starts_with("abandon") && !line.starts_with("close");
                    asked += u32::from(script.line(&mut lab, line) && call);
                    lab.sent_bytes();
                }
                Step::Answer(answer) => {
                    messages += 1;
                    if chance.one_in(odds) {
                        let answer = self.mutate(answer, &mut chance);
                        lab.hear_bytes(&answer);
                    } else {
                        lab.hear_bytes(answer);
                    }
                    lab.sent_bytes();
                }
                Step::Cancel => {
                    lab.wait(100);
                    if lab.wants_cancel() {
                        lab.cancel_closed();
                    }
                }
                Step::End => lab.engine.receive_end(),
            }
            if chance.one_in(200) {
                lab.wait(chance.word() % 6_000);
            }
            ended += count_ends(&lab.records());
        }
        lab.engine.receive_end();
        ended += count_ends(&lab.records());
        assert_eq!(asked, ended, "calls and their ends");
        messages
    }

    fn mutate(&self, answer: &[u8], chance: &mut Chance) -> Vec<u8> {
        let mut answer = answer.to_vec();
        for _ in 0..=chance.below(3) {
            match chance.below(9) {
                0 => answer.extend(chance.pick(&self.answers).clone()),
                1 => answer = [chance.pick(&self.answers).clone(), answer].concat(),
                2 => answer.clear(),
                3 => answer.truncate(chance.below(answer.len() + 1)),
                4 => answer = vec![chance.byte(); chance.below(40)],
                5 => fix_length(&mut answer),
                _ => scramble(&mut answer, chance),
            }
        }
        if chance.one_in(2) {
            fix_length(&mut answer);
        }
        answer
    }
}

fn count_ends(told: &[Told]) -> u32 {
    u32::try_from(told.iter().filter(|told| told.ends().is_some()).count()).unwrap()
}
