//! Canonical bytes, tested: against digests written down once, there and back, and on bytes that are none.

#[path = "store/samples.rs"]
mod samples;

use dsa_signal::domain::{Action, Record};
use dsa_signal::store::canonical::{Malformed, content_bytes, content_digest, read_content, read_record, record_bytes};

/// If this fails, records that exist can no longer be verified. Do not bless it: give the new layout a new version.
#[test]
fn the_bytes_of_version_1_are_what_they_were() {
    let records = samples::every_kind()
        .into_iter()
        .map(|record| format!("{} {}", record.kind(), content_digest(&record_bytes(&record))));
    let contents =
        samples::contents().into_iter().map(|content| format!("content {}", content_digest(&content_bytes(&content))));
    let digests = records.chain(contents).collect::<Vec<_>>().join("\n");
    assert_eq!(digests, include_str!("store/canonical_v1.txt").trim(), "the layout has changed");
}

/// Decisions under promotions have a version of their own, so that all others keep their bytes.
#[test]
fn the_bytes_of_version_2_are_what_they_were() {
    let record = samples::promoted_decision("d-1");
    let bytes = record_bytes(&record);
    assert_eq!(bytes.first(), Some(&2));
    assert_eq!(read_record(&bytes), Ok(record));
    assert_eq!(
        content_digest(&bytes).to_string(),
        include_str!("store/canonical_v2.txt").trim(),
        "the layout has changed"
    );
    for end in 0..bytes.len() {
        assert_eq!(read_record(&bytes[..end]), Err(Malformed), "cut at {end}");
    }
    assert_eq!(read_record(&[&[1], &bytes[1..]].concat()), Err(Malformed), "version 1 has no promotions");
}

#[test]
fn a_small_record_is_written_as_the_specification_says() {
    let mut expected = vec![1, 2]; // version, kind
    expected.extend([1, 0, 0, 0, b'o', 1, 0, 0, 0, b'd', 1]); // two texts, CONFIRMED
    expected.extend([2, 0, 0, 0, b'o', b'k']);
    expected.extend(1_700_000_000_i64.to_le_bytes());
    expected.extend(5_000_u32.to_le_bytes());
    assert_eq!(record_bytes(&samples::outcome("o", "d")), expected);
}

#[test]
fn every_record_and_content_reads_back_as_it_was_written() {
    for record in samples::every_kind() {
        let bytes = record_bytes(&record);
        assert_eq!(read_record(&bytes), Ok(record.clone()));
        assert_eq!(read_record(&bytes).map(|again| record_bytes(&again)), Ok(bytes));
    }
    for content in samples::contents() {
        assert_eq!(read_content(&content_bytes(&content)), Ok(content));
    }
}

#[test]
fn bytes_that_are_no_record_are_refused() {
    for record in samples::every_kind() {
        let bytes = record_bytes(&record);
        for end in 0..bytes.len() {
            assert_eq!(read_record(&bytes[..end]), Err(Malformed), "cut at {end}");
        }
        assert_eq!(read_record(&[bytes.as_slice(), &[0]].concat()), Err(Malformed), "bytes behind it");
        assert_eq!(read_record(&[&[2], &bytes[1..]].concat()), Err(Malformed), "another version");
    }
}

#[test]
fn no_change_of_a_byte_reads_as_the_same_record() {
    for record in samples::every_kind() {
        let bytes = record_bytes(&record);
        for at in 0..bytes.len() {
            for byte in [0x00, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                if let (true, Ok(other)) = (changed != bytes, read_record(&changed)) {
                    assert_ne!(record_bytes(&other), bytes, "byte {at}");
                }
            }
        }
    }
}

#[test]
fn another_action_gives_other_bytes() {
    let Record::Decision(decision) = samples::decision("d", "s") else { panic!("a decision") };
    let mut other = decision.clone();
    other.assessment.verdict.action = Action::Block;
    assert_ne!(record_bytes(&Record::Decision(decision)), record_bytes(&Record::Decision(other)));
}
