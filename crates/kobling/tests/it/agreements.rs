//! The life of an agreement of two parties, by the program.

use crate::harness::{FJORDBY, Workplace};

/// What a person says of a decision.
const WORD: [&str; 4] = ["--by", "Signe", "--reason", "looked at it"];

fn say<'a>(verb: &'a str, party: &'a str) -> Vec<&'a str> {
    ["agreement", verb, "plan2learn", "--version", "1", "--party", party]
        .into_iter()
        .chain(WORD)
        .collect()
}

#[test]
fn a_draft_lets_nothing_out_before_both_have_released_it_and_closing_ends_it() {
    let here = Workplace::empty();
    here.configure(&FJORDBY.replace("template = \"self\"", "template = \"standard\""));
    let file = here.generate(100, 0, None);
    here.ok(["run", "opus", &file]);
    let refused = here.output(["deliver", "plan2learn"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let listed = here.ok(["agreement", "list"]);
    assert_eq!(listed["agreements"][0]["draft"]["awaits"]["owner"], "fjordby");
    let wrong = here.output(say("release", "learning"));
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains("is for fjordby to do, not for learning"), "{said}");
    assert_eq!(here.ok(say("release", "fjordby"))["state"], "draft");
    assert_eq!(here.json(say("reject", "learning"), 0)["state"], "rejected");
    assert_eq!(here.output(["deliver", "plan2learn"]).status.code(), Some(2));
    assert_eq!(here.ok(say("release", "learning"))["state"], "in_force");
    here.ok(["deliver", "plan2learn"]);
    let close = ["agreement", "close", "plan2learn"].into_iter().chain(WORD);
    here.ok(close);
    let refused = here.output(["deliver", "plan2learn"]);
    assert_eq!(refused.status.code(), Some(2));
    let shown = here.output(["agreement", "show", "plan2learn"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    for line in [
        "version 1: replaced, written ",
        "    released for fjordby by Signe at ",
        "    rejected for learning by Signe at ",
        "version 2: in force until ",
        " by Signe: looked at it\n    until: nothing → ",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}
