//! Readings of sources that are slow, or that hang. Time is the test's: nothing here waits.

use std::num::NonZeroUsize;

use super::*;
use crate::domain::{EventKind, StandingEvent, SubjectKind, Timestamp};
use crate::policy::{compile, embedded};
use crate::reputation::{EventPage, MemorySource, SourceAnswer, StandingSource};

const NOW: Timestamp = Timestamp { seconds: 1_795_262_400, nanos: 0 };
/// Longer than any reading here takes, if it ends at all.
const AN_HOUR: Duration = Duration::from_secs(3600);

fn seller() -> Subject {
    Subject { kind: SubjectKind::Seller, id: "s".to_owned() }
}

fn events() -> Vec<StandingEvent> {
    let event = |id: usize| StandingEvent {
        event_id: format!("e-{id}"),
        subject: seller(),
        kind: EventKind::ContentRemoved,
        area: None,
        count: 1,
        occurred_at: NOW,
    };
    (0..3).map(event).collect()
}

/// Has its events in pages of one, and gives one after the other; or stops after the first.
#[derive(Debug)]
struct SlowSource {
    between: Duration,
    hangs: AtomicBool,
}

impl StandingSource for SlowSource {
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>> {
        Box::pin(std::future::ready(Ok(vec![true; events.len()])))
    }

    fn events_of<'a>(&'a self, _: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()> {
        Box::pin(async move {
            for event in events() {
                tokio::time::sleep(self.between).await;
                page(&[event]);
                if self.hangs.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            }
            Ok(())
        })
    }
}

fn standings(source: Arc<dyn StandingSource>) -> Arc<Standings> {
    let rules = compile(&embedded()).unwrap().0.standing;
    Arc::new(Standings::new(rules, source, NonZeroUsize::MIN))
}

#[tokio::test(start_paused = true)]
async fn a_subject_with_very_many_events_is_read_to_the_end_while_pages_come() {
    let known = MemorySource::default();
    known.append(events()).await.unwrap();
    let all = standings(Arc::new(known)).standing(&seller(), NOW).await.unwrap();
    let between = LONGEST - Duration::from_secs(1);
    let slow = standings(Arc::new(SlowSource { between, hangs: false.into() }));
    let begun = tokio::time::Instant::now();
    let read = tokio::time::timeout(AN_HOUR, slow.standing(&seller(), NOW)).await.unwrap();
    assert!(begun.elapsed() > 2 * LONGEST, "longer than a source that hangs is waited for");
    assert!(all.is_some() && read == Ok(all));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_within_a_reading_is_given_up_and_asked_anew_by_the_next_one() {
    let source = Arc::new(SlowSource { between: Duration::from_secs(1), hangs: true.into() });
    let standings = standings(Arc::<SlowSource>::clone(&source));
    let hung = tokio::time::timeout(AN_HOUR, standings.standing(&seller(), NOW)).await;
    assert_eq!(hung, Ok(Err(SourceUnavailable)), "and not waited for without end");
    assert!(standings.readings().is_empty(), "its place is free");
    source.hangs.store(false, Ordering::Relaxed);
    let read = tokio::time::timeout(AN_HOUR, standings.standing(&seller(), NOW)).await.unwrap();
    assert!(read.unwrap().is_some());
}
