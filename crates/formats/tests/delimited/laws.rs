use crate::{MEMBERS, entry, layout, read};
use kobling_formats::delimited::inspect;
use proptest::prelude::*;

#[test]
fn the_corpus_of_the_fuzz_target_is_read_without_a_fault() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/delimited");
    let files: Vec<_> = std::fs::read_dir(corpus).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(files.len() >= 10);
    for file in files {
        entry::read_anything(&std::fs::read(file).unwrap());
    }
}

#[test]
fn a_file_that_tells_its_rows_is_refused_when_it_is_cut_at_any_byte() {
    let file = "Medlemsnr;Navn;E-mail;Indmeldt;Udmeldt;Beskyttet;Adresse\n\
                1;\"Åse; Bo\";;;;;\n2;A;;01-01-2026;;;\nANTAL;2\n";
    assert!(inspect(file.as_bytes(), &layout(MEMBERS)).complete);
    // The last line end may go: the number of rows stands before it.
    for end in 0..file.len() - 1 {
        let inspection = inspect(file.as_bytes().get(..end).unwrap(), &layout(MEMBERS));
        assert!(inspection.refused.is_some(), "cut at {end}");
    }
}

proptest! {
    #[test]
    fn whatever_is_read_breaks_no_law(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        entry::read_anything(&input);
    }

    #[test]
    fn any_text_comes_back_as_it_was_written(cells in proptest::collection::vec("[ -~æøåÆØÅ\n;\"]{0,12}", 1..9)) {
        let text = "kind = \"employment\"\nkey = \"K\"\ntrailer = \"SLUT\"\n[fields]\n\
                    \"employment.position_title\" = \"T\"\n";
        let quoted = |it: &String| format!("\"{}\"", it.replace('"', "\"\""));
        let rows: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(no, it)| format!("{no};{}\n", quoted(it)))
            .collect();
        let file = format!("K;T\n{}SLUT;\n", rows.concat());
        let read = read(&layout(text), file.as_bytes()).unwrap();
        let titles: Vec<String> = read
            .into_iter()
            .map(|it| {
                let state = it.unwrap().stated.state;
                let title = state.iter().next().and_then(|(_, it)| it.as_text()).unwrap_or_default();
                title.to_owned()
            })
            .collect();
        let wanted: Vec<String> = cells.iter().map(|it| it.trim().to_owned()).collect();
        prop_assert_eq!(titles, wanted);
    }
}
