use crate::given::{PAYROLL, claim, day, days, employment, state, text};
use kobling_domain::agreement::{
    Agreement, AgreementError, AgreementText, EmploymentFacts, Package, Projection, Reach, Template,
};
use kobling_domain::id::{SubjectId, Version};
use kobling_domain::people::{
    Claims, Field, Group, GroupText, NativeKey, RuleText, Rules, Tree, Value, view_at,
};
use uuid::Uuid;

/// Units 1 (root) ← 2 ← 3, and 4 below 1.
fn tree() -> Tree<NativeKey> {
    let key = NativeKey::number;
    Tree::new(
        [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))]
            .map(|(unit, parent)| (key(unit), parent.map(key))),
    )
}

fn written(any: Vec<RuleText>) -> GroupText {
    GroupText { key: "ledere".to_owned(), name: "Ledere".to_owned(), any }
}

fn group(any: Vec<RuleText>) -> Group {
    Group::parse(&written(any)).unwrap()
}

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}

/// In unit 3 from day 3 to day 9.
fn teacher() -> Claims {
    let values = state([
        (Field::EmploymentUnit, text("3")),
        (Field::EmploymentPositionTitle, text("Lærer")),
        (Field::EmploymentContractCode, text("01")),
        (Field::EmploymentContract, text("Månedsløn bagud")),
        (Field::EmploymentIsManager, Value::Flag(false)),
    ]);
    employment(7, vec![claim(PAYROLL, days(3, Some(10)), values)])
}

/// Which rule takes the teacher in on day 5.
fn taken(any: Vec<RuleText>) -> Option<usize> {
    let (group, rules, teacher) = (group(any), Rules::default(), teacher());
    group.on(&tree(), day(5)).rule_for(&view_at(&rules, &teacher, day(5)).unwrap())
}

#[test]
fn all_that_a_rule_says_must_hold_and_one_rule_of_a_group_is_enough() {
    let units = |numbers: &[&str]| RuleText { units: list(numbers), ..RuleText::default() };
    assert_eq!(taken(vec![units(&["2"])]), Some(1));
    assert_eq!(taken(vec![units(&["4"])]), None);
    assert_eq!(taken(vec![units(&["4"]), units(&["4", "1"])]), Some(2));
    let teachers = RuleText { positions: list(&["Censor", "LÆRER"]), ..units(&["2"]) };
    assert_eq!(taken(vec![teachers.clone()]), Some(1));
    assert_eq!(taken(vec![RuleText { units: list(&["4"]), ..teachers.clone() }]), None);
    assert_eq!(taken(vec![RuleText { manager: Some(true), ..teachers.clone() }]), None);
    assert_eq!(taken(vec![RuleText { manager: Some(false), ..teachers }]), Some(1));
}

#[test]
fn a_unit_can_be_left_out_of_those_above_it() {
    let without = |except: &[&str], units: &[&str]| {
        let (units, except) = (list(units), list(except));
        taken(vec![RuleText { units, except, ..RuleText::default() }])
    };
    assert_eq!(without(&["4"], &["1"]), Some(1));
    assert_eq!(without(&["2"], &["1"]), None);
    assert_eq!(without(&["4"], &[]), Some(1));
    assert_eq!(without(&["3"], &[]), None);
}

#[test]
fn a_form_of_employment_is_a_code_with_or_without_zeros_or_a_name() {
    let contract =
        |name: &str| taken(vec![RuleText { contracts: list(&[name]), ..RuleText::default() }]);
    assert_eq!(contract("01"), Some(1));
    assert_eq!(contract("1"), Some(1));
    assert_eq!(contract("månedsløn bagud"), Some(1));
    assert_eq!(contract("10"), None);
    assert_eq!(contract("Månedsløn"), None);
}

/// Two employments that each satisfy half of a rule do not satisfy it.
#[test]
fn a_rule_is_about_one_employment_on_the_day_itself() {
    let rules = Rules::default();
    let everybody = group(vec![RuleText { units: list(&["1"]), ..RuleText::default() }]);
    let teacher = teacher();
    for (on, expected) in [(2, None), (3, Some(1)), (9, Some(1)), (10, None)] {
        let rule = view_at(&rules, &teacher, day(on))
            .and_then(|it| everybody.on(&tree(), day(on)).rule_for(&it));
        assert_eq!(rule, expected, "day {on}");
    }
    let picture = view_at(&rules, &teacher, day(5)).unwrap();
    assert_eq!(everybody.on(&tree(), day(6)).rule_for(&picture), None);
}

#[test]
fn a_rule_that_says_nothing_is_refused_and_tells_what_to_say() {
    let refused = Group::parse(&written(vec![RuleText::default()])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "group ledere: rule 1 says nothing; for everybody, name the root unit under units"
    );
    let refused = Group::parse(&written(vec![])).unwrap_err();
    assert!(refused.to_string().starts_with("group ledere: any is empty; give at least one rule"));
    let empty = RuleText { positions: list(&[" "]), ..RuleText::default() };
    let refused = Group::parse(&written(vec![empty])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "group ledere: rule 1: positions has an empty text; take it out"
    );
    let key = GroupText { key: "Ledere!".to_owned(), ..written(vec![]) };
    assert!(Group::parse(&key).unwrap_err().to_string().contains("use small letters"));
}

fn agreement(packages: Option<Vec<Package>>, fields: &[&str]) -> Result<Agreement, AgreementError> {
    let text = AgreementText {
        key: "learning".to_owned(),
        template: Template::OneParty,
        interfaces: Vec::new(),
        source: "opus".to_owned(),
        sources: vec![],
        members: vec![],
        target: "plan2learn".to_owned(),
        fields: list(fields),
        packages,
        scope: list(&["2"]),
        except: vec![],
        from: day(1),
        until: None,
        purpose: "courses".to_owned(),
        legal_basis: "databeskyttelseslovens § 12".to_owned(),
    };
    Agreement::parse(text, Version(1))
}

#[test]
fn a_package_without_what_it_needs_is_refused() {
    let said = |packages: &[Package], fields: &[&str]| {
        agreement(Some(packages.to_vec()), fields).err().map(|it| it.to_string())
    };
    let all = ["unit.parent", "employment.is_manager"];
    assert_eq!(said(&Package::ALL, &all), None);
    assert_eq!(said(&[], &[]), None);
    let reason = "agreement learning: packages: leaders needs the package organisation; name that \
                  too, or take it out";
    assert_eq!(said(&[Package::Leaders], &all).as_deref(), Some(reason));
    let reason = "agreement learning: packages: organisation needs the field unit.parent; name \
                  that too, or take it out";
    assert_eq!(said(&[Package::Organisation], &[]).as_deref(), Some(reason));
    assert!(said(&[Package::Groups], &all).unwrap().contains("the package organisation"));
}

#[test]
fn an_agreement_that_says_nothing_of_packages_has_the_hierarchies_and_no_groups() {
    let unsaid = agreement(None, &[]).unwrap();
    assert_eq!(Package::ALL.map(|it| unsaid.has(it)), [true, true, false]);
    let none = agreement(Some(vec![]), &[]).unwrap();
    assert_eq!(Package::ALL.map(|it| none.has(it)), [false; 3]);
    assert_eq!(
        none.require(Package::Leaders, "leder.csv").unwrap_err().to_string(),
        "agreement learning: target plan2learn is to have leder.csv, which needs the package \
         leaders; name it under packages if that is agreed, else change the target"
    );
}

/// Membership tells the fields that the rules look at, so these must be agreed on too.
#[test]
fn a_member_is_told_only_if_the_agreement_names_what_the_group_looks_at() {
    let hierarchy = "unit.parent";
    let teachers = |units: &str| {
        let (units, positions) = (list(&[units]), list(&["Lærer"]));
        group(vec![RuleText { units, positions, ..RuleText::default() }])
    };
    let packages = || Some(vec![Package::Organisation, Package::Groups]);
    let silent = agreement(packages(), &[hierarchy]).unwrap();
    let refused = silent.require_group(&teachers("1")).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "agreement learning: the group ledere tells something of employment.position_title, which \
         the agreement does not name; name it if that is agreed, or change the group"
    );
    let told = |agreement: &Agreement, group: &Group| {
        let (rules, teacher) = (Rules::default(), teacher());
        let picture = view_at(&rules, &teacher, day(5)).unwrap();
        let projection = Projection::on(agreement, &tree(), day(5), Reach::All).unwrap();
        let (id, picture) = (SubjectId(Uuid::from_u128(7)), &picture);
        let (unit, position, primary, first_day) = (None, None, None, None);
        let it = EmploymentFacts { id, unit, position, picture, primary, first_day };
        let group = projection.group(group.on(&tree(), day(5)))?;
        projection.member(&group, SubjectId(Uuid::from_u128(1)), &it)
    };
    assert!(told(&silent, &teachers("1")).is_none());
    let speaking = agreement(packages(), &[hierarchy, "employment.position_title"]).unwrap();
    assert_eq!(told(&speaking, &teachers("1")).unwrap().group, "ledere");
    assert!(told(&speaking, &teachers("4")).is_none());
    let without = agreement(None, &["employment.position_title"]).unwrap();
    assert!(told(&without, &teachers("1")).is_none());
}
