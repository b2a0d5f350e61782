//! `decisions verify`: every chain, entry by entry, and on demand every kept content scored again.
//!
//! Not here: what a fault is (`store/verify.rs`). Kept true: the exit code alone says whether all is well; every fault names its entry;
//! heads are printed so that somebody can keep them where the store's owner cannot reach.

use std::io::{self, Write};

use super::super::args::VerifyArgs;
use super::super::failure::{Exit, Failure};
use super::super::pack;
use super::super::progress::grouped;
use super::super::terminal::{BAD, DIM, GOOD, Terminal};
use crate::service::{Replayed, Verification, VerifiedChain};
use crate::store::Head;

/// Runs the command.
pub(super) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let noted = args.expect.iter().map(|text| head(text)).collect::<Result<Vec<_>, _>>()?;
    let scorer = if args.replay { Some(pack::scorer(args.policy.as_deref())?) } else { None };
    let records = super::open(&args.store)?;
    let mut entries = 0_u64;
    let what = Verification { replay: scorer.as_ref(), noted };
    let chains = records.verify(&what, |count| entries += count as u64)?;
    let (terminal, mut out) = (Terminal::stdout(), io::stdout().lock());
    let mut well = true;
    for chain in &chains {
        well &= chain.faults.is_empty() && chain.replayed.different.is_empty();
        out.write_all(render(chain, args.replay, terminal).as_bytes())?;
    }
    let verdict = if well { terminal.paint(GOOD, "ok:") } else { terminal.paint(BAD, "error:") };
    let chains = if chains.len() == 1 { "1 chain".to_owned() } else { format!("{} chains", chains.len()) };
    writeln!(out, "{verdict} {} entries in {chains} checked", grouped(entries))?;
    Ok(if well { Exit::Done } else { Exit::Failed })
}

fn render(chain: &VerifiedChain, replay: bool, terminal: Terminal) -> String {
    let Head { chain: id, sequence, digest } = &chain.head;
    let mut text = format!("chain {id}\n  head {}\n", terminal.paint(DIM, &format!("{id}:{sequence}:{digest}")));
    for fault in &chain.faults {
        text += &format!("  {} {fault}\n", terminal.paint(BAD, "fault:"));
    }
    if replay {
        let Replayed { same, different, other_policy, without_content } = &chain.replayed;
        for at in different {
            text += &format!(
                "  {} entry {at} does not come out the same when it is scored again\n",
                terminal.paint(BAD, "fault:")
            );
        }
        text += &format!(
            "  scored again: {} the same, {} different, {} under another policy pack, {} without content\n",
            grouped(*same),
            grouped(different.len() as u64),
            grouped(*other_policy),
            grouped(*without_content),
        );
    }
    text
}

/// A head as `verify` prints it.
fn head(text: &str) -> Result<Head, Failure> {
    let mut parts = text.split(':');
    let head = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(chain), Some(sequence), Some(digest), None) => sequence
            .parse()
            .ok()
            .zip(digest.parse().ok())
            .map(|(sequence, digest)| Head { chain: chain.to_owned(), sequence, digest }),
        _ => None,
    };
    let hint = "write what `decisions verify` prints behind the word head: CHAIN:SEQUENCE:DIGEST";
    head.ok_or_else(|| Failure::with_hint(format!("{text:?} is no head of a chain"), hint))
}
