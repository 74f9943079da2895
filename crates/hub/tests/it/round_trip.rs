//! Opus → ledger → Opus.

use crate::world::{CLIENT, World, bytes, xml};
use kobling_domain::exchange::{Existence, Stated, existence};
use kobling_domain::people::{Field, Kind, NationalNumber};
use kobling_formats::opus::{self, Connection, Options, Reader};
use kobling_formats::synthetic::Employer;
use kobling_store::people::subject;
use kobling_store::sealed::context;

#[tokio::test]
async fn what_the_ledger_holds_of_an_employer_is_what_was_read_and_can_be_written_again() {
    let employer = Employer::new(300, 9).unwrap();
    let file = bytes(&employer.extract(0));
    for world in World::each().await {
        world.extract(&employer.extract(0)).await;
        let mut reader = Reader::open(file.as_slice(), connection()).unwrap();
        let options = Options::default();
        let (mut written, mut stated_first) = (Vec::new(), Vec::new());
        while let Some(raw) = reader.next_record().unwrap() {
            let Ok(record) = opus::parse(&raw) else { continue };
            let stated = opus::read_record(&raw, record, &options).unwrap().stated;
            if !matches!(stated.existence, Existence::Period(_)) {
                continue;
            }
            let mut held = from_ledger(&world, stated.kind, raw.native_no).await;
            let is_protected = person_is_protected(&world, stated.kind, raw.native_no).await;
            let mut told = stated.clone();
            if is_protected {
                // Another employment of the person is protected: the ledger keeps no address.
                for field in ADDRESS {
                    told.state.remove(field);
                    held.state.remove(field);
                }
            }
            assert_eq!(held, told);
            written.push(opus::to_record(&held, CLIENT, &options).unwrap());
            stated_first.push(told);
        }
        assert!(written.len() > 300);
        // What is written of the ledger is an extract again, and says what was read at first.
        let file = xml(&written);
        let mut reader = Reader::open(file.as_slice(), connection()).unwrap();
        for told in stated_first {
            let raw = reader.next_record().unwrap().unwrap();
            let record = opus::parse(&raw).unwrap();
            let again = opus::read_record(&raw, record, &options).unwrap();
            assert_eq!((again.stated, again.notes), (told, Vec::new()));
        }
        assert!(reader.next_record().unwrap().is_none());
        assert!(reader.finish().unwrap().complete());
        // And who is loaded from it is believed to be what the first ledger believes.
        let other = World::snapshot().await;
        other.run(&employer.extract(0).file_name(), &file).await;
        let of_kind = |kind| {
            let of_kind = written.iter().filter(move |it| it.kind.subject() == kind);
            of_kind.map(|it| it.native_no).collect::<Vec<_>>()
        };
        let (units, employments) = (of_kind(Kind::Unit), of_kind(Kind::Employment));
        let believed = other.believed(&units, &employments).await;
        assert_eq!(believed, world.believed(&units, &employments).await);
    }
}

fn connection() -> Connection {
    Connection { client: Some(CLIENT.to_owned()) }
}

const ADDRESS: [Field; 5] = [
    Field::PersonAddress,
    Field::PersonAddressSupplement,
    Field::PersonPostalCode,
    Field::PersonCity,
    Field::PersonCountry,
];

async fn from_ledger(world: &World, kind: Kind, number: i64) -> Stated {
    let claims = world.claims(kind, number).await;
    assert_eq!(claims.len(), 1, "{kind} {number}");
    let slices: Vec<_> = claims.iter().map(|it| it.slice.clone()).collect();
    Stated {
        kind,
        native: kobling_domain::people::NativeKey::number(number),
        existence: Existence::Period(existence(&slices).unwrap()),
        person: match claims[0].refs.person {
            Some(person) => Some(number_of(world, person).await),
            None => None,
        },
        state: claims[0].slice.state.clone(),
    }
}

async fn number_of(world: &World, person: kobling_domain::id::SubjectNo) -> NationalNumber {
    let mut tx = world.hub.db.read().await.unwrap();
    let person = subject::by_no(&mut tx, world.tenant, &[person]).await.unwrap().remove(0);
    let sealed = person.number_sealed.unwrap();
    let context = context::number(world.tenant, person.id);
    let digits = world.hub.keys.open(&context, &sealed).unwrap();
    NationalNumber::parse(std::str::from_utf8(&digits).unwrap()).unwrap()
}

async fn person_is_protected(world: &World, kind: Kind, number: i64) -> bool {
    let Some(person) = world.claims(kind, number).await[0].refs.person else { return false };
    let mut tx = world.hub.db.read().await.unwrap();
    subject::by_no(&mut tx, world.tenant, &[person]).await.unwrap()[0].protected
}
