//! The one entry of the fuzz target and of the test that replays its corpus.

use kobling_formats::opus::{
    Connection, Options, ReadError, Reader, Record, inspect, parse, read_record, to_record,
    write_end, write_record, write_start,
};

/// Reads whatever `input` is and holds what is read to the laws: an inspection agrees with the
/// reader, a record survives being written, and what it states survives too.
pub(crate) fn read_anything(input: &[u8]) {
    let inspection = inspect(input, None, &Options::default());
    let outcome = read(input);
    assert!(!inspection.complete || outcome.is_ok());
}

fn read(input: &[u8]) -> Result<(), ReadError> {
    let options = Options::default();
    let mut reader = Reader::open(input, Connection::default())?;
    while let Some(raw) = reader.next_record()? {
        let Ok(record) = parse(&raw) else { continue };
        assert_eq!(reread(&record), record);
        let Ok(reading) = read_record(&raw, record, &options) else { continue };
        let Ok(again) = to_record(&reading.stated, "1", &options) else { continue };
        let text = written(&again);
        let mut reader = Reader::open(text.as_slice(), Connection::default())?;
        let raw = reader.next_record()?;
        let stated = raw.map(|raw| {
            parse(&raw).and_then(|record| read_record(&raw, record, &options)).map(|it| it.stated)
        });
        assert_eq!(stated, Some(Ok(reading.stated)));
    }
    reader.finish().map(drop)
}

fn reread(record: &Record) -> Record {
    let text = written(record);
    let mut reader = Reader::open(text.as_slice(), Connection::default()).unwrap();
    let raw = reader.next_record().unwrap().unwrap();
    parse(&raw).unwrap()
}

fn written(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    write_start(&mut out).unwrap();
    write_record(&mut out, record).unwrap();
    write_end(&mut out).unwrap();
    out
}
