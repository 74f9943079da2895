use super::RecordKind;
use kobling_domain::id::RecordNo;
use serde::Serialize;
use std::fmt;

/// A place in a file, counted from 1. Columns are counted in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// Why a file is refused as a whole. Nothing of it may be applied.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The input could not be read.
    #[error("the input could not be read")]
    Io(#[source] std::io::Error),
    /// It has no content.
    #[error("the file is empty: ask for it to be delivered again")]
    Empty,
    /// It does not begin as XML.
    #[error("{at}: this is not an XML file: an Opus extract begins with <?xml … ?> and <kmd>")]
    NotXml {
        /// Where.
        at: Position,
    },
    /// It is XML of another kind.
    #[error("{at}: the root element is <{root}>, not <kmd>: this is not an Opus extract")]
    OtherRoot {
        /// Where.
        at: Position,
        /// Name of the root element.
        root: String,
    },
    /// It ends before the root element does.
    #[error("{at}: the file ends before </kmd>: it is cut, ask for it to be delivered again")]
    Truncated {
        /// Where it ends.
        at: Position,
    },
    /// It is no well-formed XML.
    #[error("{at}: the file is not well-formed XML: {what}")]
    IllFormed {
        /// Where.
        at: Position,
        /// What is wrong.
        what: &'static str,
    },
    /// It has a document type of another document, or in a place where none may stand.
    #[error(
        "{at}: the file has a <!DOCTYPE> that is not of a kmd document, as a web page has; ask for \
         the extract itself"
    )]
    DocType {
        /// Where.
        at: Position,
    },
    /// Its document type declares something itself.
    #[error(
        "{at}: the <!DOCTYPE> of the file declares something of its own, such as entities, of which \
         none is resolved; ask for an extract without it"
    )]
    Declares {
        /// Where the declarations begin.
        at: Position,
    },
    /// It is in an encoding that is not read.
    #[error("the file is in {encoding}; UTF-8, ISO-8859-1 and windows-1252 are read")]
    UnsupportedEncoding {
        /// The encoding, as declared.
        encoding: String,
    },
    /// A record is of another client than is read.
    #[error("{at}: this record is of client {found}, not of client {expected}")]
    OtherClient {
        /// Where the record begins.
        at: Position,
        /// The record's client.
        found: String,
        /// The client that is read.
        expected: String,
    },
    /// It was read whole, and its records are of several clients.
    #[error("the file holds records of several clients, and an extract is of one")]
    SeveralClients,
    /// A record is larger than any real one.
    #[error("{at}: a record of more than {limit_bytes} bytes begins here")]
    RecordTooLarge {
        /// Where it begins.
        at: Position,
        /// The most there may be.
        limit_bytes: usize,
    },
    /// Elements stand too deep inside each other.
    #[error("{at}: elements stand more than {limit} deep")]
    TooDeep {
        /// Where.
        at: Position,
        /// The most there may be.
        limit: usize,
    },
    /// A record that was parsed is ill-formed, or breaks a limit.
    #[error(transparent)]
    Record(RecordProblem),
}

/// What a [`Code`] means for the record and its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The record counts; this is worth knowing.
    Note,
    /// The record is set aside and its subject keeps its last state.
    SetsAside,
    /// The file is not well-formed XML, or breaks a limit: nothing of it may be applied.
    RefusesFile,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $name:literal $effect:ident;)*) => {
        /// What there is to say of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in documents and the store.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means for the record and its file.
            pub fn effect(self) -> Effect {
                match self { $(Self::$variant => Effect::$effect,)* }
            }
        }
    };
}

codes! {
    /// The record is no well-formed XML.
    IllFormed "ill_formed" RefusesFile;
    /// Elements of the record stand too deep inside each other.
    TooDeep "too_deep" RefusesFile;
    /// The record has no `id`, or one that is no number.
    KeyUnreadable "key_unreadable" SetsAside;
    /// The record has no `client`.
    ClientMissing "client_missing" SetsAside;
    /// A text, or a list of elements or attributes, is longer than any real one.
    TooLong "too_long" SetsAside;
    /// An element that occurs once occurs again.
    ElementRepeated "element_repeated" SetsAside;
    /// The `action` is another than `leave`.
    ActionUnknown "action_unknown" SetsAside;
    /// A date is none.
    DateUnreadable "date_unreadable" SetsAside;
    /// A number is none.
    NumberUnreadable "number_unreadable" SetsAside;
    /// A yes-or-no is neither.
    FlagUnreadable "flag_unreadable" SetsAside;
    /// The national number is not ten digits.
    NationalNumberUnreadable "national_number_unreadable" SetsAside;
    /// A function has no start date or no kind.
    FunctionUnreadable "function_unreadable" SetsAside;
    /// The record's key stands in the file already.
    KeyRepeated "key_repeated" SetsAside;
    /// There is no entry date: nobody is employed by this record.
    EntryDateMissing "entry_date_missing" Note;
    /// The end lies before the start, so there is no day.
    EndBeforeStart "end_before_start" Note;
    /// The payroll system annulled the employment.
    Annulled "annulled" Note;
    /// Hours were given as a percentage, or make no sense.
    HoursCorrected "hours_corrected" Note;
    /// A function ends before it starts and is left out.
    FunctionNever "function_never" Note;
    /// An element or attribute has no place in the grammar; it is kept under `extra.`.
    ElementUnknown "element_unknown" Note;
    /// Something other than a record stands between records; it is passed over.
    BetweenRecords "between_records" Note;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What there is to say of one record. The text names elements, never their values: a value may
/// hold a national number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line}, record {record_no}: {text}")]
pub struct RecordProblem {
    /// Line on which the record begins; of one that is ill-formed, the line of the fault.
    pub line: u64,
    /// Where the record stands in the file.
    #[serde(rename = "record")]
    pub record_no: RecordNo,
    /// What the record describes; none if it stands between records.
    #[serde(skip)]
    pub kind: Option<RecordKind>,
    /// What it is.
    pub code: Code,
    /// The same for people.
    pub text: String,
}
