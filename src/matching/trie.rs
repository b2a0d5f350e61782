//! A byte-wise double-array trie (Aoe 1989) in two words per node: `child = base ^ byte`, and a child names its parent.
//!
//! Not here: what the values mean. Kept true: a walk reads one unit per byte and no other memory until it meets a value;
//! an unknown byte ends it.

/// A place in the trie, with what its unit says: a step then reads one unit, the child's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    at: u32,
    base: u32,
}

impl Node {
    /// From here nothing goes on.
    pub(super) const NOWHERE: Node = Node { at: NO_PARENT - 1, base: 0 };

    /// True if a key ends here.
    #[inline]
    pub(super) fn has_value(self) -> bool {
        self.base & HAS_VALUE != 0
    }

    /// True if no key goes on from here.
    #[inline]
    pub(super) fn is_leaf(self) -> bool {
        self.base & CHILDREN == 0
    }

    /// True if a key ends here that means something although its word goes on.
    #[inline]
    pub(super) fn goes_on(self) -> bool {
        self.base & GOES_ON != 0
    }
}

#[derive(Clone, Copy, Debug)]
struct Unit {
    /// Where the children are, 0 if there are none; the top bits say that the node has a value, and one for words that go on.
    base: u32,
    /// The parent, or `FREE`.
    parent: u32,
}

const FREE: u32 = u32::MAX;
const NO_PARENT: u32 = u32::MAX - 1;
const HAS_VALUE: u32 = 1 << 31;
const GOES_ON: u32 = 1 << 30;
const CHILDREN: u32 = GOES_ON - 1;
const NO_VALUE: u32 = u32::MAX;
const BLOCK: usize = 256;
/// Blocks behind the last one are no longer searched for room: filling their last holes costs more than it saves.
const OPEN_BLOCKS: usize = 16;

/// Several tries in one array. Keys are byte strings, values are `u32`.
#[derive(Debug, Default)]
pub(super) struct Trie {
    units: Vec<Unit>,
    /// One bit per unit, set while it is free: looking for room through `units` took most of a pack's compile time.
    free: Vec<u64>,
    /// By unit; `NO_VALUE` where no key ends.
    values: Vec<u32>,
}

/// A key, its value, and whether it means something where its word goes on.
pub(super) type Entry<'a> = (&'a [u8], u32, bool);

impl Trie {
    /// The child along `byte`.
    #[inline]
    pub(super) fn step(&self, node: Node, byte: u8) -> Option<Node> {
        let at = (node.base & CHILDREN) ^ u32::from(byte);
        let unit = self.units.get(at as usize)?;
        (unit.parent == node.at).then_some(Node { at, base: unit.base })
    }

    /// The value of the key that ends here.
    #[inline]
    pub(super) fn value(&self, node: Node) -> Option<u32> {
        self.values.get(node.at as usize).copied().filter(|value| *value != NO_VALUE)
    }

    /// Bytes on the heap, roughly.
    pub(super) fn heap_bytes(&self) -> usize {
        self.units.len() * size_of::<Unit>() + self.free.len() * size_of::<u64>() + self.values.len() * size_of::<u32>()
    }

    /// Adds a trie with these keys (sorted, distinct) and gives its root. Breadth first, so that the nodes that every
    /// word passes lie together.
    pub(super) fn add(&mut self, keys: &[Entry<'_>]) -> Node {
        self.grow();
        let root = self.first_free();
        self.claim(root, NO_PARENT);
        let mut queue = std::collections::VecDeque::from([(root, keys, 0usize)]);
        while let Some((node, keys, depth)) = queue.pop_front() {
            let keys = match keys.split_first() {
                Some(((key, value, goes_on), rest)) if key.len() == depth => {
                    if let (Some(unit), Some(place)) = (self.units.get_mut(node), self.values.get_mut(node)) {
                        unit.base |= if *goes_on { HAS_VALUE | GOES_ON } else { HAS_VALUE };
                        *place = *value;
                    }
                    rest
                }
                _ => keys,
            };
            let children: Vec<(u8, &[Entry<'_>])> = keys
                .chunk_by(|(a, ..), (b, ..)| a.get(depth) == b.get(depth))
                .filter_map(|chunk| Some((*chunk.first()?.0.get(depth)?, chunk)))
                .collect();
            if children.is_empty() {
                continue;
            }
            let base = self.room_for(&children.iter().map(|(byte, _)| *byte).collect::<Vec<_>>());
            if let Some(unit) = self.units.get_mut(node) {
                unit.base |= base as u32;
            }
            for (byte, chunk) in children {
                let child = base ^ usize::from(byte);
                self.claim(child, node as u32);
                queue.push_back((child, chunk, depth + 1));
            }
        }
        Node { at: root as u32, base: self.units.get(root).map_or(0, |unit| unit.base) }
    }

    /// Lets go of what is needed only for adding.
    pub(super) fn finish(&mut self) {
        self.free = Vec::new();
        self.units.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    fn claim(&mut self, at: usize, parent: u32) {
        if let (Some(unit), Some(word)) = (self.units.get_mut(at), self.free.get_mut(at / 64)) {
            *unit = Unit { base: 0, parent };
            *word &= !(1 << (at % 64));
        }
    }

    fn is_free(&self, at: usize) -> bool {
        self.free.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Free units of the open blocks, in order.
    fn open(&self) -> impl Iterator<Item = usize> {
        let skipped = self.free.len().saturating_sub(OPEN_BLOCKS * BLOCK / 64);
        let words = self.free.iter().enumerate().skip(skipped).filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.checked_sub(1)?;
                Some(at * 64 + bit)
            })
        })
    }

    fn first_free(&mut self) -> usize {
        let found = self.open().next();
        match found {
            Some(at) => at,
            None => {
                self.grow();
                self.units.len() - BLOCK
            }
        }
    }

    /// A base under which all these bytes are free.
    fn room_for(&mut self, bytes: &[u8]) -> usize {
        let first = usize::from(bytes.first().copied().unwrap_or_default());
        let fits = |base: usize| bytes.iter().all(|byte| self.is_free(base ^ usize::from(*byte)));
        // A base of 0 says that there are no children.
        let found = self.open().map(|at| at ^ first).find(|base| *base != 0 && fits(*base));
        match found {
            Some(base) => base,
            None => {
                self.grow();
                self.units.len() - BLOCK
            }
        }
    }

    fn grow(&mut self) {
        self.units.extend([Unit { base: 0, parent: FREE }; BLOCK]);
        self.free.extend([u64::MAX; BLOCK / 64]);
        self.values.extend([NO_VALUE; BLOCK]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_its_keys_and_nothing_else() {
        let mut words: Vec<String> = (0..3000u32).map(|n| format!("{:x}", n.wrapping_mul(2654435761))).collect();
        words.sort();
        words.dedup();
        let keys: Vec<Entry<'_>> =
            words.iter().enumerate().map(|(n, word)| (word.as_bytes(), n as u32, n % 2 == 0)).collect();
        let mut trie = Trie::default();
        let first = trie.add(&keys);
        let second = trie.add(&[(b"other", 7, false)]);
        let get = |root, key: &[u8]| {
            let node = key.iter().try_fold(root, |node, byte| trie.step(node, *byte))?;
            trie.value(node).map(|value| (value, node.goes_on()))
        };
        for (key, value, goes_on) in &keys {
            assert_eq!(get(first, key), Some((*value, *goes_on)));
            assert_eq!(get(second, key), None);
        }
        assert_eq!(get(second, b"other"), Some((7, false)));
        assert_eq!(get(first, b"other"), None);
        assert_eq!(get(second, b"othe"), None);
        assert_eq!(get(first, b""), None);
    }

    #[test]
    fn an_empty_trie_finds_nothing() {
        let mut trie = Trie::default();
        let root = trie.add(&[]);
        assert!((0..=255).all(|byte| trie.step(root, byte).is_none()));
    }
}
