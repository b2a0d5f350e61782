//! Pictures and clips: made by AI, labelled, showing people.
//!
//! Not here: looking at pictures; the caller says what they are. Kept true: only media whose provenance says so count
//! as made or edited by AI.

use super::{Place, Recorder};
use crate::domain::{Content, Provenance};
use crate::engine::normalise::Item;
use crate::policy::Fact;

const FACTS: [Fact; 4] = [Fact::MediaAi, Fact::MediaAiUnlabelled, Fact::MediaRealPerson, Fact::MediaAiRealPerson];

pub(super) fn collect(item: &Item<'_>, record: &mut Recorder<'_>) {
    let (media, unlabelled) = match item.content {
        Content::Listing(listing) => (&listing.images, false),
        Content::Post(post) => (&post.media, !post.ai_generated_label),
    };
    if media.is_empty() || !record.wants_any(&FACTS) {
        return;
    }
    let mut counts = [0; FACTS.len()];
    for (at, one) in (0..).zip(media) {
        let artificial = matches!(one.provenance, Provenance::AiGenerated | Provenance::AiEdited);
        let holds =
            [artificial, artificial && unlabelled, one.depicts_real_person, artificial && one.depicts_real_person];
        for ((fact, holds), count) in FACTS.into_iter().zip(holds).zip(&mut counts) {
            if holds {
                *count += 1;
                let state = if fact == Fact::MediaRealPerson { "depicts_real_person" } else { "provenance" };
                record.place(fact, Place::Media(at, state));
            }
        }
    }
    for (fact, count) in FACTS.into_iter().zip(counts) {
        record.count(fact, count);
    }
}
