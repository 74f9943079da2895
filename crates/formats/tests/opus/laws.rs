use super::*;
use kobling_domain::exchange::canonical;
use kobling_formats::opus::{
    FunctionElement, FunctionPlace, Meaning, RecordKind, to_record, write_end, write_record,
    write_start,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use quick_xml::events::Event;
use std::io::Read;

const CLIENT: &str = "999";

fn written<'a>(records: impl IntoIterator<Item = &'a Record>) -> String {
    let mut out = Vec::new();
    write_start(&mut out).unwrap();
    for record in records {
        write_record(&mut out, record).unwrap();
    }
    write_end(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Any text a file can say, trimmed and not blank.
fn any_text() -> impl Strategy<Value = String> {
    let any = "[ -~æøåÆØÅé🦊]{1,12}".prop_map(|it| it.trim().to_owned());
    any.prop_filter("blank", |it| !it.is_empty())
}

/// A text that may well stand at a place of that meaning.
fn likely_text(meaning: Meaning) -> BoxedStrategy<String> {
    let texts = |it: &'static [&'static str]| select(it).prop_map(str::to_owned).boxed();
    match meaning {
        Meaning::FirstDay => texts(&["1900-01-01", "2014-08-01", "2026-03-01", "2031-12-31"]),
        Meaning::End => texts(&["9999-12-31", "2013-01-01", "2026-03-01", "2040-02-29"]),
        Meaning::NationalNumber => texts(&["7101809991", "7202859994", "0000000000"]),
        Meaning::Protection => texts(&["true", "false", "1", "0", "x"]),
        Meaning::Hours(_) => texts(&["0", "30.000 ", "37", "37,5", "80", "100", "100.000", "4000"]),
        Meaning::PlainUnless(_, none) => prop_oneof![Just(none.to_owned()), any_text()].boxed(),
        Meaning::Address(_) => {
            prop_oneof![8 => any_text(), 1 => texts(&["*B*Prøvevej 3", "**ADRESSEBESKYTTET**"])]
                .boxed()
        }
        Meaning::Plain(field) => match field.value_type() {
            kobling_domain::people::FieldType::Int => texts(&["0", "1", "04"]),
            kobling_domain::people::FieldType::Flag => texts(&["true", "false"]),
            kobling_domain::people::FieldType::Date => texts(&["2009-02-01", "1999-12-31"]),
            kobling_domain::people::FieldType::Text
            | kobling_domain::people::FieldType::Functions => any_text().boxed(),
        },
    }
}

fn any_function() -> impl Strategy<Value = FunctionElement> {
    let starts = select(vec!["1900-01-01", "2024-01-01", "2026-05-01"]);
    let ends = select(vec!["", "9999-12-31", "2025-12-31"]);
    (starts, ends, 0..99_i64, proptest::option::of(any_text())).prop_map(
        |(start, end, kind, text)| {
            let mut function = FunctionElement::default();
            function.set(FunctionPlace::StartDate, start);
            function.set(FunctionPlace::EndDate, end);
            function.set(FunctionPlace::ArtId, &kind.to_string());
            function.set(FunctionPlace::ArtText, text.as_deref().unwrap_or_default());
            function
        },
    )
}

fn any_record() -> impl Strategy<Value = Record> {
    (prop_oneof![Just(RecordKind::Unit), Just(RecordKind::Employee)], 1..1_000_000_i64)
        .prop_flat_map(|(kind, number)| {
            let texts: Vec<_> = kind
                .elements()
                .iter()
                .map(|it| proptest::option::weighted(0.7, likely_text(it.meaning)))
                .collect();
            let functions = match kind {
                RecordKind::Unit => vec(any_function(), 0..1),
                RecordKind::Employee => vec(any_function(), 0..3),
            };
            let extras =
                vec((select(vec!["wish", "wish[2]", "a/b", "a/@c", "@d"]), any_text()), 0..4);
            (Just((kind, number)), texts, functions, extras, select(vec![None, Some("2026-01-12")]))
        })
        .prop_map(|((kind, number), texts, functions, extras, last_changed)| {
            let mut record = Record::new(kind, number, CLIENT);
            record.last_changed = last_changed.map(str::to_owned);
            for (element, text) in kind.elements().iter().zip(texts) {
                match (element.attribute, text) {
                    (None, Some(text)) => record.set(element.name, &text),
                    (Some(it), Some(text)) => record.set_attribute(element.name, it, &text),
                    (_, None) => {}
                }
            }
            record.functions = functions;
            for (path, text) in extras {
                record.extra.insert(path.to_owned(), text);
            }
            if record.extra.contains_key("wish[2]") {
                record.extra.insert("wish".to_owned(), "first".to_owned());
            }
            record
        })
}

/// Things that change nothing about what a record says: put between its children, in a file.
fn noise() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        "",
        "\n",
        "\r\n\t",
        "<!-- <employee id=\"9\"> </employee></orgUnit> -->",
        "<?note </employee> ?>",
        "<!---->",
        "<![CDATA[ ]]>",
        "<![CDATA[]]>",
    ])
}

/// What a file says when nothing but quick-xml reads it: per record its kind, its `id` and every
/// element and attribute in it with trimmed text.
fn plainly_read(text: &str) -> Vec<(String, String, Vec<String>)> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut records = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.name().into_inner().to_owned();
                let attribute = |it: &str| {
                    start.attributes().map(Result::unwrap).find(|a| a.key.into_inner() == it).map(
                        |a| {
                            a.normalized_value(quick_xml::XmlVersion::Implicit1_0)
                                .unwrap()
                                .into_owned()
                        },
                    )
                };
                if path.len() == 1 {
                    records.push((name.clone(), attribute("id").unwrap(), Vec::new()));
                }
                path.push(name);
                texts.push(String::new());
                if path.len() > 1 {
                    let said = &mut records.last_mut().unwrap().2;
                    for a in start.attributes().map(Result::unwrap) {
                        let key = a.key.into_inner();
                        said.push(format!(
                            "{}@{key}={}",
                            path[2..].join("/"),
                            attribute(key).unwrap()
                        ));
                    }
                }
                if matches!(event, Event::Empty(_)) {
                    path.pop();
                    texts.pop();
                }
            }
            Event::End(_) => {
                let text = texts.pop().unwrap();
                if path.len() > 1 && !text.trim().is_empty() {
                    let said = format!("{}={}", path[2..].join("/"), text.trim());
                    records.last_mut().unwrap().2.push(said);
                }
                path.pop();
            }
            Event::Text(it) => texts.last_mut().map_or((), |t| t.push_str(it)),
            Event::CData(it) => texts.last_mut().unwrap().push_str(it),
            Event::GeneralRef(it) => {
                let text =
                    quick_xml::escape::unescape(&format!("&{};", &**it)).unwrap().into_owned();
                texts.last_mut().unwrap().push_str(&text);
            }
            Event::Eof => return records,
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
        }
    }
}

/// The same file without noise, as our own writer puts it.
fn rewritten(text: &str) -> String {
    let (records, proof) = records(text.as_bytes()).unwrap();
    assert!(proof.complete());
    let records: Vec<Record> = records.into_iter().map(Result::unwrap).collect();
    written(&records)
}

/// Gives a few bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let bytes = self.1.min(self.0.len()).min(room.len());
        let (now, later) = self.0.split_at(bytes);
        room[..bytes].copy_from_slice(now);
        self.0 = later;
        Ok(bytes)
    }
}

/// Number, line, digest and bytes of a record.
type Cut = (i64, u64, u128, Vec<u8>);

fn cut(input: impl Read) -> (Vec<Cut>, u128) {
    let mut reader = Reader::open(input, Connection::default()).unwrap();
    let mut all = Vec::new();
    while let Some(raw) = reader.next_record().unwrap() {
        all.push((raw.native_no, raw.line, raw.digest, raw.bytes.to_vec()));
    }
    (all, reader.input_digest())
}

proptest! {
    #[test]
    fn a_record_written_and_read_is_the_same_record(record in any_record()) {
        let text = written([&record]);
        let (read, proof) = records(text.as_bytes()).unwrap();
        prop_assert!(proof.complete());
        prop_assert_eq!(read, [Ok(record)], "{}", text);
    }

    #[test]
    fn what_a_record_states_is_stated_by_the_record_made_of_it(record in any_record()) {
        let options = Options::default();
        let text = written([&record]);
        let Ok(first) = readings(text.as_bytes(), &options).remove(0) else { return Ok(()) };
        let again = written([&to_record(&first.stated, CLIENT, &options).unwrap()]);
        let second = readings(again.as_bytes(), &options).remove(0).unwrap().stated;
        let bytes = |it: &Stated| { let mut all = Vec::new(); canonical(it, &mut all); all };
        prop_assert_eq!(bytes(&first.stated), bytes(&second));
        prop_assert_eq!(&first.stated, &second, "{}\n{}", text, again);
    }

    #[test]
    fn the_quick_way_and_the_plain_way_cut_and_read_alike(
        all in vec(any_record(), 0..5),
        noises in vec(noise(), 40),
    ) {
        let text = written(&all);
        let mut noises = noises.iter().cycle();
        let noisy: String = text
            .split_inclusive('\n')
            .enumerate()
            .flat_map(|(line, it)| [it, if line == 0 { "" } else { noises.next().unwrap() }])
            .collect();
        // Nothing but comments and the like may stand behind the root's end tag.
        let noisy = noisy.trim_end().trim_end_matches("<![CDATA[ ]]>").trim_end_matches("<![CDATA[]]>");
        prop_assert_eq!(plainly_read(noisy).len(), all.len());
        prop_assert_eq!(plainly_read(&rewritten(noisy)), plainly_read(&text));
        let numbers: Vec<String> = cut(noisy.as_bytes()).0.iter().map(|it| it.0.to_string()).collect();
        let plain: Vec<String> = plainly_read(noisy).into_iter().map(|it| it.1).collect();
        prop_assert_eq!(numbers, plain);
    }

    #[test]
    fn it_does_not_matter_in_which_portions_a_file_arrives(
        all in vec(any_record(), 0..5),
        portion in 1..50_usize,
    ) {
        let text = written(&all);
        prop_assert_eq!(cut(text.as_bytes()), cut(Trickle(text.as_bytes(), portion)));
        let latin = text.replace("utf-8", "iso-8859-1").replace(['🦊'], "?");
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&latin);
        prop_assert_eq!(cut(&bytes[..]), cut(Trickle(&bytes, portion)));
    }

    #[test]
    fn every_line_is_the_line_of_the_start_tag(all in vec(any_record(), 0..5)) {
        let text = written(&all);
        for (_, line, _, bytes) in cut(text.as_bytes()).0 {
            let first = std::str::from_utf8(&bytes).unwrap().lines().next().unwrap();
            let line = usize::try_from(line).unwrap();
            prop_assert_eq!(text.lines().nth(line - 1).unwrap().trim_start(), first);
        }
    }

    #[test]
    fn a_file_with_any_byte_changed_is_read_lawfully_or_refused(
        record in any_record(),
        cut_at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut broken = written([&record]).into_bytes();
        let at = cut_at.index(broken.len());
        broken[at] = byte;
        entry::read_anything(&broken);
    }
}

/// What fuzzing found, or may begin from, is read at every ordinary run too.
#[test]
fn the_fuzz_corpus_is_read_lawfully_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/opus");
    let mut files = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        entry::read_anything(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files >= 12, "{files} files in the corpus");
}
