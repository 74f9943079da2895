//! What fields are called.

use super::Text;
use kobling_domain::people::{Field, FieldName};

macro_rules! labels {
    ($($field:ident: $en:literal, $da:literal, $nl:literal;)*) => {
        /// What a field is called.
        pub(crate) fn label(field: Field) -> Text {
            match field { $(Field::$field => Text::new($en, $da, $nl),)* }
        }

        /// All of them, with their names.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, Text)] = &[$((stringify!($field), Text::new($en, $da, $nl))),*];
    };
}

labels! {
    UnitNumber: "Unit number", "Enhedsnummer", "Nummer van de eenheid";
    UnitName: "Unit name", "Enhedens navn", "Naam van de eenheid";
    UnitShortName: "Short name of the unit", "Enhedens korte navn", "Korte naam van de eenheid";
    UnitParent: "Unit above", "Enhed ovenfor", "Eenheid erboven";
    UnitStreet: "Street", "Vej", "Straat";
    UnitAddressSupplement: "Second address line", "Anden adresselinje", "Tweede adresregel";
    UnitPostalCode: "Post code", "Postnummer", "Postcode";
    UnitCity: "Town", "By", "Plaatsnaam";
    UnitPhone: "Telephone", "Telefon", "Telefoon";
    UnitCvr: "Company number (CVR)", "CVR-nummer", "Bedrijfsnummer (CVR)";
    UnitEan: "Invoice location number (EAN)", "EAN-nummer", "Factuurnummer (EAN)";
    UnitSe: "Tax number (SE)", "SE-nummer", "Belastingnummer (SE)";
    UnitPNumber: "Production number (P)", "P-nummer", "Vestigingsnummer (P)";
    UnitCostCenter: "Cost centre", "Omkostningssted", "Kostenplaats";
    UnitTypeCode: "Type code", "Typekode", "Typecode";
    UnitTypeName: "Type", "Enhedstype", "Soort";
    PersonNationalNumber: "National number", "CPR-nummer", "Burgerservicenummer (BSN)";
    PersonName: "Full name", "Fulde navn", "Volledige naam";
    PersonFirstName: "First names", "Fornavne", "Voornamen";
    PersonLastName: "Last name", "Efternavn", "Achternaam";
    PersonAddressProtected: "Protected address", "Adressebeskyttelse", "Geheim adres";
    PersonAddress: "Home address", "Hjemmeadresse", "Thuisadres";
    PersonAddressSupplement: "Home, second line", "Hjem, anden linje", "Thuis, tweede regel";
    PersonPostalCode: "Home post code", "Hjem, postnummer", "Thuis, postcode";
    PersonCity: "Home town", "Hjem, by", "Woonplaats";
    PersonCountry: "Country", "Land (bopæl)", "Woonland";
    PersonEmail: "E-mail", "E-post", "E-mailadres";
    PersonMobile: "Mobile", "Mobiltelefon", "Mobiel";
    PersonBirthDate: "Date of birth", "Fødselsdato", "Geboortedatum";
    EmploymentNumber: "Employment number", "Ansættelsens nummer", "Nummer van het dienstverband";
    EmploymentEntryDate: "First day", "Første dag", "Eerste dag";
    EmploymentLeaveDate: "Last day", "Sidste dag", "Laatste dag";
    EmploymentUnit: "Unit", "Enhed", "Eenheid";
    EmploymentSupplementaryId: "Extra digit", "Ekstraciffer", "Extra cijfer";
    EmploymentWorkPhone: "Telephone at work", "Telefon på arbejde", "Telefoon op het werk";
    EmploymentContractCode: "Form of employment, code", "Ansættelsesform, kode", "Vorm van het dienstverband, code";
    EmploymentContract: "Form of employment", "Ansættelsesform", "Vorm van het dienstverband";
    EmploymentPositionId: "Position number", "Stillingens nummer", "Nummer van de functie";
    EmploymentPositionTitle: "Title of the position", "Stillingsbetegnelse", "Functietitel";
    EmploymentPositionShort: "Short title of the position", "Kort stillingsbetegnelse", "Korte functietitel";
    EmploymentJobId: "Occupation number", "Stillingskategoriens nummer", "Nummer van het beroep";
    EmploymentJobTitle: "Occupation", "Stillingskategori", "Beroep";
    EmploymentJobShort: "Occupation, short", "Stillingskategori, kort", "Beroep, kort";
    EmploymentItUser: "IT user", "It-bruger", "IT-gebruiker";
    EmploymentUserId: "User in payroll", "Bruger i lønsystemet", "Gebruiker in salarissysteem";
    EmploymentInvoiceRecipient: "May receive invoices", "Kan modtage fakturaer", "Mag facturen ontvangen";
    EmploymentInvoiceLevel1: "First amount limit, code", "Første beløbsgrænse, kode", "Eerste bedragsgrens, code";
    EmploymentInvoiceLevel1Name: "First amount limit", "Første beløbsgrænse", "Eerste bedragsgrens";
    EmploymentInvoiceLevel2: "Second amount limit, code", "Anden beløbsgrænse, kode", "Tweede bedragsgrens, code";
    EmploymentInvoiceLevel2Name: "Second amount limit", "Anden beløbsgrænse", "Tweede bedragsgrens";
    EmploymentPNumber: "Production number of the workplace", "Arbejdsstedets P-nummer", "Vestigingsnummer van de werkplek";
    EmploymentIsManager: "Leads the unit", "Leder enheden", "Leidt de eenheid";
    EmploymentSuperiorLevel: "Level as a leader", "Lederniveau", "Niveau als leidinggevende";
    EmploymentSubordinateLevel: "Level as a leader, second part", "Lederniveau, anden del", "Niveau als leidinggevende, tweede deel";
    EmploymentPayGrade: "Pay grade, code", "Lønklasse, kode", "Loonschaal, code";
    EmploymentPayGradeName: "Pay grade", "Lønklasse", "Loonschaal";
    EmploymentWageStep: "Pay step", "Løntrin", "Loontrede";
    EmploymentHoursNumerator: "Weekly hours", "Ugentlige timer", "Uren per week";
    EmploymentHoursDenominator: "Weekly hours of full time", "Ugentlige timer på fuld tid", "Uren per week bij voltijd";
    EmploymentInitialEntry: "First ever employed", "Første gang ansat", "Voor het eerst in dienst";
    EmploymentGroupEntry: "Seniority from", "Anciennitet fra", "Anciënniteit vanaf";
    EmploymentFunctions: "Functions", "Tillidshverv", "Nevenfuncties";
    EmploymentPrimary: "Primary", "Primær", "Hoofddienstverband";
    PositionTitle: "Title", "Betegnelse", "Titel";
    ActivityName: "Activity", "Aktivitet", "Activiteit";
    ActivityStatus: "Status", "Aktivitetens status", "Stand";
    ActivityCompleted: "Completed", "Gennemført", "Voltooid";
    QualificationName: "Qualification", "Kvalifikation", "Kwalificatie";
    QualificationObtained: "Obtained", "Opnået", "Behaald";
    QualificationValidUntil: "Valid until", "Gyldig til", "Geldig tot";
    AbsenceKind: "Kind of absence", "Fraværsart", "Soort afwezigheid";
    AbsenceEmployment: "Away from employment", "Fravær fra ansættelse", "Afwezig van dienstverband";
    AbsenceFirstDay: "First day away", "Første fraværsdag", "Eerste dag afwezig";
    AbsenceLastDay: "Last day away", "Sidste fraværsdag", "Laatste dag afwezig";
}

/// What a field is called; what has no name of ours is called as the source calls it.
pub(crate) fn name(lang: crate::web::language::Language, field: &FieldName) -> String {
    match field {
        FieldName::Known(field) => lang.t(label(*field)).to_owned(),
        FieldName::Extra(name) => name.clone(),
    }
}
