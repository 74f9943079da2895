use super::employment::{Employment, former, pensioner};
use super::random::{Shuffle, Topic};
use super::timeline::Change;
use super::xml::write_record;
use super::{Employer, date_of};
use crate::opus::{Record, RecordKind};
use jiff::civil::Date;
use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// How much text is gathered before it is written out.
const BUFFER_BYTES: usize = 1 << 16;

/// The extract of one day.
#[derive(Clone, Copy, Debug)]
pub struct Extract<'a> {
    pub(super) employer: &'a Employer,
    pub(super) day: u16,
    content: Content,
    order: Option<Shuffle>,
    last_changed: LastChanged,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    Everything,
    News,
}

#[derive(Clone, Copy, Debug)]
enum LastChanged {
    AsIs,
    Touched,
}

/// How many records of which kind were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Units.
    pub units: u64,
    /// Employments told in full, pensioners included.
    pub employments: u64,
    /// Leave stubs.
    pub stubs: u64,
}

impl<'a> Extract<'a> {
    pub(super) fn new(employer: &'a Employer, day: u16) -> Self {
        Self {
            employer,
            day,
            content: Content::Everything,
            order: None,
            last_changed: LastChanged::AsIs,
        }
    }

    /// The same with only what changed, is new or left on that day. On day 0 everything is new.
    #[must_use]
    pub fn delta(self) -> Self {
        Self { content: Content::News, ..self }
    }

    /// The same with its records in another order.
    #[must_use]
    pub fn shuffled(self, seed: u64) -> Self {
        let key = self.employer.dice.roll(Topic(2), seed);
        Self { order: Some(Shuffle::new(self.positions(), key)), ..self }
    }

    /// The same with every `lastChanged` on the extract's date: nothing but that moves.
    #[must_use]
    pub fn touched(self) -> Self {
        Self { last_changed: LastChanged::Touched, ..self }
    }

    /// The extract's date.
    pub fn date(&self) -> Date {
        date_of(self.day)
    }

    /// The name Opus gives such a file.
    pub fn file_name(&self) -> String {
        let date = self.date();
        format!("ZLPE{:04}{:02}{:02}224013_delta.xml", date.year(), date.month(), date.day())
    }

    /// Its records, one made at a time.
    pub fn records(&self) -> impl Iterator<Item = Record> + use<'a> {
        let extract = *self;
        (0..extract.positions())
            .filter_map(move |nth| extract.record_at(extract.order.map_or(nth, |it| it.at(nth))))
    }

    /// How the employments that changed on its day did so, one for each.
    pub fn changes(&self) -> impl Iterator<Item = Change> + use<'a> {
        let (employer, day) = (self.employer, self.day);
        let all = 0..employer.timeline.employments(day);
        all.filter_map(move |index| Employment::new(employer, index, day)?.change_on(day))
    }

    /// Writes it as XML in UTF-8.
    pub fn write(&self, out: &mut impl Write) -> io::Result<Written> {
        let mut written = Written::default();
        self.write_framed(&Frame::PLAIN, out, |record, text| {
            written.count(&record);
            write_record(text, &record);
            ControlFlow::Continue(())
        })?;
        Ok(written)
    }

    /// Writes a frame and in it what `tell` says of each record, until it breaks off: then the
    /// file ends there.
    pub(super) fn write_framed(
        &self,
        frame: &Frame,
        out: &mut impl Write,
        mut tell: impl FnMut(Record, &mut String) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let mut text = String::with_capacity(2 * BUFFER_BYTES);
        text.push_str(frame.prolog);
        let mut flow = ControlFlow::Continue(());
        for record in self.records() {
            flow = tell(record, &mut text);
            if flow.is_break() {
                break;
            }
            if text.len() > BUFFER_BYTES {
                out.write_all(&(frame.bytes)(&text))?;
                text.clear();
            }
        }
        if flow.is_continue() {
            text.push_str(frame.epilog);
        }
        out.write_all(&(frame.bytes)(&text))?;
        out.flush()
    }

    /// How many places for records there are: units, former employments, pensioners, employments.
    fn positions(&self) -> u64 {
        let timeline = &self.employer.timeline;
        self.units() + self.stubs() + self.pensioners() + timeline.employments(self.day)
    }

    fn units(&self) -> u64 {
        u64::try_from(self.employer.units.list().len()).unwrap_or(u64::MAX)
    }

    fn stubs(&self) -> u64 {
        (self.employer.employees / 200).max(1)
    }

    fn pensioners(&self) -> u64 {
        (self.employer.employees / 1_000).max(1)
    }

    fn record_at(&self, position: u64) -> Option<Record> {
        let employer = self.employer;
        let mut record = match self.place(position) {
            Place::Unit(nth) => {
                let unit = employer.units.list().get(usize::try_from(nth).ok()?)?;
                self.if_news(0)?;
                employer.units.record(unit)
            }
            Place::Former(nth) => {
                self.if_news(0)?;
                former(nth)
            }
            Place::Pensioner(nth) => {
                self.if_news(0)?;
                pensioner(employer, nth)
            }
            Place::Employment(index) => {
                let employment = Employment::new(employer, index, self.day)?;
                self.if_news(employment.told_on())?;
                employment.record()
            }
        };
        if matches!(self.last_changed, LastChanged::Touched) && record.action.is_none() {
            record.last_changed = Some(self.date().to_string());
        }
        Some(record)
    }

    fn place(&self, position: u64) -> Place {
        let Some(nth) = position.checked_sub(self.units()) else {
            return Place::Unit(position);
        };
        let Some(index) = nth.checked_sub(self.stubs()) else {
            return Place::Former(nth);
        };
        match index.checked_sub(self.pensioners()) {
            None => Place::Pensioner(nth),
            Some(index) => Place::Employment(index),
        }
    }

    /// Nothing if the extract tells news only and this is none.
    fn if_news(&self, told_on: u16) -> Option<()> {
        match self.content {
            Content::News if told_on != self.day => None,
            Content::News | Content::Everything => Some(()),
        }
    }
}

/// What stands at a position of an extract in key order.
enum Place {
    Unit(u64),
    Former(u64),
    Pensioner(u64),
    Employment(u64),
}

impl Written {
    pub(super) fn count(&mut self, record: &Record) {
        match (record.kind, &record.action) {
            (RecordKind::Unit, _) => self.units += 1,
            (RecordKind::Employee, None) => self.employments += 1,
            (RecordKind::Employee, Some(_)) => self.stubs += 1,
        }
    }
}

/// What stands around the records, and in which bytes all of it is written.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) prolog: &'static str,
    pub(super) epilog: &'static str,
    pub(super) bytes: fn(&str) -> Cow<'_, [u8]>,
}

impl Frame {
    pub(super) const PLAIN: Self = Self {
        prolog: "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<kmd>\n",
        epilog: "</kmd>\n",
        bytes: |it| Cow::Borrowed(it.as_bytes()),
    };
}
