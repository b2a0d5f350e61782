//! A unified diff of two texts of which lines were changed, none added and none removed.
//!
//! Not here: what is changed. Kept true: `patch -p1` and `git apply` in the folder of the pack turn the one into the other.

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The differences of a file; nothing if there are none.
pub(super) fn unified(path: &str, before: &str, after: &str) -> String {
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    let changed: Vec<usize> = (0..before.len()).filter(|at| before.get(*at) != after.get(*at)).collect();
    let mut text = String::new();
    for hunk in changed.chunk_by(|one, next| next - one <= 2 * CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        if text.is_empty() {
            text.push_str(&format!("--- a/{path}\n+++ b/{path}\n"));
        }
        let (from, to) = (first.saturating_sub(CONTEXT), (last + CONTEXT + 1).min(before.len()));
        text.push_str(&format!("@@ -{0},{1} +{0},{1} @@\n", from + 1, to - from));
        // Changed lines that stand together are shown together: all as they were, then all as they are.
        for run in (from..to).collect::<Vec<_>>().chunk_by(|one, next| hunk.contains(one) == hunk.contains(next)) {
            let is_changed = run.first().is_some_and(|at| hunk.contains(at));
            let sides: &[(char, &[&str])] =
                if is_changed { &[('-', &before), ('+', &after)] } else { &[(' ', &before)] };
            for (mark, lines) in sides {
                run.iter().filter_map(|at| lines.get(*at)).for_each(|line| push(&mut text, *mark, line));
            }
        }
    }
    text
}

fn push(text: &mut String, mark: char, line: &str) {
    text.push(mark);
    text.push_str(line);
    if !line.ends_with('\n') {
        text.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_in_their_surroundings() {
        let before = "a\nb\nc\nd\ne\nf\ng\n";
        let after = "a\nb\nc\nD\ne\nf\ng\n";
        let expected = "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,7 +1,7 @@\n a\n b\n c\n-d\n+D\n e\n f\n g\n";
        assert_eq!(unified("x.yaml", before, after), expected);
        assert_eq!(unified("x.yaml", before, before), "");
    }

    #[test]
    fn neighbours_share_a_hunk_and_a_missing_line_end_is_kept() {
        let before = "a\nb\n1\n2\n3\n4\n5\n6\n7\nz";
        let after = "A\nB\n1\n2\n3\n4\n5\n6\n7\nZ";
        let expected = "--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-a\n-b\n+A\n+B\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 5\n 6\n 7\n\
                        -z\n\\ No newline at end of file\n+Z\n\\ No newline at end of file\n";
        assert_eq!(unified("x", before, after), expected);
    }
}
