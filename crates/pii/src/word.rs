//! What single words say of a number beside them.

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// The number is a CPR number.
    Cpr,
    /// The number is a BSN.
    Bsn,
    /// It is a national number, of whichever country.
    National,
    /// It is a number of another kind.
    Other,
    /// People are spoken of.
    People,
}

/// Words that name a CPR number, anywhere in a word.
const CPR: [&str; 15] = [
    "cpr",
    "personnum",
    "personnr",
    "personsnr",
    "persnr",
    "civilregistration",
    "centralpersonregist",
    "fødselsnr",
    "fødselsnum",
    "personidentifikator",
    "personalidentification",
    "personalidentity",
    "personummer",
    "personnumb",
    "personalnumb",
];
/// Words that name a BSN, at the beginning of a word or its end.
const BSN: [&str; 8] = [
    "bsn",
    "burgerservicen",
    "burgerserv",
    "burgernummer",
    "citizenservicen",
    "sofinum",
    "sofinr",
    "onderwijsnummer",
];
/// Words that name the number of a person in some country, at the beginning of a word.
const NATIONAL: [&str; 12] = [
    "nationalid",
    "nationalnumber",
    "nationalperson",
    "nationalregist",
    "socialsecurity",
    "identitetsnum",
    "identificatienum",
    "identitynum",
    "identificationnum",
    "persoonsnummer",
    "borgernum",
    "citizennum",
];
/// Beginnings of words that name another kind of number.
const OTHER: [&str; 88] = [
    "faktur",
    "invoic",
    "factuur",
    "factur",
    "ordre",
    "order",
    "bestel",
    "bestil",
    "bilag",
    "konto",
    "account",
    "rekening",
    "regnr",
    "regist",
    "pnr",
    "pnum",
    "produktionsenh",
    "vestiging",
    "kunde",
    "customer",
    "klantn",
    "debit",
    "kredit",
    "leverand",
    "vendor",
    "supplier",
    "sagsn",
    "sagid",
    "journal",
    "zaak",
    "dossier",
    "gtin",
    "barcod",
    "stregkod",
    "streepjes",
    "telef",
    "teleph",
    "phone",
    "mobil",
    "mobiel",
    "iban",
    "referen",
    "kenmerk",
    "timest",
    "epoch",
    "varen",
    "artik",
    "articl",
    "product",
    "produkt",
    "serie",
    "serial",
    "batch",
    "tracking",
    "pakke",
    "shipment",
    "forsend",
    "zending",
    "licens",
    "licen",
    "bevilling",
    "løbenum",
    "matrik",
    "ejendom",
    "polic",
    "polis",
    "kontrakt",
    "contract",
    "aftalen",
    "betal",
    "payment",
    "transa",
    "kvitter",
    "receipt",
    "version",
    "offset",
    "checksum",
    "ticket",
    "beløb",
    "bedrag",
    "amount",
    "saldo",
    "nota",
    "tilbud",
    "offert",
    "quote",
    "stelnr",
    "måler",
];
/// The same where they are the whole word.
const OTHER_WHOLE: [&str; 43] = [
    "ean", "gln", "tlf", "tel", "fax", "cvr", "kvk", "btw", "rsin", "vat", "ref", "ts", "sag",
    "lot", "sku", "isbn", "issn", "imei", "iccid", "kid", "fik", "giro", "port", "size", "bytes",
    "total", "sum", "item", "case", "msisdn", "gsm", "unix", "iat", "exp", "nbf", "mtime", "ctime",
    "udbetalt", "hash", "bic", "reg", "nrs", "epochms",
];
/// Currencies and units, which stand behind what they measure.
const UNITS: [&str; 12] =
    ["kr", "dkk", "eur", "euro", "usd", "sek", "nok", "stk", "bytes", "ms", "kroner", "øre"];
/// Words for number behind the word for what is numbered.
const NUMBERED: [&str; 10] =
    ["nummer", "nummeret", "numre", "nr", "nrs", "number", "numbers", "no", "id", "kode"];
/// Ends of words that say the same.
const NUMBERED_ENDS: [&str; 6] = ["nummer", "nummeret", "numre", "number", "nr", "nrs"];
/// Of whom a number may be a national one, or of nothing in particular.
const OF_PEOPLE: [&str; 22] = [
    "person",
    "persons",
    "borger",
    "borgers",
    "borgerens",
    "patient",
    "citizen",
    "national",
    "nationalt",
    "identitets",
    "id",
    "ident",
    "personal",
    "barnets",
    "barn",
    "mors",
    "fars",
    "hendes",
    "hans",
    "hr",
    "fru",
    "elev",
];
/// Beginnings of words about people, Danish, Dutch and English.
const PEOPLE: [&str; 62] = [
    "borger",
    "født",
    "fødsel",
    "ansat",
    "ansæt",
    "medarbejder",
    "løn",
    "patient",
    "barn",
    "børn",
    "elev",
    "kollega",
    "lærer",
    "navn",
    "person",
    "mor",
    "far",
    "søn",
    "datter",
    "ægtefæl",
    "citizen",
    "born",
    "birth",
    "employee",
    "sygemeld",
    "leder",
    "vikar",
    "pårørende",
    "hr",
    "fru",
    "frk",
    "ansøger",
    "klient",
    "beboer",
    "kursist",
    "afdød",
    "samlever",
    "værge",
    "medewerker",
    "werknemer",
    "burger",
    "patiënt",
    "gebor",
    "leerling",
    "cliënt",
    "naam",
    "mevrouw",
    "dhr",
    "mevr",
    "moeder",
    "vader",
    "ziek",
    "child",
    "pupil",
    "student",
    "mother",
    "father",
    "wife",
    "husband",
    "daughter",
    "applicant",
    "name",
];
/// Those that are meant only as the whole word.
const PEOPLE_WHOLE: [&str; 8] = ["mor", "far", "hr", "fru", "frk", "name", "born", "navn"];

/// What a word in small letters says; two that belong together are asked as one.
pub(crate) fn says(word: &str) -> Option<Says> {
    let begins = |words: &[&str]| words.iter().any(|it| word.starts_with(it));
    if word.contains("cpr") || CPR.iter().any(|it| word.contains(it)) {
        Some(Says::Cpr)
    } else if BSN.iter().any(|it| word.starts_with(it) || word.ends_with(it))
        || matches!(word, "sofi" | "sociaalfiscaalnummer")
    {
        Some(Says::Bsn)
    } else if begins(&NATIONAL) || word == "ssn" {
        Some(Says::National)
    } else if begins(&OTHER) || OTHER_WHOLE.contains(&word) || is_numbered(word) {
        Some(Says::Other)
    } else if is_about_people(word) {
        Some(Says::People)
    } else {
        None
    }
}

/// Whether a word behind a number says that it is an amount.
pub(crate) fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

/// Whether two words together name a kind of number that is not of people: *lot no*, *user id*.
pub(crate) fn are_numbered(of: &str, number: &str) -> bool {
    NUMBERED.contains(&number) && is_kind(of)
}

fn is_numbered(word: &str) -> bool {
    NUMBERED_ENDS.iter().any(|end| word.strip_suffix(end).is_some_and(is_kind))
}

fn is_kind(of: &str) -> bool {
    let has_letters = of.chars().filter(|it| it.is_alphabetic()).count() > 1;
    has_letters && !OF_PEOPLE.contains(&of) && !NUMBERED.contains(&of)
}

fn is_about_people(word: &str) -> bool {
    PEOPLE.iter().any(
        |it| {
            if PEOPLE_WHOLE.contains(it) { word == *it } else { word.starts_with(it) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_three_languages_and_in_compounds() {
        for word in ["cprnr", "personcpr", "personnummeret", "personcivilregistrationidentifier"] {
            assert_eq!(says(word), Some(Says::Cpr), "{word}");
        }
        for word in ["bsn", "bsnnummer", "burgerservicenummer"] {
            assert_eq!(says(word), Some(Says::Bsn), "{word}");
        }
        for word in ["fakturanummer", "ordrenr", "factuurnummer", "medarbejdernummer", "cvr", "ean"]
        {
            assert_eq!(says(word), Some(Says::Other), "{word}");
        }
        for word in ["borgeren", "medewerker", "employee", "hr"] {
            assert_eq!(says(word), Some(Says::People), "{word}");
        }
        for word in ["nummer", "hund", "farve", "altid", "david", "morgen"] {
            assert_eq!(says(word), None, "{word}");
        }
        assert!(are_numbered("user", "id") && !are_numbered("person", "nr"));
    }
}
