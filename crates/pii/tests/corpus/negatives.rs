//! Numbers that are no identity numbers.

use super::Dice;

/// What must be rare in a kind of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The most blocks and warnings in 100,000 texts.
    pub(crate) blocks_max: f64,
    pub(crate) warnings_max: f64,
    pub(crate) write: fn(&mut Dice) -> String,
}

pub(crate) const KINDS: [Kind; 14] = [
    Kind { name: "bare ten digits", blocks_max: 1.0, warnings_max: 500.0, write: bare },
    Kind { name: "six and four", blocks_max: 300.0, warnings_max: 3_000.0, write: six_four },
    Kind { name: "labelled", blocks_max: 1.0, warnings_max: 100.0, write: labelled },
    Kind { name: "P-number", blocks_max: 1.0, warnings_max: 100.0, write: p_number },
    Kind { name: "CVR", blocks_max: 1.0, warnings_max: 100.0, write: cvr },
    Kind { name: "EAN", blocks_max: 1.0, warnings_max: 100.0, write: ean },
    Kind { name: "IBAN", blocks_max: 1.0, warnings_max: 100.0, write: iban },
    Kind { name: "epoch", blocks_max: 1.0, warnings_max: 100.0, write: epoch },
    Kind { name: "UUID", blocks_max: 1.0, warnings_max: 100.0, write: uuid },
    Kind { name: "phone", blocks_max: 1.0, warnings_max: 100.0, write: phone },
    Kind { name: "amount", blocks_max: 1.0, warnings_max: 100.0, write: amount },
    Kind { name: "nine digits", blocks_max: 1.0, warnings_max: 100.0, write: nine },
    Kind { name: "payload", blocks_max: 1.0, warnings_max: 100.0, write: payload },
    Kind { name: "log line", blocks_max: 1.0, warnings_max: 100.0, write: log },
];

const TEN: u64 = 10_000_000_000;

fn bare(dice: &mut Dice) -> String {
    let number = dice.below(TEN);
    match dice.below(3) {
        0 => format!("{number:010}"),
        1 => format!("se {number:010} her"),
        _ => format!("Det drejer sig om {number:010}."),
    }
}

fn six_four(dice: &mut Dice) -> String {
    let number = dice.below(TEN);
    format!("se {:06}-{:04} her", number / 10_000, number % 10_000)
}

fn labelled(dice: &mut Dice) -> String {
    let label = dice.pick(&[
        "Faktura nr. ",
        "Fakturanummer: ",
        "invoice no. ",
        "Invoice number ",
        "ordre ",
        "Ordrenr.: ",
        "order #",
        "order_id=",
        "P-nr. ",
        "P-nummer ",
        "EAN ",
        "kundenr. ",
        "Konto ",
        "bilag ",
        "factuurnummer ",
        "bestelnummer: ",
        "klantnummer ",
        "sagsnr. ",
        "\"invoiceNumber\":\"",
        "<orderId>",
        "ref. ",
        "kenmerk: ",
        "medarbejdernr. ",
        "employee number ",
        "tracking no. ",
        "Journalnummer ",
        "Serienr.: ",
        "reg.nr. 1234 konto ",
        "transaktion ",
        "betalings-id ",
    ]);
    format!("{label}{:010}", dice.below(TEN))
}

fn p_number(dice: &mut Dice) -> String {
    let label = dice.pick(&["P-nr. ", "P-nummer: ", "pnr ", "Produktionsenhed ", "p_number="]);
    format!("{label}{}", 1_000_000_000 + dice.below(40_000_000))
}

fn cvr(dice: &mut Dice) -> String {
    format!(
        "{}{}",
        dice.pick(&["CVR ", "CVR-nr. ", "cvr: ", ""]),
        10_000_000 + dice.below(40_000_000)
    )
}

fn ean(dice: &mut Dice) -> String {
    let number = format!("57900{:08}", dice.below(100_000_000));
    match dice.below(3) {
        0 => format!("EAN {number}"),
        1 => number,
        _ => format!("GLN {} {} {} {}", &number[..2], &number[2..6], &number[6..10], &number[10..]),
    }
}

fn iban(dice: &mut Dice) -> String {
    let number = format!("{:014}", dice.below(100_000_000_000_000));
    match dice.below(3) {
        0 => format!("DK50{number}"),
        1 => {
            format!("DK50 {} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..])
        }
        _ => format!("NL91ABNA{}", &number[..10]),
    }
}

fn epoch(dice: &mut Dice) -> String {
    let at = 1_600_000_000 + dice.below(250_000_000);
    match dice.below(4) {
        0 => format!("ts={at}"),
        1 => format!("{{\"timestamp\":{at},\"level\":\"info\"}}"),
        2 => format!("epoch {at}"),
        _ => format!("\"iat\": {at}, \"exp\": {}", at + 300),
    }
}

fn uuid(dice: &mut Dice) -> String {
    let (a, b) = (dice.next(), dice.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

fn phone(dice: &mut Dice) -> String {
    let number = format!("{:08}", 20_000_000 + dice.below(79_000_000));
    let (a, b, c, d) = (&number[..2], &number[2..4], &number[4..6], &number[6..]);
    match dice.below(5) {
        0 => format!("tlf. {number}"),
        1 => format!("+45 {a} {b} {c} {d}"),
        2 => format!("Ring {a} {b} {c} {d}"),
        3 => format!("0045{number}"),
        _ => format!("tel. 06-{number}"),
    }
}

fn amount(dice: &mut Dice) -> String {
    let (a, b, c) = (1 + dice.below(9), dice.below(1_000), dice.below(1_000));
    match dice.below(4) {
        0 => format!("{a}.{b:03}.{c:03}.{b:03},00"),
        1 => format!("{a} {b:03} {c:03} {b:03} kr."),
        2 => format!("beløb {a}{b:03}{c:03}{b:03},50"),
        _ => format!("{a}{b:03}{c:03},75 DKK"),
    }
}

fn nine(dice: &mut Dice) -> String {
    format!("{}{:09}", dice.pick(&["ordrenummer ", "se ", "", "RSIN "]), dice.below(1_000_000_000))
}

fn payload(dice: &mut Dice) -> String {
    let id = uuid(dice);
    let digest = format!("{:016x}{:016x}", dice.next(), dice.next());
    let at = format!(
        "2026-03-{:02}T0{}:{:02}:{:02}.{:06}Z",
        1 + dice.below(28),
        dice.below(10),
        dice.below(60),
        dice.below(60),
        dice.below(1_000_000)
    );
    match dice.below(3) {
        0 => format!(
            "{{\"id\":\"{id}\",\"employment\":{{\"number\":\"{:08}\",\"from\":\"2014-08-01\",\"hours\":3700}},\"version\":{},\"at\":\"{at}\"}}",
            dice.below(100_000_000),
            dice.below(1_000_000)
        ),
        1 => format!(
            "<orgUnit id=\"{:08}\"><ean>57980{:08}</ean><cvr>{:08}</cvr><pNumber>{}</pNumber></orgUnit>",
            dice.below(100_000_000),
            dice.below(100_000_000),
            dice.below(100_000_000),
            1_000_000_000 + dice.below(40_000_000)
        ),
        _ => format!(
            "{{\"plan\":\"{digest}\",\"run\":{},\"since\":\"{at}\",\"etag\":\"{}\"}}",
            dice.below(10_000),
            dice.next()
        ),
    }
}

fn log(dice: &mut Dice) -> String {
    format!(
        "2026-03-{:02}T1{}:{:02}:{:02}.{:03}Z INFO run={} took_ms={} bytes={} request={}",
        1 + dice.below(28),
        dice.below(10),
        dice.below(60),
        dice.below(60),
        dice.below(1_000),
        dice.below(100_000),
        dice.below(10_000),
        dice.below(TEN),
        uuid(dice)
    )
}
