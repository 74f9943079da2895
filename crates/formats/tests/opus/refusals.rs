use super::*;
use kobling_formats::opus::{
    Code, DEPTH_MAX, EXTRAS_MAX, Effect, RECORD_BYTES_MAX, TEXT_BYTES_MAX, inspect,
};

fn refusal(input: &[u8]) -> String {
    match records(input) {
        Ok(_) => panic!("the file is not refused"),
        Err(error) => error.to_string(),
    }
}

fn read_for(client: &str, input: &str) -> Result<Proof, ReadError> {
    let connection = Connection { client: Some(client.to_owned()) };
    Reader::open(input.as_bytes(), connection)?.finish()
}

/// Case 2: a file that is cut anywhere, in mid-element or between records, must never look
/// complete.
#[test]
fn a_file_cut_at_any_byte_is_refused() {
    for file in [SNAPSHOT, DELTA] {
        let end = file.rfind("</kmd>").unwrap() + "</kmd>".len();
        for bytes in 0..end {
            assert!(records(&file.as_bytes()[..bytes]).is_err(), "cut after {bytes} bytes");
            let inspection = inspect(&file.as_bytes()[..bytes], None, &Options::default());
            assert!(!inspection.complete && inspection.refused.is_some());
        }
        assert!(records(&file.as_bytes()[..end]).unwrap().1.complete());
    }
}

#[test]
fn a_cut_file_is_refused_with_line_and_column() {
    let cut = SNAPSHOT.find("<leaveDate/>").unwrap() + 5;
    let text = refusal(&SNAPSHOT.as_bytes()[..cut]);
    assert_eq!(
        text,
        "line 48 column 8: the file ends before </kmd>: it is cut, ask for it to be delivered again"
    );
}

#[test]
fn what_is_no_extract_is_refused() {
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b" \n ").contains("empty"));
    assert!(refusal(b"\xEF\xBB\xBF").contains("empty"));
    assert!(refusal(b"id;name\n1;x\n").contains("not an XML file"));
    assert!(refusal(b"<?xml version=\"1.0\"?><html></html>").contains("<html>, not <kmd>"));
    assert!(refusal(b"<kmd></kmd><kmd></kmd>").contains("an element after </kmd>"));
    assert!(refusal(b"<kmd></kmd>x").contains("text after </kmd>"));
    assert!(refusal(b"<kmd></employee></kmd>").contains("an end tag without its start tag"));
    assert!(refusal(b"<kmd> <?xml version=\"1.0\"?></kmd>").contains("does not stand first"));
    assert!(refusal(b"<kmd><!-- a -- b --></kmd>").contains("-- inside a comment"));
}

#[test]
fn a_document_type_that_only_names_is_passed_over_and_nothing_is_fetched() {
    for named in [
        "<!DOCTYPE kmd>",
        "<!DOCTYPE kmd SYSTEM \"http://127.0.0.1:9/kmd.dtd\">",
        "<!DOCTYPE\nkmd PUBLIC '-//a>b//' 'kmd[1].dtd' >\n<!-- c -->",
    ] {
        let read = |it: &str| records(it.as_bytes()).unwrap();
        let (head, body) = SNAPSHOT.split_once("<kmd").unwrap();
        let typed = read(&format!("{head}{named}<kmd{body}"));
        assert_eq!((typed.0.len(), typed.1.complete()), (read(SNAPSHOT).0.len(), true), "{named}");
    }
    assert!(refusal(b"<!DOCTYPE kmd><!DOCTYPE kmd><kmd></kmd>").contains("a second <!DOCTYPE>"));
    assert!(refusal(b"<!DOCTYPE kmd SYSTEM 'x><kmd></kmd>").contains("cut"));
}

#[test]
fn a_document_type_that_declares_or_stands_elsewhere_is_refused() {
    let bomb = "<!DOCTYPE kmd [<!ENTITY a \"x\">]>";
    let told = refusal(format!("{bomb}<kmd></kmd>").as_bytes());
    assert!(told.contains("line 1 column 15") && told.contains("declares something"), "{told}");
    assert!(refusal(format!("<kmd>{bomb}</kmd>").as_bytes()).contains("DOCTYPE"));
    assert!(refusal(format!("<kmd></kmd>{bomb}").as_bytes()).contains("DOCTYPE"));
    let inside = format!("<employee id=\"1\" client=\"9\">{bomb}</employee>");
    assert!(refusal(file(&inside).as_bytes()).contains("DOCTYPE"));
}

#[test]
fn an_entity_that_xml_does_not_have_refuses_the_file() {
    let it = reading("<orgUnit id=\"1\" client=\"9\"><longName>&lol;</longName></orgUnit>\n");
    let problem = it.unwrap_err();
    assert_eq!((problem.code, problem.line), (Code::IllFormed, 3));
    assert_eq!(problem.code.effect(), Effect::RefusesFile);
}

#[test]
fn a_changed_record_that_is_ill_formed_refuses_the_file() {
    for body in
        ["<a>", "<a></b>", "</a>", "<a b></a>", "<a b=\"1\" b=\"2\"/>", "<1/>", "&#0;", "\u{1}"]
    {
        let record = format!("<orgUnit id=\"1\" client=\"9\">{body}</orgUnit>\n");
        let inspection = inspect(file(&record).as_bytes(), None, &Options::default());
        assert!(inspection.refused.is_some() && !inspection.complete, "{body}");
        assert!(!inspection.proof.well_formed, "{body}");
    }
}

#[test]
fn another_client_is_refused_and_an_equal_number_is_not() {
    assert!(read_for("999", SNAPSHOT).unwrap().complete());
    assert!(read_for("0999", SNAPSHOT).unwrap().complete());
    let refusal = read_for("101", SNAPSHOT).unwrap_err().to_string();
    assert_eq!(refusal, "line 3 column 2: this record is of client 999, not of client 101");
}

#[test]
fn a_file_of_two_clients_is_refused_when_it_was_read_to_its_end() {
    let two = "<orgUnit id=\"1\" client=\"1\"/>\n<orgUnit id=\"2\" client=\"2\"/>\n";
    let refused = records(file(two).as_bytes());
    assert!(matches!(refused, Err(ReadError::SeveralClients)));
    let inspection = inspect(file(two).as_bytes(), None, &Options::default());
    assert_eq!((inspection.units, inspection.complete, inspection.client), (2, false, None));
    assert!(inspection.proof.root_closed && inspection.proof.clients.len() == 2);
    assert!(inspection.refused.unwrap().contains("several clients"));
}

#[test]
fn zeros_before_a_clients_number_make_no_other_client() {
    let two = "<orgUnit id=\"1\" client=\"0999\"/>\n<orgUnit id=\"2\" client=\" 999\"/>\n";
    let proof = records(file(two).as_bytes()).unwrap().1;
    assert!(proof.complete());
    assert_eq!(proof.clients.into_iter().collect::<Vec<_>>(), ["999"]);
    assert!(read_for("00999", &file(two)).unwrap().complete());
    let words = "<orgUnit id=\"1\" client=\"0A\"/>\n<orgUnit id=\"2\" client=\"A\"/>\n";
    assert!(records(file(words).as_bytes()).is_err(), "what is no number is taken as it is");
}

#[test]
fn a_plain_ampersand_is_refused_with_its_own_line_and_how_to_write_it() {
    for (name, what) in [
        ("A & B", "& begins no reference"),
        ("A & B; C", "an entity that is not declared"),
        ("A</longname>", "tags do not pair"),
    ] {
        let unit = format!(
            "<orgUnit id=\"1\" client=\"9\">\n<shortName>X</shortName>\n\
             <longName>{name}</longName></orgUnit>\n"
        );
        let problem = reading(&unit).unwrap_err();
        assert_eq!((problem.code, problem.line), (Code::IllFormed, 5), "{name}: {problem}");
        assert!(problem.text.contains(what), "{problem}");
        assert_eq!(problem.text.contains("&amp;"), name.contains('&'), "{problem}");
    }
}

#[test]
fn a_web_page_is_called_one_however_it_writes_its_document_type() {
    for page in ["<!doctype html><html></html>", "<!DOCTYPE html>", "<!DocType html>\n<p>"] {
        let told = refusal(page.as_bytes());
        assert!(told.contains("as a web page has"), "{told}");
    }
    assert!(refusal(b"<!docx>").contains("neither a comment nor CDATA"));
}

#[test]
fn what_is_no_extract_is_told_as_such_and_nothing_of_it_is_proved() {
    let of = |bytes: &[u8]| inspect(bytes, None, &Options::default());
    for bytes in [&b""[..], b"<foo/>", b"SQLite format 3\0", b"<html></html>", b"<!doctype html>"] {
        let it = of(bytes);
        assert_eq!((it.kind, it.complete), ("unknown", false));
        assert_eq!((it.proof.root_closed, it.proof.well_formed), (false, false));
        assert!(it.refused.is_some());
    }
    let cut = of(b"<kmd><orgUnit id=\"1\" client=\"9\"/>");
    assert_eq!((cut.kind, cut.units, cut.complete), ("opus", 1, false));
}

#[test]
fn a_record_without_a_readable_key_makes_the_file_incomplete_and_the_others_are_read() {
    let text = "<orgUnit client=\"9\"/>\n<orgUnit id=\"x\" client=\"9\"/>\n<orgUnit id=\"3\"/>\n\
        <orgUnit id=\"-4\" client=\"9\"/>\n<orgUnit id=\"5\" client=\"9\"/>\n";
    let text = file(text);
    let mut reader = Reader::open(text.as_bytes(), Connection::default()).unwrap();
    let fifth = reader.next_record().unwrap().unwrap();
    assert_eq!((fifth.native_no, fifth.record_no.0, fifth.line), (5, 5, 7));
    assert!(reader.next_record().unwrap().is_none());
    let proof = reader.finish().unwrap();
    assert_eq!((proof.unreadable_keys, proof.complete()), (4, false));
    let codes: Vec<_> = reader.problems().iter().map(|it| (it.line, it.code)).collect();
    let expected = [
        (3, Code::KeyUnreadable),
        (4, Code::KeyUnreadable),
        (5, Code::ClientMissing),
        (6, Code::KeyUnreadable),
    ];
    assert_eq!(codes, expected);
}

#[test]
fn the_limits_hold() {
    let unit = |body: &str| format!("<orgUnit id=\"1\" client=\"9\">{body}</orgUnit>\n");
    let huge = file(&unit(&format!("<longName>{}</longName>", "x".repeat(RECORD_BYTES_MAX))));
    assert!(refusal(huge.as_bytes()).contains("more than 1048576 bytes"));
    let endless = format!("<kmd><orgUnit id=\"{}", "1".repeat(3 * RECORD_BYTES_MAX));
    assert!(refusal(endless.as_bytes()).contains("more than 1048576 bytes"));

    let deep = |depth: usize| unit(&format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth)));
    assert!(reading(&deep(DEPTH_MAX - 1)).is_ok());
    assert_eq!(reading(&deep(DEPTH_MAX)).unwrap_err().code, Code::TooDeep);
    let commented = deep(DEPTH_MAX).replace("</orgUnit>", "<!-- --></orgUnit>");
    assert!(refusal(file(&commented).as_bytes()).contains("more than 8 deep"));

    let long = unit(&format!("<longName>{}</longName>", "x".repeat(TEXT_BYTES_MAX + 1)));
    assert_eq!(reading(&long).unwrap_err().code, Code::TooLong);
    let many: String = (0..=EXTRAS_MAX)
        .flat_map(|it| ["<a", "b>x</a", "b>"].map(|part| part.replace('b', &it.to_string())))
        .collect();
    assert_eq!(reading(&unit(&many)).unwrap_err().code, Code::TooLong);
    let attributes: String =
        (0..40).flat_map(|it| [" a".to_owned(), it.to_string(), "=\"\"".to_owned()]).collect();
    assert_eq!(reading(&unit(&format!("<city{attributes}/>"))).unwrap_err().code, Code::TooLong);
}

#[test]
fn other_encodings_are_refused_by_name() {
    let utf16: Vec<u8> = "\u{feff}<kmd/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refusal(&utf16).contains("UTF-16LE"));
    assert!(refusal(b"<\0k\0m\0d\0/\0>\0").contains("UTF-16"));
    let declared = b"<?xml version=\"1.0\" encoding=\"ebcdic-cp-dk\"?><kmd/>";
    assert!(refusal(declared).contains("the file is in ebcdic-cp-dk; UTF-8"));
    let both = "\u{feff}<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><kmd/>";
    assert!(refusal(both.as_bytes()).contains("UTF-8 by its mark and iso-8859-1 by name"));
    let wrong = b"<kmd><orgUnit id=\"1\" client=\"9\"><city>\xE5</city></orgUnit></kmd>";
    let (records, _) = records(wrong).unwrap();
    assert_eq!(records[0].as_ref().unwrap_err().code, Code::IllFormed);
}

/// A planted number is in the file in every place where it could be quoted.
#[test]
fn no_message_tells_a_national_number() {
    let cpr = "7101809991";
    let place = |it: &str| it.replace('¤', cpr);
    let bodies = [
        "<entryDate>¤</entryDate>",
        "<entryDate>2026-01-01</entryDate><cpr>¤1</cpr>",
        "<entryDate>2026-01-01</entryDate><isManager>¤</isManager>",
        "<entryDate>2026-01-01</entryDate><superiorLevel>¤x</superiorLevel>",
        "<entryDate>2026-01-01</entryDate><numerator>¤</numerator>",
        "<entryDate>2026-01-01</entryDate><function artId=\"¤x\" startDate=\"2026-01-01\"/>",
        "<entryDate>2026-01-01</entryDate><function artId=\"1\" startDate=\"¤\"/>",
        "<entryDate>2026-01-01</entryDate><wish>¤</wish>",
        "<a>&¤;</a>",
    ];
    for body in bodies {
        let record = place(&format!("<employee id=\"1\" client=\"9\">{body}</employee>\n"));
        let told = format!("{:?}", inspect(file(&record).as_bytes(), None, &Options::default()));
        assert!(!told.contains(cpr), "{told}");
        assert!(told.contains("RecordProblem") || told.contains("refused: Some"), "{told}");
    }
    for tag in
        ["id=\"¤x\" client=\"9\"", "id=\"1\" client=\"¤\"", "id=\"1\" client=\"9\" action=\"¤\""]
    {
        let text = file(&place(&format!("<employee {tag}/>\n")));
        for problem in inspect(text.as_bytes(), None, &Options::default()).problems {
            assert!(!problem.to_string().contains(cpr), "{problem}");
        }
        if let Err(error) = read_for("999", &text) {
            assert!(!error.to_string().contains(cpr), "{error}");
        }
    }
}
