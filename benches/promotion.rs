//! A campaign of the size of a marketplace: what the promotion graph takes in memory, what it costs to teach and to ask, and what
//! scoring costs with it.
//!
//! A million listings, a hundred thousand creators, five million mentions, some listings far more popular than others; a third of the
//! posts claim something. `cargo bench --bench promotion`; it needs some 3 GB and a few minutes, `MENTIONS=500000` makes it a tenth.
//! Beside the graph, in the same run, a plain map that keeps every mention. Believe the ratios.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a bench reports on the terminal

use std::collections::HashMap;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::{Arc, RwLock};

use dsa_signal::domain::{ByteSpan, Claim, ClaimKind, Claims, Content, Listing, Mention, Nats, Risk, Timestamp};
use dsa_signal::policy::{HalfLife, compile, embedded};
use dsa_signal::promotion::PromotionGraph;
use dsa_signal::service::{Known, PolicyHandle, Scorer, now};

const READS: usize = 500_000;
const SCORED: usize = 20_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Small numbers far more often than large ones: a tenth of the listings gets half of the mentions.
    fn popular(&mut self, bound: usize) -> usize {
        let share = self.next() as f64 / u64::MAX as f64;
        ((share.powf(3.3) * bound as f64) as usize).min(bound - 1)
    }
}

struct Campaign {
    listings: usize,
    creators: usize,
    mentions: usize,
}

impl Campaign {
    fn mention(&self, at: usize, numbers: &mut Numbers) -> Mention {
        let claim = |kind, key: &str, text: &str| Claim {
            kind,
            key: key.to_owned(),
            field_path: "text".to_owned(),
            span: ByteSpan::new(10, 10 + text.len() as u32),
            original_text: text.to_owned(),
        };
        let mut claims = Claims::default();
        if numbers.below(3) == 0 {
            claims.claims.push(claim(ClaimKind::Product, "bag", "tote"));
        }
        if numbers.below(50) == 0 {
            claims.claims.push(claim(ClaimKind::Brand, "louis vuitton", "LV"));
            claims.claims.push(claim(ClaimKind::Choice, "black one", "the black one"));
            (claims.told, claims.risk) = (Nats::new(2.0), Risk::new(0.6));
        }
        Mention {
            mention_id: format!("m-{at}"),
            post_id: format!("post-{at}"),
            creator_id: format!("creator-{}", numbers.popular(self.creators)),
            listing_id: id(numbers.popular(self.listings)),
            path: "links[0]".to_owned(),
            link: format!("https://market.example/item/{at}.html"),
            promotes: 1,
            at: Timestamp { seconds: now().seconds - numbers.below(90 * 86_400) as i64, nanos: 0 },
            claims,
        }
    }
}

fn id(listing: usize) -> String {
    format!("listing-{listing}")
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}

/// Nanoseconds that this thread has spent on a processor: what others do on the machine does not count.
fn busy() -> f64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    schedstat.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default()
}

/// Nanoseconds of each of `count` pieces of work.
fn nanoseconds(count: usize, work: impl FnOnce()) -> f64 {
    let before = busy();
    work();
    (busy() - before) / count as f64
}

/// The medians of five rounds in which every candidate takes its turn.
fn medians<const N: usize>(count: usize, mut candidates: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut rounds = [(); N].map(|()| Vec::new());
    for _ in 0..5 {
        for (rounds, work) in rounds.iter_mut().zip(&mut candidates) {
            rounds.push(nanoseconds(count, work));
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[rounds.len() / 2]
    })
}

fn main() {
    let mentions = std::env::var("MENTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000_000);
    let campaign = Campaign { listings: mentions / 5, creators: mentions / 50, mentions };
    println!("{} listings, {} creators, {} mentions", campaign.listings, campaign.creators, campaign.mentions);

    let half_life = HalfLife::days(45);
    let before = resident_bytes();
    let graph = PromotionGraph::new(half_life, NonZeroUsize::new(campaign.listings).unwrap());
    let mut numbers = Numbers(7);
    let made = nanoseconds(campaign.mentions, || {
        let mut numbers = Numbers(7);
        (0..campaign.mentions).for_each(|at| drop(black_box(campaign.mention(at, &mut numbers))));
    });
    let learned = nanoseconds(campaign.mentions, || {
        for at in 0..campaign.mentions {
            black_box(graph.learn(campaign.mention(at, &mut numbers)));
        }
    });
    let bounded = resident_bytes() - before;

    let before = resident_bytes();
    let mut plain: HashMap<String, Vec<Arc<Mention>>> = HashMap::new();
    let mut numbers = Numbers(7);
    for at in 0..campaign.mentions {
        let mention = campaign.mention(at, &mut numbers);
        plain.entry(mention.listing_id.clone()).or_default().push(Arc::new(mention));
    }
    let plain = RwLock::new(plain);
    let unbounded = resident_bytes() - before;
    let mib = |bytes: usize| bytes >> 20;
    println!("  teaching           {:>8.0} ns a mention", learned - made);
    println!("  memory             {:>8} MiB for {} listings", mib(bounded), graph.listings());
    println!("  plain map          {:>8} MiB, ratio {:.2}", mib(unbounded), bounded as f64 / unbounded as f64);

    let popular: Vec<String> = (0..READS).map(|_| id(numbers.popular(campaign.listings))).collect();
    let unknown: Vec<String> = (0..READS).map(|at| format!("nobody-mentions-{at}")).collect();
    let ask = |ids: &[String]| {
        ids.iter().for_each(|id| drop(black_box(graph.of_listing(id))));
    };
    let [known, absent, copied] = medians(
        READS,
        [&mut || ask(&popular), &mut || ask(&unknown), &mut || {
            for id in &popular {
                let found: Option<Vec<Arc<Mention>>> =
                    plain.read().unwrap().get(id).map(|all| all.iter().rev().take(8).cloned().collect());
                drop(black_box(found));
            }
        }],
    );
    println!(
        "  asking             {known:>8.0} ns for a listing that is mentioned, {absent:.0} ns for one that is not"
    );
    println!("  plain map          {copied:>8.0} ns (pointers to the last 8), ratio {:.2}", known / copied);

    let scorer = Scorer::new(Arc::new(PolicyHandle::new(compile(&embedded()).unwrap().0, now())));
    let listings: Vec<(&str, Content)> = popular.iter().take(SCORED).map(|id| {
        let listing = Listing {
            listing_id: id.clone(),
            seller_id: "s-1".to_owned(),
            title: "Women quilted chain shoulder bag with two compartments".to_owned(),
            description: "Shoulder bag with a chain strap, two compartments, a zip pocket inside and a magnetic clasp. 24 x 16 x 8 cm.".to_owned(),
            ..Listing::default()
        };
        (id.as_str(), Content::Listing(listing))
    }).collect();
    let score = |warm: bool| {
        for (id, content) in &listings {
            let promotions = if warm { graph.of_listing(id) } else { None };
            black_box(scorer.score_known(content, Known { promotions, ..Known::default() }));
        }
    };
    let [cold, warm] = medians(SCORED, [&mut || score(false), &mut || score(true)]);
    println!(
        "  scoring            {:>8.1} us with the graph, {:.1} us without, ratio {:.2}",
        warm / 1e3,
        cold / 1e3,
        warm / cold
    );
}
