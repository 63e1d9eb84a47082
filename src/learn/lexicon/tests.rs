use super::*;

fn task() -> Task {
    Task {
        category: Category::Advertising,
        replace: vec!["advertising.words-en".into(), "advertising.words-zh".into()],
        given: vec![WeightedTerm { term: "glorious".into(), weight: 0.9, given: Some(0.9) }],
        exclude: vec!["wonderful kettles".into()],
        terms: 50,
        rules: false,
    }
}

/// Two sources, which sell and do not in words of their own and in words that they share.
fn messages() -> Vec<(Origin, String)> {
    let mut messages = Vec::new();
    for number in 0..80 {
        let (is_positive, source) = (number % 2 == 0, number / 2 % 2);
        let own = ["northern", "southern"][source as usize];
        let text = if is_positive { "our wonderful kettles await you" } else { "the pump report is overdue" };
        let group = source * 4 + number / 8 % 4;
        let raw =
            format!("Subject: {own}\nContent-Type: text/plain\n\n{own} lights: {text}, number {number}.\n");
        messages.push((Origin { source, group, is_positive }, raw));
    }
    messages
}

fn learn(task: Task) -> Report {
    let learner = Learner::new(Policy::shipped(), task).expect("the task can be done");
    let messages = messages();
    let weights = weights(messages.iter().map(|(origin, _)| *origin));
    let mut phrases = Phrases::default();
    let mut samples: Vec<Sample> = messages
        .iter()
        .zip(&weights)
        .map(|((origin, raw), weight)| learner.read(raw.as_bytes(), *origin, *weight, &mut phrases))
        .collect();
    let total = weights.iter().sum::<f64>() / 2.0;
    let candidates = learner.candidates(phrases, messages.len(), total).expect("there are phrases");
    for (sample, (_, raw)) in samples.iter_mut().zip(&messages) {
        learner.find(&candidates, raw.as_bytes(), sample);
    }
    learner.fit(&candidates, &samples, &["north".into(), "south".into()])
}

#[test]
fn words_of_one_kind_are_learned_and_those_of_a_source_are_not() {
    let report = learn(task());
    let weight = |term: &str| report.terms.iter().find(|have| have.term == term).map(|have| have.weight);
    assert!(weight("kettles").is_some_and(|weight| weight > 0.1), "{:?}", report.terms);
    assert!(weight("pump").is_some_and(|weight| weight < -0.1), "{:?}", report.terms);
    assert_eq!(weight("northern"), None);
    assert_eq!(weight("wonderful kettles"), None, "it is excluded");
    assert_eq!(weight("glorious"), Some(0.9), "what is in no message keeps the weight that it was given");
    let table = report.table();
    assert!(table.contains("north ") && table.contains("1.000"), "{table}");
}

#[test]
fn learning_twice_gives_the_same_file() {
    let (one, other) = (learn(task()), learn(task()));
    assert_eq!(one.file("made of nothing"), other.file("made of nothing"));
    let document = crate::policy::Document::new("words.tsv", &one.file("made of nothing"));
    let read = crate::policy::words::parse(&document).expect("it reads what it writes");
    assert_eq!(read.len(), one.terms.len());
}

#[test]
fn a_rule_that_does_not_exist_is_named() {
    let task = Task { replace: vec!["advertising.word-en".into()], ..task() };
    let error = Learner::new(Policy::shipped(), task).expect_err("there is no such rule").to_string();
    assert!(error.contains("advertising.words-en"), "{error}");
}

#[test]
fn sources_and_groups_count_alike() {
    let origin = |source, group, is_positive| Origin { source, group, is_positive };
    let origins: Vec<Origin> = std::iter::repeat_n(origin(0, 0, true), 1000)
        .chain(std::iter::repeat_n(origin(1, 1, true), 250))
        .chain(std::iter::repeat_n(origin(1, 2, false), 10))
        .collect();
    let weights = weights(origins.iter().copied());
    let sum = |range: std::ops::Range<usize>| weights[range].iter().sum::<f64>();
    assert!((sum(0..1000) - sum(1000..1250)).abs() < 1e-6, "a source counts no more for being large");
    assert!((sum(0..1250) - sum(1250..1260)).abs() < 1e-6, "positives count as much as negatives");
}
