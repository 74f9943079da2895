use crate::given::{day, text};
use kobling_domain::agreement::{
    Address, Agreement, AgreementText, EmploymentPicture, Lack, Led, Package, PersonPicture,
    Quality, Staff, Standing, Template, UnitPicture, Values,
};
use kobling_domain::id::{SubjectId, Version};
use kobling_domain::people::Field;
use uuid::Uuid;

fn quality(packages: &[Package], fields: &[&str]) -> Quality {
    let text = AgreementText {
        key: "learning".to_owned(),
        template: Template::OneParty,
        interfaces: Vec::new(),
        source: "opus".to_owned(),
        sources: vec![],
        members: vec![],
        target: "plan2learn".to_owned(),
        fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        packages: Some(packages.to_vec()),
        scope: vec!["1".to_owned()],
        except: vec![],
        from: day(1),
        until: None,
        purpose: "courses".to_owned(),
        legal_basis: "databeskyttelseslovens § 12".to_owned(),
    };
    Quality::of(&Agreement::parse(text, Version(1)).unwrap())
}

fn id(number: u128) -> SubjectId {
    SubjectId(Uuid::from_u128(number))
}

fn values(fields: &[Field]) -> Values {
    fields.iter().map(|it| (*it, text("told"))).collect()
}

fn unit(fields: &[Field]) -> UnitPicture {
    UnitPicture { id: id(1), parent: None, values: values(fields) }
}

fn person(fields: &[Field]) -> PersonPicture {
    PersonPicture { id: id(2), values: values(fields), employments: vec![] }
}

const STAFFED: Staff = Staff { people: 3, led: Led::ByOne };

#[test]
fn what_the_agreement_does_not_name_is_not_looked_for() {
    let nothing = quality(&[], &[]);
    assert_eq!(nothing.looked_for().count(), 0);
    assert_eq!(nothing.of_unit(&unit(&[]), STAFFED), []);
    let ean = quality(&[], &["unit.ean"]);
    assert_eq!(ean.looked_for().collect::<Vec<_>>(), [Lack::UnitEan]);
    assert_eq!(ean.of_unit(&unit(&[]), STAFFED), [Lack::UnitEan]);
    assert_eq!(ean.of_unit(&unit(&[Field::UnitEan]), STAFFED), []);
}

#[test]
fn who_leads_is_looked_for_only_with_the_package() {
    let fields = ["employment.is_manager", "unit.parent"];
    let vacant = Staff { people: 3, led: Led::Vacant };
    let tied = Staff { people: 3, led: Led::BySeveral };
    assert_eq!(quality(&[], &fields).of_unit(&unit(&[]), vacant), []);
    let agreed = quality(&[Package::Organisation, Package::Leaders], &fields);
    assert_eq!(agreed.of_unit(&unit(&[]), vacant), [Lack::Manager]);
    assert_eq!(agreed.of_unit(&unit(&[]), tied), [Lack::ManagerTie]);
    assert_eq!(agreed.of_unit(&unit(&[]), STAFFED), []);
}

/// Nobody works there, so nothing is missing for anybody.
#[test]
fn a_unit_without_people_lacks_nothing() {
    let quality = quality(&[], &["unit.name", "unit.ean", "unit.street"]);
    assert_eq!(quality.of_unit(&unit(&[]), Staff { people: 0, led: Led::Vacant }), []);
    assert_eq!(
        quality.of_unit(&unit(&[Field::UnitName]), STAFFED),
        [Lack::UnitEan, Lack::UnitAddress]
    );
}

#[test]
fn a_protected_address_is_not_missing_and_a_part_of_an_open_one_is() {
    let quality = quality(&[], &["person.address", "person.city"]);
    let part = person(&[Field::PersonAddress]);
    assert_eq!(quality.of_person(&part, Address::Open), [Lack::PersonAddress]);
    assert_eq!(quality.of_person(&person(&[]), Address::Protected), []);
    let whole = person(&[Field::PersonAddress, Field::PersonCity]);
    assert_eq!(quality.of_person(&whole, Address::Open), []);
}

#[test]
fn an_employment_lacks_position_date_and_form_for_statistics() {
    let fields = ["employment.position_title", "employment.entry_date", "employment.contract"];
    let quality = quality(&[], &fields);
    let told = |fields: &[Field]| EmploymentPicture {
        id: id(3),
        unit: Some(id(1)),
        position: None,
        standing: Standing::Present,
        first_day: None,
        values: values(fields),
    };
    let all = [Lack::Position, Lack::EntryDate, Lack::Contract];
    assert_eq!(quality.of_employment(&told(&[])), all);
    let titled = told(&[Field::EmploymentPositionTitle, Field::EmploymentContract]);
    assert_eq!(quality.of_employment(&titled), [Lack::EntryDate]);
    assert!(Lack::ALL.iter().all(|it| !it.reason().is_empty() && !it.remedy().is_empty()));
}
