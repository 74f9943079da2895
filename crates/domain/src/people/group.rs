use super::{Field, NativeKey, Picture, Tree};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A target group as it is written in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Group")]
#[serde(deny_unknown_fields)]
pub struct GroupText {
    /// Its key: small letters, digits, `-` and `_`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Its rules. Who satisfies one of them is in the group.
    pub any: Vec<RuleText>,
}

/// One rule of a group: all that it says must hold of one and the same employment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "GroupRule")]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// In one of these units, or below one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Not in one of these units, nor below one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// With one of these position titles; capital letters make no difference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<String>,
    /// With one of these forms of employment: digits are a code, everything else is a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contracts: Vec<String>,
    /// Leading the unit, or not leading it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<bool>,
}

impl fmt::Display for RuleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            ("in or below unit ", &self.units),
            ("not in or below unit ", &self.except),
            ("position ", &self.positions),
            ("form of employment ", &self.contracts),
        ];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let mut said: Vec<String> =
            lists.map(|(what, list)| format!("{what}{}", list.join(" or "))).collect();
        said.extend(self.manager.map(|it| if it { "a manager" } else { "no manager" }.to_owned()));
        f.write_str(&said.join("; "))
    }
}

/// Why a text is no target group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// The key would not be a good name.
    #[error("group key {key:?}: use small letters, digits, - and _, at most {KEY_LENGTH_MAX}")]
    Key {
        /// The key as given.
        key: String,
    },
    /// It has no name.
    #[error("group {key}: name is empty; say what people call it")]
    Name {
        /// The group.
        key: String,
    },
    /// It has no rule.
    #[error("group {key}: any is empty; give at least one rule, such as {{ units = [\"…\"] }}")]
    NoRule {
        /// The group.
        key: String,
    },
    /// A rule that would hold of everybody.
    #[error("group {key}: rule {rule} says nothing; for everybody, name the root unit under units")]
    EmptyRule {
        /// The group.
        key: String,
        /// The rule; 1 for the first.
        rule: usize,
    },
    /// An empty text among those to choose from.
    #[error("group {key}: rule {rule}: {entry} has an empty text; take it out")]
    EmptyText {
        /// The group.
        key: String,
        /// The rule; 1 for the first.
        rule: usize,
        /// The entry.
        entry: &'static str,
    },
}

/// How long a key may be.
const KEY_LENGTH_MAX: usize = 64;

/// A named rule that tells who belongs together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    key: String,
    name: String,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    units: BTreeSet<NativeKey>,
    except: BTreeSet<NativeKey>,
    /// In small letters.
    positions: BTreeSet<String>,
    /// Equal with and without zeros in front, as sources write now one, now the other.
    codes: BTreeSet<NativeKey>,
    /// In small letters.
    contracts: BTreeSet<String>,
    manager: Option<bool>,
}

impl Group {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// A group without rules, and a rule that says nothing: it would hold of everybody by mistake.
    pub fn parse(text: &GroupText) -> Result<Self, GroupError> {
        let key = text.key.clone();
        let good = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-_".contains(&it);
        if key.is_empty() || key.len() > KEY_LENGTH_MAX || !key.bytes().all(good) {
            return Err(GroupError::Key { key });
        }
        if text.name.trim().is_empty() {
            return Err(GroupError::Name { key });
        }
        if text.any.is_empty() {
            return Err(GroupError::NoRule { key });
        }
        let rules = text.any.iter().zip(1..).map(|(it, nth)| Rule::parse(&key, nth, it));
        let rules = rules.collect::<Result<_, _>>()?;
        Ok(Self { key, name: text.name.trim().to_owned(), rules })
    }

    /// Its key in the configuration.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fields that its rules look at, beside the unit. Who is told who is in the group is told
    /// something of these.
    pub fn fields(&self) -> BTreeSet<Field> {
        let looks = |rule: &Rule| {
            [
                (Field::EmploymentPositionTitle, !rule.positions.is_empty()),
                (Field::EmploymentContractCode, !rule.codes.is_empty()),
                (Field::EmploymentContract, !rule.contracts.is_empty()),
                (Field::EmploymentIsManager, rule.manager.is_some()),
            ]
        };
        let all = self.rules.iter().flat_map(looks);
        all.filter(|(_, looked_at)| *looked_at).map(|(field, _)| field).collect()
    }

    /// The group over the unit tree of `day`.
    pub fn on<'a>(&'a self, tree: &Tree<NativeKey>, day: Date) -> GroupOn<'a> {
        let units = |rule: &Rule| {
            let except = tree.subtrees(&rule.except);
            let all = || tree.units().cloned().collect::<BTreeSet<_>>();
            let mut units = if rule.units.is_empty() { all() } else { tree.subtrees(&rule.units) };
            units.retain(|it| !except.contains(it));
            units
        };
        let bound = |it: &Rule| !it.units.is_empty() || !it.except.is_empty();
        let rules = self.rules.iter().map(|it| (it, bound(it).then(|| units(it)))).collect();
        GroupOn { group: self, day, rules }
    }
}

impl Rule {
    fn parse(key: &str, nth: usize, text: &RuleText) -> Result<Self, GroupError> {
        if *text == RuleText::default() {
            return Err(GroupError::EmptyRule { key: key.to_owned(), rule: nth });
        }
        let texts = |entry, list: &[String]| -> Result<Vec<String>, GroupError> {
            let said = |it: &String| match it.trim() {
                "" => Err(GroupError::EmptyText { key: key.to_owned(), rule: nth, entry }),
                it => Ok(it.to_owned()),
            };
            list.iter().map(said).collect()
        };
        let units = |entry, list| -> Result<BTreeSet<NativeKey>, GroupError> {
            Ok(texts(entry, list)?.iter().map(|it| NativeKey::text(it)).collect())
        };
        let (codes, contracts): (Vec<String>, Vec<String>) =
            texts("contracts", &text.contracts)?.into_iter().partition(|it| is_code(it));
        Ok(Self {
            units: units("units", &text.units)?,
            except: units("except", &text.except)?,
            positions: small(&texts("positions", &text.positions)?),
            codes: codes.iter().map(|it| NativeKey::text(it)).collect(),
            contracts: small(&contracts),
            manager: text.manager,
        })
    }

    /// Whether all that it says of the employment itself holds.
    fn holds(&self, picture: &Picture<'_>) -> bool {
        let one_of = |texts: &BTreeSet<String>, field| {
            picture.text(field).is_some_and(|it| texts.contains(&it.to_lowercase()))
        };
        let contract = || {
            let told = picture.text(Field::EmploymentContractCode);
            told.is_some_and(|it| self.codes.contains(&NativeKey::text(it)))
                || one_of(&self.contracts, Field::EmploymentContract)
        };
        let any_contract = self.codes.is_empty() && self.contracts.is_empty();
        let leads = || picture.is(Field::EmploymentIsManager);
        (self.positions.is_empty() || one_of(&self.positions, Field::EmploymentPositionTitle))
            && (any_contract || contract())
            && self.manager.is_none_or(|it| it == leads())
    }
}

fn is_code(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit())
}

fn small(texts: &[String]) -> BTreeSet<String> {
    texts.iter().map(|it| it.to_lowercase()).collect()
}

/// A group over the unit tree of one day.
#[derive(Clone, Debug)]
pub struct GroupOn<'a> {
    group: &'a Group,
    day: Date,
    /// Each with the units it is about; none if it is about all, known or not.
    rules: Vec<(&'a Rule, Option<BTreeSet<NativeKey>>)>,
}

impl GroupOn<'_> {
    /// The group.
    pub fn group(&self) -> &Group {
        self.group
    }

    /// The first rule that holds of an employment on the day, 1 for the first of all; none if none
    /// does, or the employment is not there on the day.
    pub fn rule_for(&self, employment: &Picture<'_>) -> Option<usize> {
        if employment.day != self.day || !employment.days.contains(self.day) {
            return None;
        }
        let unit = employment.text(Field::EmploymentUnit).map(NativeKey::text);
        let holds = |(rule, units): &(&Rule, Option<BTreeSet<NativeKey>>)| {
            let there =
                units.as_ref().is_none_or(|it| unit.as_ref().is_some_and(|u| it.contains(u)));
            there && rule.holds(employment)
        };
        self.rules.iter().position(holds).map(|it| it + 1)
    }
}
