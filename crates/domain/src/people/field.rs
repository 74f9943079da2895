use super::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text, trimmed, never empty.
    Text,
    /// A whole number; hours are in thousandths.
    Int,
    /// Yes or no.
    Flag,
    /// A civil date.
    Date,
    /// A list of [`RoleFunction`](super::RoleFunction)s.
    Functions,
}

macro_rules! fields {
    ($($name:literal $variant:ident $kind:ident $type:ident $doc:literal;)*) => {
        /// The closed list of what the hub knows of a unit, a person, an employment or a position.
        ///
        /// Mappings, agreements, projections, the API and docs/fields.md use these names and no
        /// others. The order of the list is the order of values in a [`State`](super::State).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = $doc] $variant,)*
        }

        impl Field {
            /// Every field, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name, as written in configurations and documents.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The kind of subject it describes.
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// The type of its values.
            pub fn value_type(self) -> FieldType {
                match self { $(Self::$variant => FieldType::$type,)* }
            }

            /// One sentence on what it holds.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

fields! {
    "unit.number" UnitNumber Unit Text "The unit's number at its source (da: LOS-ID).";
    "unit.name" UnitName Unit Text "The unit's full name.";
    "unit.short_name" UnitShortName Unit Text "The unit's short name; not unique.";
    "unit.parent" UnitParent Unit Text "The number of the unit above; none at the root.";
    "unit.street" UnitStreet Unit Text "Street and house number, as the source writes them.";
    "unit.address_supplement" UnitAddressSupplement Unit Text "Second address line.";
    "unit.postal_code" UnitPostalCode Unit Text "Post code, as text.";
    "unit.city" UnitCity Unit Text "Post town.";
    "unit.phone" UnitPhone Unit Text "Telephone number, as the source writes it.";
    "unit.cvr" UnitCvr Unit Text "Company registration number (da: CVR).";
    "unit.ean" UnitEan Unit Text "Location number for invoices (EAN); absent where the source says none.";
    "unit.se" UnitSe Unit Text "Tax registration number (da: SE).";
    "unit.p_number" UnitPNumber Unit Text "Production unit number (da: P-nummer); absent where the source says none.";
    "unit.cost_center" UnitCostCenter Unit Text "Cost centre.";
    "unit.type_code" UnitTypeCode Unit Text "Code of the kind of unit.";
    "unit.type_name" UnitTypeName Unit Text "Name of the kind of unit.";
    "person.national_number" PersonNationalNumber Person Text "National identity number (CPR, BSN); encrypted at rest, never part of a state.";
    "person.name" PersonName Person Text "First and last name in one; derived.";
    "person.first_name" PersonFirstName Person Text "First names.";
    "person.last_name" PersonLastName Person Text "Last name.";
    "person.address_protected" PersonAddressProtected Person Flag "Whether the person's address is protected; then no address text is stored.";
    "person.address" PersonAddress Person Text "Street and house number of the home.";
    "person.address_supplement" PersonAddressSupplement Person Text "Second address line of the home.";
    "person.postal_code" PersonPostalCode Person Text "Post code of the home, as text.";
    "person.city" PersonCity Person Text "Post town of the home.";
    "person.country" PersonCountry Person Text "Country of the home.";
    "person.email" PersonEmail Person Text "E-mail address.";
    "person.mobile" PersonMobile Person Text "Mobile telephone number.";
    "person.birth_date" PersonBirthDate Person Date "Date of birth, where a source tells it beside the national number.";
    "employment.number" EmploymentNumber Employment Text "The employment's number at its source (da: medarbejdernummer).";
    "employment.entry_date" EmploymentEntryDate Employment Date "First day of the employment; derived from its existence.";
    "employment.leave_date" EmploymentLeaveDate Employment Date "Last day of the employment; derived from its existence.";
    "employment.unit" EmploymentUnit Employment Text "The number of the unit the employment is in.";
    "employment.supplementary_id" EmploymentSupplementaryId Employment Text "Digit that tells parallel employments of one person apart (da: ekstraciffer).";
    "employment.work_phone" EmploymentWorkPhone Employment Text "Telephone number at work.";
    "employment.contract_code" EmploymentContractCode Employment Text "Code of the form of employment (da: ansættelsesforhold).";
    "employment.contract" EmploymentContract Employment Text "Name of the form of employment.";
    "employment.position_id" EmploymentPositionId Employment Text "The position's number at its source.";
    "employment.position_title" EmploymentPositionTitle Employment Text "Title of the position (da: stilling).";
    "employment.position_short" EmploymentPositionShort Employment Text "Short title of the position.";
    "employment.job_id" EmploymentJobId Employment Text "The job's number at its source.";
    "employment.job_title" EmploymentJobTitle Employment Text "Title of the job, above the position.";
    "employment.job_short" EmploymentJobShort Employment Text "Short title of the job.";
    "employment.it_user" EmploymentItUser Employment Text "IT user name at the source.";
    "employment.user_id" EmploymentUserId Employment Text "User name in the payroll system.";
    "employment.invoice_recipient" EmploymentInvoiceRecipient Employment Flag "Whether invoices may be sent to this employment.";
    "employment.invoice_level_1" EmploymentInvoiceLevel1 Employment Text "First amount limit, code.";
    "employment.invoice_level_1_name" EmploymentInvoiceLevel1Name Employment Text "First amount limit, text.";
    "employment.invoice_level_2" EmploymentInvoiceLevel2 Employment Text "Second amount limit, code.";
    "employment.invoice_level_2_name" EmploymentInvoiceLevel2Name Employment Text "Second amount limit, text.";
    "employment.p_number" EmploymentPNumber Employment Text "Production unit number of the workplace.";
    "employment.is_manager" EmploymentIsManager Employment Flag "Whether this employment leads its unit.";
    "employment.superior_level" EmploymentSuperiorLevel Employment Int "Manager level; 1 is the top, the lower number wins.";
    "employment.subordinate_level" EmploymentSubordinateLevel Employment Text "Second part of the manager level, two digits.";
    "employment.pay_grade" EmploymentPayGrade Employment Text "Pay grade code.";
    "employment.pay_grade_name" EmploymentPayGradeName Employment Text "Pay grade text.";
    "employment.wage_step" EmploymentWageStep Employment Text "Step within the pay grade.";
    "employment.hours_numerator" EmploymentHoursNumerator Employment Int "Weekly hours, thousandths.";
    "employment.hours_denominator" EmploymentHoursDenominator Employment Int "Weekly hours of full time, thousandths.";
    "employment.initial_entry" EmploymentInitialEntry Employment Date "First day of the first employment ever.";
    "employment.group_entry" EmploymentGroupEntry Employment Date "Date from which seniority counts.";
    "employment.functions" EmploymentFunctions Employment Functions "Functions of trust and the like (da: tillidshverv).";
    "employment.primary" EmploymentPrimary Employment Flag "Whether this is the person's primary employment; derived.";
    "position.title" PositionTitle Position Text "Title of the position.";
    "activity.name" ActivityName Activity Text "What a person takes part in, such as a course (da: aktivitet).";
    "activity.status" ActivityStatus Activity Text "How it stands, as the learning system writes it.";
    "activity.completed" ActivityCompleted Activity Date "The day on which it was completed.";
    "qualification.name" QualificationName Qualification Text "What a person has proved to be able to do (da: kvalifikation).";
    "qualification.obtained" QualificationObtained Qualification Date "First day of the qualification; derived from its existence.";
    "qualification.valid_until" QualificationValidUntil Qualification Date "Last day of the qualification; absent while no end is known; derived from its existence.";
    "absence.kind" AbsenceKind Absence Text "What kind of absence it is, as the source writes it (da: fraværsart).";
    "absence.employment" AbsenceEmployment Absence Text "The number of the employment that the person is away from.";
    "absence.first_day" AbsenceFirstDay Absence Date "First day of the absence; derived from its existence.";
    "absence.last_day" AbsenceLastDay Absence Date "Last day of the absence; absent while no end is known; derived from its existence.";
}

impl Field {
    /// The first of the fields that are answered together, by one source and one record: a name, an
    /// address, hours. Mixed from two, they would be nobody's. Most fields stand alone.
    #[must_use]
    pub fn answered_with(self) -> Self {
        const TOGETHER: [RangeInclusive<Field>; 4] = [
            Field::UnitStreet..=Field::UnitCity,
            Field::PersonFirstName..=Field::PersonLastName,
            Field::PersonAddress..=Field::PersonCountry,
            Field::EmploymentHoursNumerator..=Field::EmploymentHoursDenominator,
        ];
        let together = TOGETHER.iter().find(|it| it.contains(&self));
        together.map_or(self, |it| *it.start())
    }

    /// The fields of a kind; they stand together in the list.
    pub fn of_kind(kind: Kind) -> RangeInclusive<Self> {
        match kind {
            Kind::Unit => Self::UnitNumber..=Self::UnitTypeName,
            Kind::Person => Self::PersonNationalNumber..=Self::PersonBirthDate,
            Kind::Employment => Self::EmploymentNumber..=Self::EmploymentPrimary,
            Kind::Position => Self::PositionTitle..=Self::PositionTitle,
            Kind::Activity => Self::ActivityName..=Self::ActivityCompleted,
            Kind::Qualification => Self::QualificationName..=Self::QualificationValidUntil,
            Kind::Absence => Self::AbsenceKind..=Self::AbsenceLastDay,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not in the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a field; docs/fields.md lists them all")]
pub struct UnknownField {
    /// The name as given.
    pub name: String,
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, UnknownField> {
        Self::ALL
            .iter()
            .copied()
            .find(|it| it.name() == name)
            .ok_or_else(|| UnknownField { name: name.to_owned() })
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// The name a value stands under in a state: a field, or an element of the source that has no
/// field. The latter is kept and shown and can never be projected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldName {
    /// A field of the list.
    Known(Field),
    /// `extra.` and the source's own name of it.
    Extra(String),
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(field) => field.fmt(f),
            Self::Extra(name) => write!(f, "extra.{name}"),
        }
    }
}

impl FromStr for FieldName {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, UnknownField> {
        match name.strip_prefix("extra.") {
            Some(extra) => Ok(Self::Extra(extra.to_owned())),
            None => name.parse().map(Self::Known),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_kind_stand_together() {
        for field in Field::ALL {
            for kind in Kind::ALL {
                assert_eq!(Field::of_kind(kind).contains(field), field.kind() == kind, "{field}");
            }
        }
    }

    #[test]
    fn a_name_an_address_and_hours_are_answered_together() {
        let with = |of: Field| -> Vec<&str> {
            let together = Field::ALL.iter().filter(|it| it.answered_with() == of);
            together.map(|it| it.name()).collect()
        };
        assert_eq!(with(Field::PersonFirstName), ["person.first_name", "person.last_name"]);
        assert_eq!(with(Field::PersonAddress).len(), 5);
        assert_eq!(with(Field::UnitStreet).len(), 4);
        assert_eq!(with(Field::EmploymentHoursNumerator).len(), 2);
        assert_eq!(with(Field::PersonEmail), ["person.email"]);
    }

    #[test]
    fn every_name_is_read_back_as_its_field_and_begins_with_its_kind() {
        for field in Field::ALL {
            assert_eq!(field.name().parse(), Ok(*field));
            assert!(field.name().starts_with(field.kind().name()));
        }
    }
}
