//! How people and programs write identity numbers.

use super::{Dice, bsn, cpr, replacement};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// What must become of a number in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// It is parted or named.
    Block,
    /// There is less to go by.
    Any,
}

/// Whether the rules were made with it in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    Tuned,
    HeldOut,
}

/// A way of writing. `{N}` is the number; `{D}` its date, `{S}` the rest; `{d}`, `{m}`, `{y}` the
/// parts of the date; `{Y}` the year in full; `{a}`, `{b}` the halves of the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) family: &'static str,
    pub(crate) used: Use,
    pub(crate) wanted: Wanted,
    pub(crate) make: Make,
    pub(crate) text: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Make {
    Cpr,
    Replacement,
    Bsn,
    /// The digits one by one in another script or wrapping, by the name of how.
    Each(fn(&str) -> String),
    /// The text as a whole, once filled in.
    Whole(fn(&str) -> String),
}

/// A text with one number, of this form.
pub(crate) fn write(form: &Form, dice: &mut Dice) -> String {
    let number = match form.make {
        Make::Replacement => replacement(dice),
        Make::Bsn => bsn(dice),
        Make::Cpr | Make::Each(_) | Make::Whole(_) => cpr(dice),
    };
    let each = |part: &str| match form.make {
        Make::Each(with) => with(part),
        Make::Cpr | Make::Replacement | Make::Bsn | Make::Whole(_) => part.to_owned(),
    };
    let part = |from: usize, to: usize| each(number.get(from..to).unwrap_or_default());
    let text = form
        .text
        .replace("{N}", &each(&number))
        .replace("{D}", &part(0, 6))
        .replace("{S}", &part(6, 10))
        .replace("{d}", &part(0, 2))
        .replace("{m}", &part(2, 4))
        .replace("{Y}", &format!("19{}", number.get(4..6).unwrap_or_default()))
        .replace("{y}", &part(4, 6))
        .replace("{a}", &part(6, 8))
        .replace("{b}", &part(8, 10))
        .replace("{3}", &part(0, 3))
        .replace("{4}", &part(3, 6))
        .replace("{5}", &part(6, 9))
        .replace("{L}", number.strip_prefix('0').unwrap_or(&number));
    match form.make {
        Make::Whole(with) => with(&text),
        Make::Cpr | Make::Replacement | Make::Bsn | Make::Each(_) => text,
    }
}

fn each(text: &str, with: impl Fn(char) -> String) -> String {
    text.chars().map(with).collect::<Vec<_>>().concat()
}

fn spaced(text: &str) -> String {
    text.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

fn from_zero(text: &str, zero: u32) -> String {
    text.chars().map(|it| char::from_u32(zero + it.to_digit(10).unwrap()).unwrap()).collect()
}

fn wide(text: &str) -> String {
    from_zero(text, 0xff10)
}

fn arabic(text: &str) -> String {
    from_zero(text, 0x660)
}

fn bold(text: &str) -> String {
    from_zero(text, 0x1d7ce)
}

fn devanagari(text: &str) -> String {
    from_zero(text, 0x966)
}

fn entities(text: &str) -> String {
    each(text, |it| format!("&#{};", u32::from(it)))
}

fn percent(text: &str) -> String {
    each(text, |it| format!("%{:02X}", u32::from(it)))
}

fn keycaps(text: &str) -> String {
    each(text, |it| format!("{it}\u{fe0f}\u{20e3}"))
}

fn joined(text: &str) -> String {
    each(text, |it| format!("{it}\u{200d}"))
}

fn misread(text: &str) -> String {
    text.replacen('0', "O", 2)
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn base64_lines(text: &str) -> String {
    let long =
        format!("Kære sagsbehandler, her er det, du bad om i går eftermiddags. {text}. Hilsen");
    let token = STANDARD.encode(long);
    token
        .as_bytes()
        .chunks(76)
        .map(|it| std::str::from_utf8(it).unwrap())
        .collect::<Vec<_>>()
        .join("\r\n")
}

fn json_token(text: &str) -> String {
    let part = |it: &str| URL_SAFE_NO_PAD.encode(it);
    format!("{}.{}.x", part("{\"alg\":\"HS256\"}"), part(&format!("{{\"cpr\":\"{text}\"}}")))
}

const fn cpr_form(family: &'static str, used: Use, wanted: Wanted, text: &'static str) -> Form {
    Form { family, used, wanted, make: Make::Cpr, text }
}

const fn block(family: &'static str, text: &'static str) -> Form {
    cpr_form(family, Use::Tuned, Wanted::Block, text)
}

const fn held(family: &'static str, text: &'static str) -> Form {
    cpr_form(family, Use::HeldOut, Wanted::Block, text)
}

const fn made(used: Use, make: Make, text: &'static str) -> Form {
    Form { family: "made", used, wanted: Wanted::Block, make, text }
}

/// All forms.
pub(crate) const FORMS: [Form; 133] = [
    block("mark", "Se {D}-{S} her"),
    block("mark", "{D} {S}"),
    block("mark", "{D}  {S}"),
    block("mark", "{D} - {S}"),
    block("mark", "{D}.{S}"),
    block("mark", "{D}/{S}"),
    block("mark", "{D}:{S}"),
    block("mark", "x_{D}_{S}_y"),
    block("mark", "{D}\u{2013}{S}"),
    block("mark", "{D}\u{2011}{S}"),
    block("mark", "{D}\u{2212}{S}"),
    block("blank", "{D}\u{a0}{S}"),
    block("blank", "{D}\u{202f}-\u{202f}{S}"),
    block("blank", "{D}\t{S}"),
    block("blank", "{D}\u{ad}-{S}"),
    block("blank", "{D}\u{200b}-{S}"),
    block("line", "{D}\n{S}"),
    block("line", "{D}-\r\n{S}"),
    block("line", "> vi talte om {D}-\n> {S} i går"),
    block("line", ">> {D}\r\n>> -{S}"),
    block("line", "{D}-=\r\n{S}"),
    block("date", "{d}.{m}.{y}-{S}"),
    block("date", "{d}-{m}-{y}-{S}"),
    block("date", "{d} {m} {y} {S}"),
    block("date", "{d}/{m}/{y}-{S}"),
    block("date", "{d}/{m}-{y} {S}"),
    block("spoken", "{d} {m} {y} {a} {b}"),
    block("spoken", "{D}-{a}-{b}"),
    block("html", "{D}<b>-</b>{S}"),
    block("html", "<span>{D}</span><span>-{S}</span>"),
    block("html", "{D}&nbsp;{S}"),
    block("html", "{D}&#45;{S}"),
    block("html", "{D}&#x2011;{S}"),
    block("html", "<td>CPR</td><td>{N}</td>"),
    block("html", "<input name=\"cpr\" value=\"{N}\">"),
    block("url", "{D}%2D{S}"),
    block("url", "/find?cpr={N}&x=1"),
    block("url", "q={D}%20{S}"),
    block("mime", "{D}=2D{S}"),
    block("mime", "{D}=C2=A0{S}"),
    block("label", "CPR {N}"),
    block("label", "cpr-nr.: {N}"),
    block("label", "CPR-nummer:\n{N}"),
    block("label", "Personnummer {N}"),
    block("label", "{N} (cpr)"),
    block("label", "cprnr={N}"),
    block("file", "CPR{N}.pdf"),
    block("people", "Medarbejder {N} er ny"),
    block("people", "borgeren med {N} ringede"),
    block("people", "født {D} {S}"),
    block("clock", "Kl. 14:30 {D}-{S} ringede"),
    block("clock", "2026-03-05 {D}-{S}"),
    block("json", "{\"cpr\":\"{N}\"}"),
    block("json", "{\"person\":{\"cprNumber\": \"{D}-{S}\"}}"),
    block("json", "\"{D}\\u002d{S}\""),
    block("xml", "<PersonCivilRegistrationIdentifier>{N}</PersonCivilRegistrationIdentifier>"),
    block("csv", "Navn;CPR-nr.;Timer\nHans Hansen;{N};37\nGrete Gris;;30"),
    block("csv", "id,personnummer,x\n17,{N},a\n18,{N},b"),
    block("csv", "| Navn | CPR |\n| --- | --- |\n| Hans | {N} |"),
    block("other", "Fakturaen blev sendt i går. Det var {D}-{S}"),
    block("other", "Faktura 17 vedr. borger cpr {N}"),
    cpr_form("bare", Use::Tuned, Wanted::Any, "{N}"),
    cpr_form("bare", Use::Tuned, Wanted::Any, "se {N} her"),
    cpr_form("file", Use::Tuned, Wanted::Any, "loen_{N}_2026.xlsx"),
    cpr_form("other", Use::Tuned, Wanted::Any, "sag {D}-{S}"),
    Form {
        family: "replacement",
        used: Use::Tuned,
        wanted: Wanted::Any,
        make: Make::Replacement,
        text: "{D}-{S}",
    },
    Form {
        family: "replacement",
        used: Use::Tuned,
        wanted: Wanted::Block,
        make: Make::Replacement,
        text: "erstatnings-cpr {N}",
    },
    cpr_form("ecpr", Use::Tuned, Wanted::Any, "{D}1WQ3"),
    cpr_form("ecpr", Use::Tuned, Wanted::Any, "patient {D}-7AB4"),
    made(Use::Tuned, Make::Each(spaced), "{N}"),
    made(Use::Tuned, Make::Each(wide), "{D}-{S}"),
    made(Use::Tuned, Make::Each(arabic), "{D}-{S}"),
    made(Use::Tuned, Make::Each(entities), "{D}-{S}"),
    made(Use::Tuned, Make::Each(percent), "{D}-{S}"),
    made(Use::Tuned, Make::Whole(base64), "borger {D}-{S}"),
    Form {
        family: "made",
        used: Use::Tuned,
        wanted: Wanted::Any,
        make: Make::Whole(misread),
        text: "cpr {D}-{S}",
    },
    Form {
        family: "bsn",
        used: Use::Tuned,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "BSN {N}",
    },
    Form {
        family: "bsn",
        used: Use::Tuned,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "burgerservicenummer: {3} {4} {5}",
    },
    Form {
        family: "bsn",
        used: Use::Tuned,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "\"bsn\": \"{N}\"",
    },
    Form {
        family: "bsn",
        used: Use::Tuned,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "naam;bsn;uren\nJan;{N};38",
    },
    Form {
        family: "bsn",
        used: Use::Tuned,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "bsn: {L}",
    },
    // Held out: written after the rules, and the rules not changed for them one by one.
    held("brackets", "({D}) {S}"),
    held("brackets", "{D}({S})"),
    held("brackets", "[{D}-{S}]"),
    held("dashes", "{D}--{S}"),
    held("dashes", "{D}\u{2500}{S}"),
    held("dashes", "{D} \u{2014} {S}"),
    held("dots", "{D}\u{b7}{S}"),
    held("dots", "{d}\u{2022}{m}\u{2022}{y}\u{2022}{S}"),
    held("century", "{d}-{m}-{Y}-{S}"),
    held("century", "{d}{m}{Y}-{S}"),
    held("said", "{D} bindestreg {S}"),
    held("said", "{D}, de sidste fire er {S}"),
    held("said", "{d}. {m}. {y} - {a} {b}"),
    held("markdown", "**{D}**-{S}"),
    held("markdown", "`{D}-{S}`"),
    held("markdown", "{D}\\-{S}"),
    held("tags", "<p>{D}-<wbr>{S}</p>"),
    held("tags", "{D}<!-- x -->-{S}"),
    held("tags", "{D}<br>{S}"),
    held("tags", "<w:t>{D}-</w:t></w:r><w:r><w:t>{S}</w:t>"),
    held("keys", "national_id: '{N}'"),
    held("keys", "PersonNr={N}"),
    held("keys", "\"civilRegistrationNumber\" : {N}"),
    held("keys", "<personnr>{N}</personnr>"),
    held("keys", "socialSecurityNumber: {D}-{S}"),
    held("english", "The employee's CPR number is {N}."),
    held("english", "Danish personal identification number {N}"),
    held("dutch", "Deense medewerker {D}-{S} is ziek"),
    held("text", "Barnet {N}, mor {D}-{S}, flytter."),
    held("text", "Vedr.: {D}-{S} / sygedagpenge"),
    held("list", "CPR-numre: {N}, {N} og {N}"),
    held("list", "CPR\n{N}\n{N}\n{N}"),
    held("list", "1. {D}-{S}\n2. {D}-{S}"),
    held("escaped", "\"note\":\"ring til {D}-\\n{S}\""),
    held("escaped", "{D}&ndash;{S}"),
    held("escaped", "{D}\u{2066}-\u{2069}{S}"),
    held("tsv", "navn\tpersonnummer\tordre\nHans\t{N}\t17"),
    held("log", "2026-03-05T10:07:05Z WARN lookup failed cpr={N} status=404"),
    held("log", "GET /borger/{D}-{S}/sager HTTP/1.1"),
    cpr_form("bare", Use::HeldOut, Wanted::Any, "id {N}"),
    cpr_form("bare", Use::HeldOut, Wanted::Any, "\"{N}\","),
    Form {
        family: "replacement",
        used: Use::HeldOut,
        wanted: Wanted::Any,
        make: Make::Replacement,
        text: "{d} {m} {y} {S}",
    },
    made(Use::HeldOut, Make::Each(bold), "{D}-{S}"),
    made(Use::HeldOut, Make::Each(devanagari), "{D} {S}"),
    made(Use::HeldOut, Make::Each(keycaps), "{D}-{S}"),
    made(Use::HeldOut, Make::Each(joined), "{D}-{S}"),
    made(Use::HeldOut, Make::Whole(base64_lines), "{D}-{S}"),
    made(Use::HeldOut, Make::Whole(json_token), "{N}"),
    Form {
        family: "bsn",
        used: Use::HeldOut,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "Het BSN van de medewerker is {3}.{4}.{5}",
    },
    Form {
        family: "bsn",
        used: Use::HeldOut,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "<bsn>{N}</bsn>",
    },
    Form {
        family: "bsn",
        used: Use::HeldOut,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "citizen service number {N}",
    },
    Form {
        family: "bsn",
        used: Use::HeldOut,
        wanted: Wanted::Block,
        make: Make::Bsn,
        text: "sofinummer {3}-{4}-{5}",
    },
];
