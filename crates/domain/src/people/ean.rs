use super::{NativeKey, Tree};

/// What sources write where a unit has no location number.
pub const NO_EAN: &str = "9999999999999";

/// The location number for invoices (EAN) of `unit`: its own, else that of the nearest unit above
/// that has one. `own` tells what a unit has by itself; [`NO_EAN`] is none.
pub fn inherited_ean<'a>(
    tree: &Tree<NativeKey>,
    unit: &NativeKey,
    own: impl Fn(&NativeKey) -> Option<&'a str>,
) -> Option<&'a str> {
    let has = |it: &NativeKey| own(it).filter(|ean| *ean != NO_EAN);
    has(unit).or_else(|| tree.ancestors(unit).find_map(has))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units 1 (root) ← 2 ← 3 ← 4.
    fn tree() -> Tree<NativeKey> {
        let key = NativeKey::number;
        Tree::new((1..=4).map(|it| (key(it), Some(key(it - 1)).filter(|_| it > 1))))
    }

    fn of(unit: i64, own: [Option<&'static str>; 4]) -> Option<&'static str> {
        let own = |it: &NativeKey| {
            let nth = usize::try_from(it.as_number()? - 1).ok()?;
            own.get(nth).copied().flatten()
        };
        inherited_ean(&tree(), &NativeKey::number(unit), own)
    }

    #[test]
    fn a_unit_has_its_own_number_else_that_of_the_nearest_unit_above() {
        let own = [Some("5790000000001"), Some("5790000000002"), None, Some("5790000000004")];
        assert_eq!(of(4, own), Some("5790000000004"));
        assert_eq!(of(3, own), Some("5790000000002"));
        assert_eq!(of(1, own), Some("5790000000001"));
    }

    #[test]
    fn thirteen_nines_are_no_number_neither_its_own_nor_one_to_inherit() {
        let own = [Some("5790000000001"), Some(NO_EAN), None, Some(NO_EAN)];
        assert_eq!(of(4, own), Some("5790000000001"));
        assert_eq!(of(4, [Some(NO_EAN), None, None, None]), None);
    }
}
