use super::Flaw;
use super::employment::{FIRST_NO, first_undisturbed};
use super::extract::{Extract, Frame};
use super::person::Person;
use super::xml::write_record;
use crate::opus::{Record, RecordKind};
use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::ControlFlow;

const WEB_PAGE: &str = "<!doctype html>\n<html><body><h1>Log på</h1></body></html>\n";
const DOC_TYPE: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <!DOCTYPE kmd [<!ENTITY kommune \"Fjordby\">]>\n<kmd>\n";
const MARKED: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<kmd>\n";
const LATIN1: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<kmd>\n";
const DELIVERED_AGAIN: &str = "</kmd>\n<!-- leveret igen -->\n";

/// A unit number that no extract uses.
const NOWHERE: &str = "9";
const HUGE_BYTES: usize = 2_000_000;
const DEEP: usize = 64;
const WEEK_DAYS: u16 = 7;

/// How a flaw is brought about.
enum Trick {
    /// The file is this text.
    Instead(&'static str),
    /// The frame around the records is another.
    Framed(Frame),
    /// The file ends half-way.
    Cut(Cut),
    /// Some records are left out.
    Without(fn(&Scene, &Record) -> bool),
    /// Some records say something else.
    Altered(fn(&Scene, &mut Record)),
    /// One employment's record says something else.
    Befallen(fn(&Scene, &mut Record)),
    /// The text of one employment's record is another.
    Rewritten(fn(&str) -> String),
    /// It is an extract of a week before.
    Earlier,
}

enum Cut {
    InRecord,
    AfterRecord,
}

/// The units and the employment that flaws befall.
struct Scene {
    root: i64,
    administration: i64,
    school: i64,
    /// The workplace with the most people.
    largest: i64,
    /// An employment that is neither new nor changing, leaving or leading.
    victim: i64,
    /// The first employment of the second half.
    half: i64,
    other_cpr: String,
    free_no: i64,
}

impl Extract<'_> {
    /// Writes it with that flaw. The flaw needs an extract of everything, in key order.
    pub fn write_flawed(&self, flaw: Flaw, out: &mut impl Write) -> io::Result<()> {
        let scene = self.scene();
        match trick(flaw) {
            Trick::Instead(text) => out.write_all(text.as_bytes()),
            Trick::Framed(frame) => self.write_framed(&frame, out, |record, text| {
                write_record(text, &record);
                ControlFlow::Continue(())
            }),
            Trick::Cut(cut) => self.write_framed(&Frame::PLAIN, out, |record, text| {
                let start = text.len();
                write_record(text, &record);
                if !is_in_second_half(&scene, &record) {
                    return ControlFlow::Continue(());
                }
                match cut {
                    Cut::InRecord => text.truncate(cut_at(text, start)),
                    Cut::AfterRecord => {}
                }
                ControlFlow::Break(())
            }),
            Trick::Without(leaves_out) => self.write_framed(&Frame::PLAIN, out, |record, text| {
                if !leaves_out(&scene, &record) {
                    write_record(text, &record);
                }
                ControlFlow::Continue(())
            }),
            Trick::Altered(alter) => self.write_framed(&Frame::PLAIN, out, |mut record, text| {
                alter(&scene, &mut record);
                write_record(text, &record);
                ControlFlow::Continue(())
            }),
            Trick::Befallen(alter) => self.write_framed(&Frame::PLAIN, out, |mut record, text| {
                if is_victim(&scene, &record) {
                    alter(&scene, &mut record);
                }
                write_record(text, &record);
                ControlFlow::Continue(())
            }),
            Trick::Rewritten(rewrite) => self.write_framed(&Frame::PLAIN, out, |record, text| {
                let start = text.len();
                write_record(text, &record);
                if is_victim(&scene, &record) {
                    let good = text.split_off(start);
                    text.push_str(&rewrite(&good));
                }
                ControlFlow::Continue(())
            }),
            Trick::Earlier => self.flawed(flaw).write(out).map(drop),
        }
    }

    /// The name Opus gives a file with that flaw.
    pub fn flawed_file_name(&self, flaw: Flaw) -> String {
        self.flawed(flaw).file_name()
    }

    fn flawed(&self, flaw: Flaw) -> Self {
        let mut extract = *self;
        if flaw == Flaw::Old {
            extract.day = self.day.saturating_sub(WEEK_DAYS);
        }
        extract
    }

    fn scene(&self) -> Scene {
        let employer = self.employer;
        let units = employer.units.list();
        let workplaces = employer.units.workplaces();
        let no = |index: usize| units.get(index).map_or(0, |it| it.no);
        let employments = employer.timeline.employments(self.day);
        Scene {
            root: no(0),
            administration: no(1),
            school: workplaces.first().map_or(0, |it| it.no),
            largest: workplaces.iter().max_by_key(|it| it.slots()).map_or(0, |it| it.no),
            victim: first_undisturbed(employer, self.day).unwrap_or(FIRST_NO),
            half: FIRST_NO.saturating_add_unsigned(employments / 2),
            other_cpr: Person::beyond(employments).national_number(employer.dice),
            free_no: FIRST_NO.saturating_add_unsigned(2 * employments),
        }
    }
}

fn trick(flaw: Flaw) -> Trick {
    let plain = Frame::PLAIN;
    match flaw {
        Flaw::EmptyFile => Trick::Instead(""),
        Flaw::NotOpus => Trick::Instead(WEB_PAGE),
        Flaw::Old => Trick::Earlier,
        Flaw::CutMidRecord => Trick::Cut(Cut::InRecord),
        Flaw::CutBetweenRecords => Trick::Cut(Cut::AfterRecord),
        Flaw::DocType => Trick::Framed(Frame { prolog: DOC_TYPE, ..plain }),
        Flaw::ByteOrderMark => Trick::Framed(Frame { prolog: MARKED, ..plain }),
        Flaw::WrongEncoding => Trick::Framed(Frame { bytes: latin1, ..plain }),
        Flaw::Latin1 => Trick::Framed(Frame { prolog: LATIN1, bytes: latin1, ..plain }),
        Flaw::SameNameOtherBytes => Trick::Framed(Frame { epilog: DELIVERED_AGAIN, ..plain }),
        Flaw::EmptyLists => Trick::Without(|_, _| true),
        Flaw::MissingRoot => Trick::Without(|scene, it| is_unit(it, scene.root)),
        Flaw::MissingSchool => Trick::Without(is_of_school),
        Flaw::HalfGone => Trick::Without(is_in_second_half),
        Flaw::OtherClient => Trick::Altered(|_, it| "998".clone_into(&mut it.client)),
        Flaw::Cycle => Trick::Altered(hang_administration_under_school),
        Flaw::TwoRoots => Trick::Altered(hang_administration_nowhere),
        Flaw::UnitMoved => Trick::Altered(hang_largest_under_root),
        Flaw::EveryoneMoved => Trick::Altered(seat_in_root),
        Flaw::ProtectedLost => Trick::Altered(unprotect),
        Flaw::MissingUnit => Trick::Befallen(|_, it| it.set("orgUnit", NOWHERE)),
        Flaw::Renumbered => Trick::Befallen(|scene, it| it.native_no = scene.free_no),
        Flaw::UnknownAction => Trick::Befallen(|_, it| it.action = Some("hire".to_owned())),
        Flaw::CprChanged => Trick::Befallen(|scene, it| it.set("cpr", &scene.other_cpr)),
        Flaw::IllFormed => Trick::Rewritten(|it| it.replace("</lastName>", "</lastNam>")),
        Flaw::UnreadableKey => Trick::Rewritten(|it| it.replacen(" id=\"", " id=\"nr. ", 1)),
        Flaw::NumbersAsText => Trick::Rewritten(|it| with_text(it, "numerator", "halvtreds")),
        Flaw::ImpossibleDate => Trick::Rewritten(|it| with_text(it, "entryDate", "2026-02-31")),
        Flaw::DuplicateIds => {
            Trick::Rewritten(|it| format!("{it}{}", with_text(it, "position", "Vikar")))
        }
        Flaw::HugeRecord => Trick::Rewritten(|it| inside(it, &"x".repeat(HUGE_BYTES))),
        Flaw::DeepNesting => Trick::Rewritten(|it| {
            inside(it, &format!("{}{}", "<a>".repeat(DEEP), "</a>".repeat(DEEP)))
        }),
        Flaw::UnknownElements => Trick::Rewritten(|it| {
            inside(it, "Flere kurser</wish>\n  <seat floor=\"2\"/>\n  <wish>Nyt skrivebord")
        }),
        Flaw::CommentsAndCdata => Trick::Rewritten(comment_and_cdata),
    }
}

fn is_unit(record: &Record, no: i64) -> bool {
    record.kind == RecordKind::Unit && record.native_no == no
}

fn is_victim(scene: &Scene, record: &Record) -> bool {
    record.kind == RecordKind::Employee && record.native_no == scene.victim
}

fn is_of_school(scene: &Scene, record: &Record) -> bool {
    is_unit(record, scene.school) || record.text("orgUnit") == Some(&scene.school.to_string())
}

fn is_in_second_half(scene: &Scene, record: &Record) -> bool {
    record.kind == RecordKind::Employee && record.native_no >= scene.half
}

fn hang_administration_under_school(scene: &Scene, record: &mut Record) {
    if is_unit(record, scene.administration) {
        record.set("parentOrgUnit", &scene.school.to_string());
    }
}

fn hang_administration_nowhere(scene: &Scene, record: &mut Record) {
    if is_unit(record, scene.administration) {
        record.set("parentOrgUnit", "");
    }
}

fn hang_largest_under_root(scene: &Scene, record: &mut Record) {
    if is_unit(record, scene.largest) {
        record.set("parentOrgUnit", &scene.root.to_string());
    }
}

fn seat_in_root(scene: &Scene, record: &mut Record) {
    if record.text("orgUnit").is_some() {
        record.set("orgUnit", &scene.root.to_string());
    }
}

fn unprotect(_: &Scene, record: &mut Record) {
    record.set_attribute("address", "protected", "");
    if record.text("address").is_some_and(|it| it.starts_with('*')) {
        record.set("address", "Prøvevej 1");
    }
}

fn comment_and_cdata(record: &str) -> String {
    record
        .replace("<lastName>", "<!-- </employee> --><lastName><![CDATA[")
        .replace("</lastName>", "]]></lastName>")
}

/// Half-way into the text that begins at `start`.
fn cut_at(text: &str, start: usize) -> usize {
    text.floor_char_boundary(start.midpoint(text.len()))
}

/// The record's text with an unknown element before its end tag.
fn inside(record: &str, content: &str) -> String {
    record.replace(" </employee>", &format!("  <wish>{content}</wish>\n </employee>"))
}

/// The record's text with another text in the element `name`.
fn with_text(record: &str, name: &str, text: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let changed = record.split_once(&start).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some(format!("{before}{start}{text}{end}{after}"))
    });
    changed.unwrap_or_else(|| record.to_owned())
}

fn latin1(text: &str) -> Cow<'_, [u8]> {
    encoding_rs::WINDOWS_1252.encode(text).0
}
