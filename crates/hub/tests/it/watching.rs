//! Sources that are read by themselves, by a clock that the tests move.

use crate::world::{World, employee, unit, xml};
use jiff::{SignedDuration, Timestamp};
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::jobs::{self, Did, Ran, Worker};
use kobling_store::exchange::run;
use kobling_store::{job, notice};
use serde_json::Value;

const NIGHT: &str = "ZLPE20260304224013_delta.xml";
const NEXT_NIGHT: &str = "ZLPE20260305224013_delta.xml";
const OWNER: &str = "[[party]]\nkey = \"hr\"\nname = \"HR\"\nkind = \"employer\"\n\
                     mail = [\"hr@fjordby.example\"]\nlanguage = \"en\"\n";

/// A source that is read by itself, and the time.
struct Office {
    world: World,
    now: Timestamp,
}

impl Office {
    async fn each(timetable: &str, now: &str) -> Vec<Self> {
        let mut all = Vec::new();
        for mut world in World::each().await {
            let now = now.parse().unwrap();
            world.hub.clock = Clock::Fixed(now);
            let it = Self { world, now };
            it.configure(timetable).await;
            all.push(it);
        }
        all
    }

    async fn configure(&self, timetable: &str) {
        let folder = self.world.folder();
        let settings = format!(
            "mode = \"snapshot\"\nfolder = \"{folder}\"\n[source.timetable]\n{timetable}\n{OWNER}"
        );
        let hub = self.hub();
        let text = format!("{}{settings}", crate::world::CONFIGURATION);
        let configuration = toml::from_str(&text).unwrap();
        kobling_hub::access::apply(&hub, &configuration, kobling_hub::access::Write::Yes)
            .await
            .unwrap();
    }

    fn hub(&self) -> Hub {
        Hub { clock: Clock::Fixed(self.now), ..self.world.hub.clone() }
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(format!("{}/{name}", self.world.folder()), bytes).unwrap();
    }

    /// Does all reading that is due so many seconds later; what came of it.
    async fn after(&mut self, seconds: i64) -> Vec<Ran> {
        self.now += SignedDuration::from_secs(seconds);
        self.work().await
    }

    async fn work(&self) -> Vec<Ran> {
        let (hub, mut all) = (self.hub(), Vec::new());
        let worker = Worker::new(&hub, (&Uninterrupted, &Silent));
        while let Some(ran) = jobs::run_next(&worker, &[job::READ]).await.unwrap() {
            all.push(ran);
        }
        all
    }

    /// The states of all runs so far, the first one first.
    async fn runs(&self) -> Vec<&'static str> {
        let mut tx = self.world.hub.db.read().await.unwrap();
        let runs = run::recent(&mut tx, self.world.tenant, None, 100).await.unwrap();
        runs.iter().rev().map(|it| it.state.name()).collect()
    }

    /// What the owner is to be told.
    async fn notices(&self) -> Vec<Value> {
        let mut tx = self.world.hub.db.read().await.unwrap();
        let all = notice::unsent(&mut tx, self.world.tenant).await.unwrap();
        all.into_iter().map(|it| it.detail).collect()
    }

    /// When it looks next.
    async fn next(&self) -> String {
        let mut tx = self.world.hub.db.read().await.unwrap();
        let jobs = job::list(&mut tx).await.unwrap();
        let read = jobs.iter().find(|it| it.kind == job::READ);
        read.map(|it| it.run_at.to_string()).unwrap_or_default()
    }
}

fn file(people: u16) -> Vec<u8> {
    let mut records = vec![unit(1, 0), unit(2, 1)];
    records.extend((0..people).map(|it| employee(100 + i64::from(it), it + 2, 2)));
    xml(&records)
}

fn read_in(all: &[Ran]) -> usize {
    let read = all.iter().map(|it| match &it.report {
        Some(Did::Looked(it)) => it.runs.len() + it.refused.len(),
        Some(Did::Delivered(_) | Did::Told { .. } | Did::Announced { .. }) | None => 0,
    });
    read.sum()
}

#[tokio::test]
async fn a_file_is_read_once_it_has_looked_the_same_long_enough_and_no_later_one_before_it() {
    for mut office in
        Office::each("watch_every_s = 10\nsettle_s = 20", "2026-03-06T05:00:00Z").await
    {
        let whole = file(3);
        office.put(NIGHT, &whole[..whole.len() / 2]);
        office.put(NEXT_NIGHT, &file(4));
        assert_eq!(read_in(&office.after(10).await), 0);
        office.put(NIGHT, &whole);
        assert_eq!(read_in(&office.after(10).await), 0, "it has grown");
        assert_eq!(read_in(&office.after(10).await), 0, "the later one waits for it");
        assert_eq!(read_in(&office.after(10).await), 2);
        assert_eq!(office.runs().await, ["applied", "applied"]);
        assert_eq!(read_in(&office.after(10).await), 0, "each is read once");
    }
}

#[tokio::test]
async fn a_time_that_was_slept_through_is_made_up_for_once() {
    for mut office in
        Office::each("cron = \"0 6 * * *\"\nsettle_s = 0", "2026-03-02T12:00:00Z").await
    {
        assert_eq!(office.next().await, "2026-03-03T05:00:00Z");
        office.put(NIGHT, &file(3));
        assert_eq!(office.work().await.len(), 0, "it is not time");
        // Nobody worked for three days.
        office.now = "2026-03-05T09:00:00Z".parse().unwrap();
        let (one, other) = tokio::join!(office.work(), office.work());
        assert_eq!(one.len() + other.len(), 1, "two processes do it once");
        assert_eq!(office.runs().await, ["applied"]);
        assert_eq!(office.next().await, "2026-03-06T05:00:00Z");
        assert_eq!(office.after(3_600).await.len(), 0);
    }
}

#[tokio::test]
async fn what_is_configured_anew_while_it_is_due_is_not_lost() {
    for mut office in
        Office::each("cron = \"0 6 * * *\"\nsettle_s = 0", "2026-03-02T12:00:00Z").await
    {
        office.now = "2026-03-03T05:00:00Z".parse().unwrap();
        office.configure("cron = \"30 6 * * *\"\nsettle_s = 0").await;
        assert_eq!(office.work().await.len(), 1);
        assert_eq!(office.next().await, "2026-03-03T05:30:00Z");
        let settings = format!("mode = \"snapshot\"\nfolder = \"{}\"", office.world.folder());
        office.world.configure(&settings).await;
        assert_eq!(office.next().await, "", "nothing says that it is read by itself");
    }
}

#[tokio::test]
async fn a_file_that_has_not_come_by_its_time_is_told_once() {
    let timetable =
        "watch_every_s = 600\nsettle_s = 0\ndays = \"danish_working\"\nexpect_by = \"07:00\"";
    for mut office in Office::each(timetable, "2026-03-04T12:00:00Z").await {
        office.put(NIGHT, &file(3));
        // Thursday at seven, the file of Wednesday is there.
        office.now = "2026-03-05T06:00:00Z".parse().unwrap();
        office.work().await;
        assert_eq!(office.runs().await, ["applied"]);
        assert_eq!(office.notices().await, [Value::Null; 0]);
        // On Friday that of Thursday is not, and it is late on Monday that it comes.
        office.now = "2026-03-06T06:00:00Z".parse().unwrap();
        office.work().await;
        office.after(600).await;
        let missing = office.notices().await;
        assert_eq!(missing.len(), 1);
        assert_eq!(
            (&missing[0]["about"], &missing[0]["day"]),
            (&"file_missing".into(), &"2026-03-05".into())
        );
        office.now = "2026-03-08T12:00:00Z".parse().unwrap();
        office.work().await;
        assert_eq!(office.notices().await.len(), 1, "at the weekend nothing is missing");
        let (hub, tenant) = (office.hub(), office.world.tenant);
        let overview = kobling_hub::overview::overview(&hub, tenant).await.unwrap();
        let told = serde_json::to_value(overview).unwrap();
        assert!(told.to_string().contains("\"code\":\"missing\",\"day\":\"2026-03-05\""), "{told}");
    }
}

#[tokio::test]
async fn what_is_held_or_refused_in_the_night_is_told_to_the_owner_without_anybody_s_name() {
    for mut office in Office::each("watch_every_s = 10\nsettle_s = 0", "2026-03-06T05:00:00Z").await
    {
        office.put(NIGHT, &file(40));
        office.after(10).await;
        office.put(NEXT_NIGHT, &file(2));
        office.after(10).await;
        assert_eq!(office.runs().await, ["applied", "held"]);
        office.put("ZLPE20260305234013_delta.xml", b"<kmd>");
        office.after(10).await;
        let told = office.notices().await;
        let about: Vec<&Value> = told.iter().map(|it| &it["about"]).collect();
        assert_eq!(about, ["plan_held", "run_refused"]);
        assert_eq!((&told[0]["read"], &told[0]["gone"]), (&4.into(), &38.into()));
        assert_eq!(told[0]["brakes"][0]["brake"], "gone");
        assert!(!told[0].to_string().contains("Hansen"), "{}", told[0]);
        office.after(10).await;
        assert_eq!(office.notices().await.len(), 2, "the same is told once");
    }
}

#[tokio::test]
async fn a_place_that_nobody_can_get_to_is_tried_ever_more_seldom_and_told_once() {
    for mut office in Office::each("watch_every_s = 10", "2026-03-06T05:00:00Z").await {
        let away = format!("{}-away", office.world.folder());
        std::fs::rename(office.world.folder(), &away).unwrap();
        let mut looks = 0;
        for _ in 0..60 {
            looks += office.after(10).await.len();
        }
        assert!((4..10).contains(&looks), "{looks} looks in ten minutes");
        let told = office.notices().await;
        assert_eq!((told.len(), &told[0]["about"]), (1, &"source_unreachable".into()));
        std::fs::rename(&away, office.world.folder()).unwrap();
        office.put(NIGHT, &file(3));
        office.after(3_600).await;
        office.after(30).await;
        assert_eq!(office.runs().await, ["applied"]);
    }
}
