//! Nights with nobody signed in: files that come to a watched folder reach the target, and what is
//! held is told to the source's owner in a letter.

use crate::harness::{FJORDBY, Workplace};
use kobling_testkit::server::{self, Received, Smtpd};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// In so long what came has become what it should.
const A_MINUTE: Duration = Duration::from_mins(1);

/// A server that works; killed if the test ends before it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) fn watched() -> String {
    let timetable = "\n[source.timetable]\nwatch_every_s = 1\nsettle_s = 1\n\n[[target]]\n\
                     delivery = \"when_changed\"";
    FJORDBY.replacen("\n[[target]]", timetable, 1).replacen(
        "kind = \"employer\"",
        "kind = \"employer\"\nmail = [\"hr@fjordby.example\"]\nlanguage = \"en\"",
        1,
    )
}

fn write_settings(here: &Workplace, smtpd: &Smtpd) {
    here.write("password", smtpd.password());
    let text = format!(
        "[database]\nurl = \"sqlite:kobling.db\"\n[server]\nbase_url = \"https://kobling.example\"\n\
         [mail]\nhost = \"{}\"\nport = {}\nuser = \"{}\"\npassword_file = \"password\"\n\
         from = \"Kobling <kobling@fjordby.example>\"\nca_file = \"{}\"\n",
        smtpd.address,
        server::PORT,
        smtpd.user(),
        smtpd.ca_file().display(),
    );
    here.write("kobling.toml", text);
}

/// Waits until `look` finds something.
#[expect(clippy::disallowed_methods, reason = "another process is given a moment at a time")]
pub(crate) fn within_a_minute<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + A_MINUTE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "{what}: not within a minute");
        sleep(Duration::from_millis(100));
    }
}

/// Puts the extract of a day into the watched folder under another name first, as tools do that
/// copy.
fn drop_file(here: &Workplace, day: u16, flaw: Option<&str>) {
    let file = here.generate(200, day, flaw);
    assert!(here.path(&file).exists());
}

#[test]
fn three_nights_files_reach_the_target_and_the_held_one_is_told_in_a_letter_within_a_minute() {
    let (here, smtpd) = (Workplace::empty(), Smtpd::start());
    write_settings(&here, &smtpd);
    here.configure(&watched());
    let mut command = here.command(["serve", "--role", "worker"]);
    let running = Running(command.stderr(Stdio::null()).spawn().unwrap());
    let users = || std::fs::read_to_string(here.path("plan2learn/bruger.csv")).ok();

    drop_file(&here, 0, None);
    let first = within_a_minute("the first night's file at the target", users);
    drop_file(&here, 1, None);
    let other = || users().filter(|it| *it != first);
    let second = within_a_minute("the second night's file at the target", other);
    assert_eq!(smtpd.received(), [], "nobody is written to when all is well");

    drop_file(&here, 2, Some("missing-school"));
    let letter = within_a_minute("the letter", || smtpd.received().pop());
    is_about_the_held_plan(&here, &letter);
    assert_eq!(users(), Some(second), "what is held reaches nobody");

    drop_file(&here, 3, None);
    within_a_minute("the fourth night's file", || {
        let runs = here.ok(["plan", "list"]).to_string();
        (!runs.contains("\"state\":\"held\"")).then_some(())
    });
    drop(running);
    here.configure(&FJORDBY.replacen("kind = \"employer\"", "kind = \"employer\"\nmail = []", 1));
}

fn is_about_the_held_plan(here: &Workplace, letter: &Received) {
    assert_eq!(letter.header("X-To"), "hr@fjordby.example");
    assert_eq!(letter.header("X-Encrypted"), "True");
    assert_eq!(letter.header("Subject"), "opus: a plan is held");
    let plans = here.ok(["plan", "list"]);
    let held = plans.as_array().unwrap().iter().find(|it| it["state"] == "held").unwrap();
    let hash = held["plan"].as_str().unwrap();
    let link = format!("https://kobling.example/plans/{hash}");
    for part in [&*link, "Records held: ", "No longer mentioned: ", "Fjordby Kommune"] {
        assert!(letter.text.contains(part), "{part:?} is not in\n{}", letter.text);
    }
}
