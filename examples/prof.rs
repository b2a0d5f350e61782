//! scratch
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use dsa_signal::domain::*;
use dsa_signal::engine::{self, Circumstances, Scratch, Stage};
use std::time::Instant;
#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main() {
    let text = std::fs::read_to_string("/tmp/bench.tsv").unwrap();
    let items: Vec<Content> = text
        .lines()
        .map(|l| {
            let p: Vec<&str> = l.split('\t').collect();
            let full = TraderInformation {
                name: "Example GmbH".into(),
                address: "Street 1, 10115 Berlin".into(),
                email: "a@example.com".into(),
                phone: "+49 30 123456".into(),
                register_number: "HRB 1".into(),
                self_certified: true,
                country_code: "DE".into(),
                ..TraderInformation::default()
            };
            Content::Listing(Listing {
                listing_id: "l".into(),
                seller_id: "s".into(),
                title: p[1].into(),
                description: p[2].into(),
                category_path: vec!["Home".into(), "Other".into()],
                language_code: p[0].into(),
                price: Some(Money { currency_code: "EUR".into(), units: 39, nanos: 0 }),
                variants: vec![Variant { name: "Standard".into(), ..Variant::default() }],
                trader: Some(full),
                product_safety: Some(ProductSafety {
                    manufacturer_name: "Example GmbH".into(),
                    manufacturer_contact: "a@example.com".into(),
                    ..ProductSafety::default()
                }),
                ..Listing::default()
            })
        })
        .collect();
    let (pack, _) = dsa_signal::policy::compile(&dsa_signal::policy::embedded()).unwrap();
    let rounds: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(300);
    let mut scratch = Scratch::default();
    for c in &items {
        std::hint::black_box(go(c, &pack, &mut scratch));
    }
    for c in &items {
        println!(
            "hits {} facts {} signals {} tokens {} features {}",
            engine::run_to(Stage::Match, c, &pack, &mut scratch),
            engine::run_to(Stage::Facts, c, &pack, &mut scratch),
            engine::run_to(Stage::Signals, c, &pack, &mut scratch),
            engine::run_to(Stage::Normalise, c, &pack, &mut scratch),
            engine::run_to(Stage::Model, c, &pack, &mut scratch)
        );
    }
    let stages = [Stage::Normalise, Stage::Match, Stage::Facts, Stage::Signals, Stage::Model, Stage::Fuse];
    let n = items.len() as f64;
    if std::env::args().nth(2).is_none() {
        let mut t = vec![vec![]; 7];
        for _ in 0..rounds {
            for (s, t) in stages.iter().zip(&mut t) {
                let now = Instant::now();
                for c in &items {
                    std::hint::black_box(engine::run_to(*s, c, &pack, &mut scratch));
                }
                t.push(now.elapsed().as_secs_f64() * 1e6 / n);
            }
            let now = Instant::now();
            for c in &items {
                std::hint::black_box(go(c, &pack, &mut scratch));
            }
            t[6].push(now.elapsed().as_secs_f64() * 1e6 / n);
        }
        let mut before = 0.0;
        for (name, t) in ["fold", "match", "facts", "signals", "model", "fuse", "decide"].iter().zip(&mut t) {
            t.sort_by(f64::total_cmp);
            let m = t[t.len() / 50];
            println!("{name:>8} {:>7.2}", m - before);
            before = m;
        }
        println!("   whole {before:>7.2}");
    } else {
        for _ in 0..rounds {
            for c in &items {
                std::hint::black_box(go(c, &pack, &mut scratch));
            }
        }
    }
}
#[inline(never)]
fn go(c: &Content, pack: &dsa_signal::policy::CompiledPack, scratch: &mut Scratch) -> Verdict {
    engine::assess(c, pack, Circumstances::default(), scratch)
}
