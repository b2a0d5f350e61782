//! From the tree that `cel` parses to a predicate, with types checked.
//!
//! Not here: names (`vocabulary`). Kept true: what is not in the subset is refused with its place, never read in
//! another way than CEL reads it; all faults of a condition are found, not the first.

use std::ops::Range;

use cel::common::ast::{CallExpr, Expr, LiteralValue, SelectExpr, operators};
use cel::{IdedExpr, Program};
use smallvec::{SmallVec, smallvec};

use super::super::code::Code;
use super::super::compiled::{Comparison, Near, Predicate, Slot, SlotId};
use super::super::facts::FactType;
use super::syntax::syntax_faults;
use super::{ConditionFault, MAX_BYTES, MAX_COMPARISONS, Unresolved, Vocabulary};

/// Whole numbers up to here are exact in an `f64`, which is what slots hold.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Longest distance that `near` takes.
const MAX_NEAR_WORDS: i64 = 100;

/// Parses and lowers a condition.
pub(crate) fn lower(source: &str, vocabulary: &mut Vocabulary<'_>) -> Result<Predicate, Vec<ConditionFault>> {
    if source.len() > MAX_BYTES {
        return Err(vec![too_long(source, format!("{} bytes; at most {MAX_BYTES}", source.len()))]);
    }
    let program = Program::compile(source).map_err(|errors| syntax_faults(source, &errors))?;
    let mut lowering = Lowering { source, program: &program, vocabulary, faults: Vec::new(), comparisons: 0 };
    let predicate = lowering.condition(program.expression());
    if lowering.comparisons > MAX_COMPARISONS {
        let message = format!("{} comparisons; at most {MAX_COMPARISONS}", lowering.comparisons);
        lowering.faults.push(too_long(source, message));
    }
    match predicate {
        Some(predicate) if lowering.faults.is_empty() => Ok(predicate),
        _ => Err(lowering.faults),
    }
}

fn too_long(source: &str, message: String) -> ConditionFault {
    ConditionFault { code: Code::LongCondition, at: 0..source.len(), message, hint: None }
}

/// One side of a comparison.
enum Operand {
    Fact(SlotId, FactType, String),
    Number(f64),
    Text(String),
}

struct Lowering<'a, 'l> {
    source: &'a str,
    program: &'a Program,
    vocabulary: &'a mut Vocabulary<'l>,
    faults: Vec<ConditionFault>,
    comparisons: usize,
}

impl Lowering<'_, '_> {
    fn condition(&mut self, expr: &IdedExpr) -> Option<Predicate> {
        match &expr.expr {
            Expr::Literal(LiteralValue::Boolean(value)) => Some(Predicate::Const(*value.inner())),
            Expr::Call(call) if call.target.is_none() => self.call(expr, call),
            Expr::Select(select) if !select.test => {
                self.comparisons += 1;
                let (slot, fact_type, name) = self.fact(expr, select)?;
                if fact_type == FactType::Flag {
                    return Some(Predicate::True(slot));
                }
                let hint = match fact_type {
                    FactType::Text => format!("compare it: `{name} == \"…\"`"),
                    _ => format!("compare it: `{name} > 0`"),
                };
                self.fault(Code::TypeMismatch, expr, format!("`{name}` is {}, no flag", kind(fact_type)), Some(hint))
            }
            Expr::Ident(word) => {
                let unresolved = self.vocabulary.unresolved_word(word);
                self.unresolved(expr, unresolved)
            }
            Expr::Literal(_) => self.fault(Code::TypeMismatch, expr, "a literal is no condition", None),
            _ => self.unsupported(expr),
        }
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Predicate> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, args) => {
                let parts = self.parts(args)?;
                Some(flatten(parts, Predicate::All, |part| match part {
                    Predicate::All(parts) => Ok(parts),
                    other => Err(other),
                }))
            }
            (operators::LOGICAL_OR, args) => {
                let parts = self.parts(args)?;
                Some(flatten(parts, Predicate::Any, |part| match part {
                    Predicate::Any(parts) => Ok(parts),
                    other => Err(other),
                }))
            }
            (operators::LOGICAL_NOT, [part]) => Some(Predicate::Not(Box::new(self.condition(part)?))),
            (operators::IN, [text, list]) => self.membership(expr, text, list),
            ("near", args) => self.near(expr, args, false),
            ("before", args) => self.near(expr, args, true),
            (name, [a, b]) => match comparison(name) {
                Some(comparison) => self.comparison(expr, a, comparison, b),
                None => self.unsupported(expr),
            },
            _ => self.unsupported(expr),
        }
    }

    /// Lowers all parts, also after a fault in one of them.
    fn parts(&mut self, args: &[IdedExpr]) -> Option<Vec<Predicate>> {
        let parts: Vec<Option<Predicate>> = args.iter().map(|arg| self.condition(arg)).collect();
        parts.into_iter().collect()
    }

    fn comparison(&mut self, expr: &IdedExpr, a: &IdedExpr, op: Comparison, b: &IdedExpr) -> Option<Predicate> {
        self.comparisons += 1;
        let (left, right) = (self.operand(a), self.operand(b));
        match (left?, right?) {
            (Operand::Fact(slot, kind, name), Operand::Number(number)) => {
                self.number_fact(expr, kind, &name).then_some(Predicate::Compare(slot, op, number))
            }
            (Operand::Number(number), Operand::Fact(slot, kind, name)) => {
                self.number_fact(expr, kind, &name).then_some(Predicate::Compare(slot, op.flipped(), number))
            }
            (Operand::Fact(slot, kind, name), Operand::Text(text))
            | (Operand::Text(text), Operand::Fact(slot, kind, name)) => {
                self.text_equality(expr, (slot, kind, name), op, &text)
            }
            (Operand::Fact(a, a_kind, a_name), Operand::Fact(b, b_kind, b_name)) => {
                let numbers = self.number_fact(expr, a_kind, &a_name) && self.number_fact(expr, b_kind, &b_name);
                numbers.then_some(Predicate::CompareSlots(a, op, b))
            }
            (Operand::Number(_) | Operand::Text(_), Operand::Number(_) | Operand::Text(_)) => {
                self.fault(Code::Unsupported, expr, "this compares two literals: no fact takes part", None)
            }
        }
    }

    fn number_fact(&mut self, expr: &IdedExpr, fact_type: FactType, name: &str) -> bool {
        let hint = match fact_type {
            FactType::Count | FactType::Measure => return true,
            FactType::Flag => format!("write it bare: `{name}` or `!{name}`"),
            FactType::Text => format!("compare it with a text: `{name} == \"…\"`"),
        };
        let message = format!("`{name}` is {}, no number", kind(fact_type));
        self.fault::<()>(Code::TypeMismatch, expr, message, Some(hint)).is_some()
    }

    fn text_equality(
        &mut self,
        expr: &IdedExpr,
        (slot, fact_type, name): (SlotId, FactType, String),
        op: Comparison,
        text: &str,
    ) -> Option<Predicate> {
        if fact_type != FactType::Text {
            return self.fault(Code::TypeMismatch, expr, format!("`{name}` is {}, no text", kind(fact_type)), None);
        }
        if text.is_empty() {
            return self.empty_text(expr);
        }
        let equal = Predicate::In(slot, smallvec![self.vocabulary.symbol(text)]);
        match op {
            Comparison::Equal => Some(equal),
            Comparison::NotEqual => Some(Predicate::Not(Box::new(equal))),
            _ => self.fault(Code::TypeMismatch, expr, "texts are compared with `==`, `!=` and `in`", None),
        }
    }

    fn membership(&mut self, expr: &IdedExpr, text: &IdedExpr, list: &IdedExpr) -> Option<Predicate> {
        self.comparisons += 1;
        let operand = self.operand(text);
        let Expr::List(list) = &list.expr else { return self.unsupported(expr) };
        let texts: Option<Vec<&str>> = list.elements.iter().map(text_literal).collect();
        match (operand?, texts) {
            (Operand::Fact(_, FactType::Text, _), Some(texts)) if texts.contains(&"") => self.empty_text(expr),
            (Operand::Fact(slot, FactType::Text, _), Some(texts)) if !texts.is_empty() => {
                let symbols: SmallVec<[u32; 4]> = texts.iter().map(|text| self.vocabulary.symbol(text)).collect();
                Some(Predicate::In(slot, symbols))
            }
            (Operand::Fact(_, FactType::Text, _), _) => {
                self.fault(Code::TypeMismatch, expr, "`in` takes a list of at least one text", None)
            }
            _ => self.fault(Code::TypeMismatch, expr, "`in` is for text facts", None),
        }
    }

    /// The empty text has no symbol of its own: it is what an absent fact holds.
    fn empty_text(&mut self, expr: &IdedExpr) -> Option<Predicate> {
        let hint = Some("name the texts that count: `!(fact in [\"…\"])`".to_owned());
        self.fault(Code::TypeMismatch, expr, "facts are not compared with the empty text", hint)
    }

    /// `near`, or, in order, `before`.
    fn near(&mut self, expr: &IdedExpr, args: &[IdedExpr], in_order: bool) -> Option<Predicate> {
        let name = if in_order { "before" } else { "near" };
        self.comparisons += 1;
        let [a, b, words] = args else {
            return self.fault(Code::BadNear, expr, format!("{name} takes 3 arguments, not {}", args.len()), None);
        };
        let (Some(a_name), Some(b_name)) = (text_literal(a), text_literal(b)) else {
            return self.fault(Code::BadNear, expr, format!("{name} takes the names of two lexicons as texts"), None);
        };
        let words = match &words.expr {
            Expr::Literal(LiteralValue::Int(words)) if (0..=MAX_NEAR_WORDS).contains(words.inner()) => *words.inner(),
            _ => {
                return self.fault(
                    Code::BadNear,
                    words,
                    format!("0 to {MAX_NEAR_WORDS} words, as a whole number"),
                    None,
                );
            }
        };
        let (first, second) = (self.lexicon(a, a_name), self.lexicon(b, b_name));
        let (first, second) = (first?, second?);
        if first == second {
            return self.fault(Code::BadNear, expr, format!("{name} takes two different lexicons"), None);
        }
        // Where either order means the same, one order means one slot.
        let (a, b) = if in_order || first < second { (first, second) } else { (second, first) };
        let words = u8::try_from(words).unwrap_or(u8::MAX);
        let slot = self.slot(expr, Slot::Near(Near { a, b, words, in_order }))?;
        Some(Predicate::True(slot))
    }

    fn lexicon(&mut self, expr: &IdedExpr, name: &str) -> Option<crate::matching::LexiconId> {
        match self.vocabulary.lexicon(name) {
            Ok(lexicon) => Some(lexicon),
            Err(unresolved) => self.unresolved(expr, unresolved),
        }
    }

    fn operand(&mut self, expr: &IdedExpr) -> Option<Operand> {
        let number = match &expr.expr {
            Expr::Literal(LiteralValue::Int(value)) => *value.inner() as f64,
            Expr::Literal(LiteralValue::UInt(value)) => *value.inner() as f64,
            Expr::Literal(LiteralValue::Double(value)) => *value.inner(),
            Expr::Literal(LiteralValue::String(value)) => return Some(Operand::Text(value.inner().to_owned())),
            Expr::Literal(_) => {
                let hint = Some("write flags bare, or with `!`".to_owned());
                return self.fault(Code::TypeMismatch, expr, "facts are compared with numbers and texts", hint);
            }
            Expr::Select(select) if !select.test => {
                let (slot, fact_type, name) = self.fact(expr, select)?;
                return Some(Operand::Fact(slot, fact_type, name));
            }
            Expr::Ident(word) => {
                let unresolved = self.vocabulary.unresolved_word(word);
                return self.unresolved(expr, unresolved);
            }
            _ => return self.unsupported(expr),
        };
        if number.abs() >= MAX_EXACT {
            return self.fault(Code::TypeMismatch, expr, "a number beyond what facts can reach", None);
        }
        Some(Operand::Number(number))
    }

    fn fact(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Option<(SlotId, FactType, String)> {
        let Expr::Ident(root) = &select.operand.expr else { return self.unsupported(expr) };
        match self.vocabulary.resolve(root, &select.field) {
            Ok(slot) => Some((self.slot(expr, slot)?, slot.fact_type(), format!("{root}.{}", select.field))),
            Err(unresolved) => self.unresolved(expr, unresolved),
        }
    }

    fn slot(&mut self, expr: &IdedExpr, slot: Slot) -> Option<SlotId> {
        let id = self.vocabulary.slot(slot);
        if id.is_none() {
            return self.fault(Code::TooMany, expr, "the pack's conditions mention more than 65,535 facts", None);
        }
        id
    }

    fn unsupported<T>(&mut self, expr: &IdedExpr) -> Option<T> {
        let what = match &expr.expr {
            Expr::Call(call) if call.func_name == operators::CONDITIONAL => "`? :` is".to_owned(),
            Expr::Call(call) if call.func_name.starts_with('_') || call.func_name.starts_with('-') => {
                format!("the operator `{}` is", call.func_name.trim_matches('_').replace('_', " "))
            }
            Expr::Call(call) => format!("the function `{}` is", call.func_name),
            Expr::Select(select) if select.test => "`has` is".to_owned(),
            Expr::Comprehension(_) => "macros over lists are".to_owned(),
            _ => "this is".to_owned(),
        };
        self.fault(Code::Unsupported, expr, format!("{what} not part of conditions"), None)
    }

    fn unresolved<T>(&mut self, expr: &IdedExpr, unresolved: Unresolved) -> Option<T> {
        self.fault(unresolved.code, expr, unresolved.message, unresolved.hint)
    }

    fn fault<T>(&mut self, code: Code, expr: &IdedExpr, message: impl Into<String>, hint: Option<String>) -> Option<T> {
        let at = self.span(expr);
        self.faults.push(ConditionFault { code, at, message: message.into(), hint });
        None
    }

    /// The bytes that an expression covers: `cel` knows one token of each node.
    fn span(&self, expr: &IdedExpr) -> Range<usize> {
        let token = self.program.source_info().offset_for(expr.id);
        let (start, last) = token.map_or((0, 0), |(start, last)| (start as usize, last as usize));
        let mut span = start..last.saturating_add(1).max(start);
        let mut cover = |inner: &IdedExpr| {
            let inner = self.span(inner);
            span = span.start.min(inner.start)..span.end.max(inner.end);
        };
        match &expr.expr {
            Expr::Call(call) => {
                call.target.as_deref().into_iter().chain(&call.args).for_each(&mut cover);
                self.cover_name(&mut span, &call.func_name);
            }
            Expr::List(list) => list.elements.iter().for_each(&mut cover),
            Expr::Select(select) => {
                cover(&select.operand);
                // The token is the dot, and the name follows it; or the parenthesis of `has`.
                span.end += select.field.len();
                self.cover_name(&mut span, "has");
            }
            _ => {}
        }
        span.end = span.end.min(self.source.len());
        span.start = span.start.min(span.end);
        span
    }

    /// Of a function's call, the token is the parenthesis: the name stands before it.
    fn cover_name(&self, span: &mut Range<usize>, name: &str) {
        let before = self.source.get(..span.start).unwrap_or_default();
        if self.source.get(span.start..).is_some_and(|rest| rest.starts_with('(')) && before.ends_with(name) {
            span.start -= name.len();
            span.end += usize::from(self.source.get(span.end..).is_some_and(|rest| rest.starts_with(')')));
        }
    }
}

fn text_literal(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        operators::EQUALS => Comparison::Equal,
        operators::NOT_EQUALS => Comparison::NotEqual,
        operators::LESS => Comparison::Less,
        operators::LESS_EQUALS => Comparison::LessOrEqual,
        operators::GREATER => Comparison::Greater,
        operators::GREATER_EQUALS => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn kind(fact_type: FactType) -> &'static str {
    match fact_type {
        FactType::Count => "a count",
        FactType::Measure => "a measure",
        FactType::Flag => "a flag",
        FactType::Text => "a text",
    }
}

/// Puts the parts of parts of the same kind into one list: `a && b && c` is one `All`.
fn flatten(
    parts: Vec<Predicate>,
    make: fn(Vec<Predicate>) -> Predicate,
    open: fn(Predicate) -> Result<Vec<Predicate>, Predicate>,
) -> Predicate {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) => flat.extend(inner),
            Err(part) => flat.push(part),
        }
    }
    make(flat)
}
