//! Folding and matching per 1 KB of text, beside general-purpose automata on the same text and terms in the same run.
//!
//! Not here: the engine as a whole. Kept true: every text is exactly 1 KB, so microseconds are microseconds per KB;
//! the rivals match bare substrings of the folded text and leave words, spans and disguises to somebody else.
// `criterion_group!` makes an undocumented function; a bench may fail loudly and prints its result.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use dsa_signal::matching::{Form, LexiconId, Matcher, MatcherBuilder, Memory, Term, TermWord};
use dsa_signal::text::{Document, detect};

const ENGLISH: &str = "Brand new stainless steel water bottle with a wide mouth and a leak proof lid, keeps drinks cold for \
    24 hours and hot for 12. Made of food grade materials, free of BPA, easy to clean and safe in the dishwasher. The \
    set comes with two spare seals and a carrying strap. Perfect for hiking, camping, the office or the gym. Ships \
    within two working days from our warehouse. If anything is wrong with your order, please write to us before you \
    leave a review: we answer every message and will find a solution. ";
const EUROPEAN: &str = "Große Trinkflasche aus Edelstahl für Ausflüge, hält Getränke 24 Stunden kühl. Bouteille isotherme \
    légère et résistante, idéale pour la randonnée, livrée avec deux joints. Botella térmica de acero, fácil de limpiar \
    y sin olores, envío rápido a toda España. Butelka termiczna ze stali nierdzewnej, świetnie sprawdzi się w górach, \
    wysyłka następnego dnia. Termos flaska av rostfritt stål, håller drycken varm länge. ";
const CYRILLIC: &str = "Нова термобутилка от неръждаема стомана, запазва напитките студени цял ден. Лесна за почистване, \
    подходяща за планина и за офис. Изпращаме до два работни дни от нашия склад, с опция преглед и тест. ";
const DISGUISED: &str = "b.u.y V1@gra and cia-lis h3re, v i a g r a 100mg, xаnax, n0 prescripti0n, ѵаlium 10mg, \
    p!lls cheap $$$ , t r a m a d o l, 0xycodone, di@zep@m 🇽 🇦 🇳 🇦 🇽 ";

/// A passage repeated to 1 KB, cut at a character.
fn kilobyte(passage: &str) -> String {
    let mut text = passage.repeat(1024 / passage.len() + 1);
    while text.len() > 1024 {
        text.pop();
    }
    text
}

/// Made-up words with the letter statistics of trade names, the same in every run.
fn words(count: usize) -> Vec<String> {
    const SYLLABLES: [&str; 40] = [
        "al", "an", "ar", "be", "ca", "ci", "co", "da", "de", "di", "do", "el", "en", "er", "fi", "ga", "gra", "in",
        "ka", "la", "le", "li", "lo", "ma", "me", "mi", "na", "ne", "no", "o", "pa", "pro", "ra", "re", "se", "sta",
        "ta", "ti", "va", "xi",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move |bound: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % bound
    };
    let mut made = std::collections::BTreeSet::new();
    while made.len() < count {
        let syllables = 2 + next(4);
        made.insert((0..syllables).map(|_| SYLLABLES[next(SYLLABLES.len())]).collect::<String>());
    }
    made.into_iter().collect()
}

/// Nine in ten terms are single words, of every form; one in ten is a phrase, every second of those with a gap.
fn matcher(words: &[String]) -> Matcher {
    let mut builder = MatcherBuilder::new();
    builder.endings("de", &["e", "en", "er", "es", "s", "n"].map(String::from));
    for (number, word) in words.iter().enumerate() {
        let form = [Form::Word, Form::Word, Form::Stem, Form::Prefix, Form::Compound][number % 5];
        let mut term = Term {
            lexicon: LexiconId((number % 40) as u16),
            words: vec![TermWord { text: word.clone(), form }],
            language: "de".into(),
            disguisable: number % 2 == 0,
            max_gap: 0,
        };
        if number % 10 == 0 {
            let lead = ["for", "without", "no", "buy", "the"][number / 10 % 5];
            term.words.insert(0, TermWord { text: lead.into(), form: Form::Word });
            term.max_gap = if number % 20 == 0 { 2 } else { 0 };
        }
        builder.add(&term);
    }
    builder.build()
}

fn fold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fold");
    for (name, passage) in
        [("ascii", ENGLISH), ("european", EUROPEAN), ("cyrillic", CYRILLIC), ("disguised", DISGUISED)]
    {
        let text = kilobyte(passage);
        let mut document = Document::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                document.clear();
                document.push_field(black_box(&text));
                document.tokens().len()
            })
        });
    }
    let mut document = Document::new();
    document.push_field(&kilobyte(EUROPEAN));
    group.bench_function("detect", |bencher| bencher.iter(|| detect(black_box(&document))));
    group.finish();
}

fn find(criterion: &mut Criterion) {
    for count in [1_000, 10_000, 50_000] {
        let words = words(count);
        let matcher = matcher(&words);
        let mut group = criterion.benchmark_group(format!("find/{count}"));
        for (name, passage) in [("ascii", ENGLISH), ("european", EUROPEAN), ("disguised", DISGUISED)] {
            let mut document = Document::new();
            document.push_field(&kilobyte(passage));
            let (mut hits, mut memory) = (Vec::new(), Memory::default());
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    hits.clear();
                    matcher.find(black_box(&document), &mut memory, &mut hits);
                    hits.len()
                })
            });
        }
        let mut document = Document::new();
        document.push_field(&kilobyte(ENGLISH));
        let folded = document.folded().to_owned();
        let charwise = daachorse::CharwiseDoubleArrayAhoCorasick::<usize>::new(&words).unwrap();
        group.bench_function("rival/daachorse-charwise", |bencher| {
            bencher.iter(|| charwise.find_overlapping_iter(black_box(&folded)).count())
        });
        let kind = aho_corasick::AhoCorasickKind::ContiguousNFA;
        let aho = aho_corasick::AhoCorasickBuilder::new().kind(Some(kind)).build(&words).unwrap();
        group.bench_function("rival/aho-corasick-nfa", |bencher| {
            bencher.iter(|| aho.find_overlapping_iter(black_box(&folded)).count())
        });
        group.finish();
        println!("heap of {count} terms: {} KiB", matcher.heap_bytes() / 1024);
    }
}

/// Medians of interleaved rounds, so that noise of the machine hits all alike; prints what the budget is about.
fn ratios(_: &mut Criterion) {
    let words = words(10_000);
    let matcher = matcher(&words);
    let charwise = daachorse::CharwiseDoubleArrayAhoCorasick::<usize>::new(&words).unwrap();
    let text = kilobyte(ENGLISH);
    let mut document = Document::new();
    let mut hits = Vec::new();
    let mut memory = Memory::default();
    let mut rounds: [Vec<Duration>; 4] = Default::default();
    for _ in 0..400 {
        let times = [0; 50];
        let mut timed = |slot: usize, work: &mut dyn FnMut()| {
            let start = Instant::now();
            times.iter().for_each(|_: &i32| work());
            rounds[slot].push(start.elapsed() / times.len() as u32);
        };
        timed(0, &mut || {
            document.clear();
            document.push_field(black_box(&text));
        });
        timed(1, &mut || {
            hits.clear();
            matcher.find(black_box(&document), &mut memory, &mut hits);
        });
        timed(3, &mut || {
            hits.clear();
            matcher.find(black_box(&document), &mut Memory::default(), &mut hits);
        });
        timed(2, &mut || {
            black_box(charwise.find_overlapping_iter(black_box(document.folded())).count());
        });
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6
    };
    let [fold, find, rival, new] = rounds.each_mut().map(median);
    println!(
        "10k terms, us per KB: fold {fold:.2} + find {find:.2} = {:.2} (find {new:.2} if no word was met before); daachorse charwise alone \
         {rival:.2}",
        fold + find
    );
    println!("ratio of fold + find to daachorse alone: {:.2}; of find: {:.2}", (fold + find) / rival, find / rival);
}

criterion_group!(benches, ratios, fold, find);
criterion_main!(benches);
