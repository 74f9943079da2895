//! What things are called in Fjordby.

pub(super) const FIRST_NAMES: &[&str] = &[
    "Åse",
    "Søren",
    "Bjørn",
    "Kærlighed",
    "Jørgen",
    "Mette",
    "Lærke",
    "Anders",
    "Gitte",
    "Øjvind",
    "Freja",
    "Asger",
    "Bodil",
    "Rasmus",
    "Signe",
    "Jens Peter",
    "Anne-Marie",
    "Malthe",
    "Ida",
    "Viggo",
    "Zoë",
    "René",
    "Ragnhild",
    "Torben",
    "Ümit",
    "Fatima",
    "Piotr",
    "Thi Mai",
    "Olga",
    "Ditte",
    "Kåre",
    "Inger",
    "Valdemar",
    "Ellen",
    "Poul",
    "Nanna",
    "Aksel",
    "Birgitte",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Testesen",
    "Prøvestrup",
    "Øksendal",
    "Møllebæk",
    "Åkjærsen",
    "Nørregård",
    "Fjordvig",
    "Bækgaard",
    "Sønderbo",
    "Demosen",
    "Kjærholm",
    "Ærtebjerg",
    "Lundsted",
    "Havnsø",
    "Brøndum",
    "Skovgaard-Test",
    "Overmark",
    "Vestersø",
    "Højbjerre",
    "Klitmøl",
    "Rønnebæk",
    "Tangsted",
    "Engelund",
    "Grønlykke",
    "Strandbo",
    "Hedelund",
    "Birkemose",
    "Ny-Møller",
    "O'Testesen",
    "von Prøve",
    "Sø",
    "Dalgård",
    "Elmestad",
    "Fyrrebo",
    "Granholt",
    "Hasselbo",
    "Ibsgaard",
];

pub(super) const STREETS: &[&str] = &[
    "Prøvevej",
    "Ærøvej",
    "Østergade",
    "Fjordgade",
    "Åboulevarden",
    "Søndre Strandvej",
    "Kærvænget",
    "Møllebakken",
    "Nørretorv",
    "Havnepladsen",
    "Lærkestien",
    "Bøgealle",
    "Skovkanten",
    "Kirkestræde",
    "Engdraget",
];

pub(super) const DOORS: &[&str] =
    &["", "", "", ", 1. th", ", 2. tv", ", st.", ", 3. mf", " B", ", kld.", ", 1. dør 12"];

/// Post codes and towns that do not exist; one has a leading zero, as text must keep.
pub(super) const TOWNS: &[(&str, &str)] =
    &[("9999", "Fjordby"), ("9998", "Nørre Fjordby"), ("0999", "Ærø Havn"), ("9997", "Åby Sø")];

pub(super) const PLACES: &[&str] = &[
    "Nordby",
    "Sønderby",
    "Ærtekær",
    "Åhave",
    "Østerlund",
    "Fjordblik",
    "Mølleå",
    "Lærkehøj",
    "Bækdal",
    "Skovbo",
    "Strandvang",
    "Kløverby",
    "Højmark",
    "Engsø",
    "Rørbæk",
    "Hedebo",
    "Birkelund",
    "Grønnedal",
    "Havbakke",
    "Vesterhøj",
];

pub(super) const ADMINISTRATIONS: &[&str] = &[
    "Skole & Dagtilbud",
    "Sundhed og Omsorg",
    "Social og Arbejdsmarked",
    "Teknik og Miljø",
    "Kultur og Fritid",
    "Økonomi og Løn",
    "Borgerservice og Digitalisering",
    "Børn og Familie",
];

pub(super) const OFFICE_POSITIONS: &[&str] =
    &["Konsulent", "Sagsbehandler", "AC-fuldmægtig", "Kontorassistent", "Økonom"];
pub(super) const SCHOOL_POSITIONS: &[&str] =
    &["Lærer", "Børnehaveklasseleder", "Skolepædagog", "Skolesekretær", "Pedel", "Censor"];
pub(super) const DAYCARE_POSITIONS: &[&str] =
    &["Pædagog", "Pædagogmedhjælper", "Køkkenassistent", "Pædagogisk assistent"];
pub(super) const CARE_POSITIONS: &[&str] =
    &["Social- og sundhedshjælper", "Sygeplejerske", "Ergoterapeut", "Husassistent", "Nattevagt"];
pub(super) const TEAM_POSITIONS: &[&str] =
    &["Rådgiver", "Tekniker", "Bibliotekar", "Projektleder", "Driftsassistent", "Jurist"];

/// Codes and names of the forms of employment; the first four are paid by the month.
pub(super) const CONTRACTS: &[(&str, &str)] = &[
    ("01", "Månedsløn bagud"),
    ("01", "Månedsløn bagud"),
    ("00", "Månedsløn forud"),
    ("01", "Månedsløn bagud"),
    ("03", "Måneds-/timeløn"),
];

pub(super) const FUNCTIONS: &[(&str, &str)] = &[
    ("12", "Arbejdsmiljørepræsentant"),
    ("14", "Tillidsrepræsentant"),
    ("21", "Medlem af lokal-MED"),
    ("22", "Næstformand i hoved-MED"),
];
