use super::RecordKind;
use kobling_domain::people::Field;

/// What an element, or an attribute of one, tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The first day of existence.
    FirstDay,
    /// The end of existence: the last day, unless the source is configured otherwise.
    End,
    /// The national identity number.
    NationalNumber,
    /// Whether the address is protected.
    Protection,
    /// Part of the address, which is left out where it is protected.
    Address(Field),
    /// Weekly hours, which come with quirks of their own.
    Hours(Field),
    /// A field of that type.
    Plain(Field),
    /// A field, unless the text is the one that stands for none.
    PlainUnless(Field, &'static str),
}

impl Meaning {
    /// The field it is of, if it is of one.
    pub fn field(self) -> Option<Field> {
        match self {
            Self::FirstDay | Self::End | Self::NationalNumber => None,
            Self::Protection => Some(Field::PersonAddressProtected),
            Self::Address(field)
            | Self::Hours(field)
            | Self::Plain(field)
            | Self::PlainUnless(field, _) => Some(field),
        }
    }
}

/// One place in a record. The tables of these are the whole grammar: parsing, writing and the way
/// to fields and back follow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Name of the child element.
    pub name: &'static str,
    /// Name of its attribute, where the place is not its text.
    pub attribute: Option<&'static str>,
    /// What stands there.
    pub meaning: Meaning,
}

const fn text(name: &'static str, meaning: Meaning) -> Element {
    Element { name, attribute: None, meaning }
}

const fn attribute(name: &'static str, attribute: &'static str, meaning: Meaning) -> Element {
    Element { name, attribute: Some(attribute), meaning }
}

const fn plain(name: &'static str, field: Field) -> Element {
    text(name, Meaning::Plain(field))
}

/// The places of an `orgUnit`, in the order in which Opus writes them.
pub const UNIT: &[Element] = &[
    text("startDate", Meaning::FirstDay),
    text("endDate", Meaning::End),
    plain("parentOrgUnit", Field::UnitParent),
    plain("shortName", Field::UnitShortName),
    plain("longName", Field::UnitName),
    plain("street", Field::UnitStreet),
    plain("addressSupplement", Field::UnitAddressSupplement),
    plain("zipCode", Field::UnitPostalCode),
    plain("city", Field::UnitCity),
    plain("phoneNumber", Field::UnitPhone),
    plain("cvrNr", Field::UnitCvr),
    text("eanNr", Meaning::PlainUnless(Field::UnitEan, "9999999999999")),
    plain("seNr", Field::UnitSe),
    text("pNr", Meaning::PlainUnless(Field::UnitPNumber, "0000000000")),
    plain("costCenter", Field::UnitCostCenter),
    plain("orgType", Field::UnitTypeCode),
    plain("orgTypeTxt", Field::UnitTypeName),
];

/// The places of an `employee` but for its `function`s, in the order in which Opus writes them.
pub const EMPLOYEE: &[Element] = &[
    text("entryDate", Meaning::FirstDay),
    text("leaveDate", Meaning::End),
    text("cpr", Meaning::NationalNumber),
    attribute("cpr", "suppId", Meaning::Plain(Field::EmploymentSupplementaryId)),
    plain("firstName", Field::PersonFirstName),
    plain("lastName", Field::PersonLastName),
    text("address", Meaning::Address(Field::PersonAddress)),
    attribute("address", "protected", Meaning::Protection),
    text("addressSupplement", Meaning::Address(Field::PersonAddressSupplement)),
    text("postalCode", Meaning::Address(Field::PersonPostalCode)),
    text("city", Meaning::Address(Field::PersonCity)),
    text("country", Meaning::Address(Field::PersonCountry)),
    plain("workPhone", Field::EmploymentWorkPhone),
    plain("workContract", Field::EmploymentContractCode),
    plain("workContractText", Field::EmploymentContract),
    plain("positionId", Field::EmploymentPositionId),
    plain("position", Field::EmploymentPositionTitle),
    plain("positionShort", Field::EmploymentPositionShort),
    plain("jobId", Field::EmploymentJobId),
    plain("job", Field::EmploymentJobTitle),
    plain("jobShort", Field::EmploymentJobShort),
    plain("itUser", Field::EmploymentItUser),
    plain("invoiceRecipient", Field::EmploymentInvoiceRecipient),
    plain("invoiceLevel1", Field::EmploymentInvoiceLevel1),
    plain("invoiceLevel1Text", Field::EmploymentInvoiceLevel1Name),
    plain("invoiceLevel2", Field::EmploymentInvoiceLevel2),
    plain("invoiceLevel2Text", Field::EmploymentInvoiceLevel2Name),
    plain("productionNumber", Field::EmploymentPNumber),
    plain("isManager", Field::EmploymentIsManager),
    plain("superiorLevel", Field::EmploymentSuperiorLevel),
    plain("subordinateLevel", Field::EmploymentSubordinateLevel),
    plain("orgUnit", Field::EmploymentUnit),
    plain("email", Field::PersonEmail),
    plain("userId", Field::EmploymentUserId),
    plain("payGrade", Field::EmploymentPayGrade),
    plain("payGradeText", Field::EmploymentPayGradeName),
    plain("wageStep", Field::EmploymentWageStep),
    text("numerator", Meaning::Hours(Field::EmploymentHoursNumerator)),
    text("denominator", Meaning::Hours(Field::EmploymentHoursDenominator)),
    plain("initialEntry", Field::EmploymentInitialEntry),
    plain("entryIntoGroup", Field::EmploymentGroupEntry),
];

macro_rules! function_places {
    ($($(#[$doc:meta])* $variant:ident $kind:ident $name:literal;)*) => {
        /// The places of a `function`, in the order in which Opus writes them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FunctionPlace {
            $($(#[$doc])* $variant,)*
        }

        impl FunctionPlace {
            /// Every place.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Name of its attribute or child element.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether it is an attribute or a child element.
            pub fn form(self) -> Form {
                match self { $(Self::$variant => Form::$kind,)* }
            }
        }
    };
}

/// How a place of a `function` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As an attribute.
    Attribute,
    /// As a child element.
    Child,
}

function_places! {
    /// First day.
    StartDate Attribute "startDate";
    /// Last day.
    EndDate Attribute "endDate";
    /// Number of the kind of function.
    ArtId Attribute "artId";
    /// The units it covers.
    OrgDaekning Child "orgDaekning";
    /// The kind as text.
    ArtText Child "artText";
    /// Number of members it speaks for.
    Members Child "members";
    /// Number of the role.
    RoleId Child "roleId";
    /// The role as text.
    RoleText Child "roleText";
}

impl FunctionPlace {
    /// The place of that form and name.
    pub fn find(form: Form, name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.form() == form && it.name() == name)
    }
}

impl RecordKind {
    /// The meaning that is of `field` in such a record.
    pub(super) fn meaning_of(self, field: Field) -> Option<Meaning> {
        let of_field = |it: &Meaning| it.field() == Some(field);
        self.elements().iter().map(|it| it.meaning).find(of_field)
    }

    /// The places of such a record.
    pub fn elements(self) -> &'static [Element] {
        match self {
            Self::Unit => UNIT,
            Self::Employee => EMPLOYEE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_place_and_no_field_stands_twice_in_a_table() {
        for kind in [RecordKind::Unit, RecordKind::Employee] {
            let places: BTreeSet<_> =
                kind.elements().iter().map(|it| (it.name, it.attribute)).collect();
            assert_eq!(places.len(), kind.elements().len());
            let meanings: BTreeSet<_> =
                kind.elements().iter().map(|it| format!("{:?}", it.meaning)).collect();
            assert_eq!(meanings.len(), kind.elements().len());
        }
    }
}
