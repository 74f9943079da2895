//! What letters say that tell of notices.

use super::texts;

texts! {
    HELLO: "Kobling at {employer} writes by itself.", "Kobling hos {employer} skriver af sig selv.", "Kobling bij {employer} schrijft uit zichzelf.";
    LINK: "Look at it and decide here:", "Se på det og tag stilling her:", "Bekijk het en beslis hier:";
    READ_MORE: "Read more here:", "Læs mere her:", "Lees meer hier:";
    HELD_SUBJECT:
        "{source}: a plan is held",
        "{source}: en plan holdes",
        "{source}: een plan wordt vastgehouden";
    HELD_LEAD:
        "The file {input} of {day} was read. A brake holds its plan, and nothing has been changed.",
        "Filen {input} fra {day} er læst. En bremse holder dens plan, og intet er ændret.",
        "Het bestand {input} van {day} is gelezen. Een rem houdt het plan vast en er is niets gewijzigd.";
    HELD_FIGURES:
        "Records read: {read}. Records held: {held}. No longer mentioned: {gone}.",
        "Læste poster: {read}. Poster, der holdes: {held}. Ikke længere nævnt: {gone}.",
        "Gelezen records: {read}. Vastgehouden records: {held}. Niet meer genoemd: {gone}.";
    REFUSED_SUBJECT:
        "{source}: a file was refused",
        "{source}: en fil blev ikke godtaget",
        "{source}: een bestand is geweigerd";
    REFUSED_LEAD:
        "The file {input} was refused.",
        "Filen {input} blev ikke godtaget.",
        "Het bestand {input} is geweigerd.";
    MISSING_SUBJECT:
        "{source}: a file has not come",
        "{source}: en fil er ikke kommet",
        "{source}: een bestand is niet gekomen";
    MISSING_LEAD:
        "The file of {day} should have come by now. Ask the sender why it has not.",
        "Filen for {day} skulle være kommet nu. Spørg afsenderen, hvorfor den ikke er det.",
        "Het bestand van {day} had er nu moeten zijn. Vraag de afzender waarom het er niet is.";
    UNREACHABLE_SUBJECT:
        "{source}: nobody can get to its files",
        "{source}: ingen kan komme til dens filer",
        "{source}: niemand kan bij de bestanden";
    UNREACHABLE_LEAD:
        "Kobling has tried several times. It goes on trying by itself.",
        "Kobling har prøvet flere gange. Den bliver ved af sig selv.",
        "Kobling heeft het meerdere keren geprobeerd. Het blijft het vanzelf proberen.";
    UNREACHABLE_NEXT:
        "Ask Kobling's administrator to test the connection.",
        "Bed Koblings administrator om at prøve forbindelsen.",
        "Vraag de beheerder van Kobling om de verbinding te testen.";
    DELIVERY_SUBJECT:
        "{target}: a delivery is held",
        "{target}: en levering holdes",
        "{target}: een levering wordt vastgehouden";
    DELIVERY_LEAD:
        "A brake holds what the target would be told. Nothing of it has left.",
        "En bremse holder det, som målet ville få at vide. Intet af det er sendt.",
        "Een rem houdt vast wat het doel te horen zou krijgen. Er is niets van verzonden.";
    DEAD_SUBJECT:
        "{target}: dead letters",
        "{target}: døde beskeder",
        "{target}: onbestelbare berichten";
    DEAD_LEAD:
        "The target did not take 1 message, and it is not sent again by itself.|The target did not take {n} messages, and they are not sent again by themselves.",
        "Målet tog ikke imod 1 besked, og den sendes ikke igen af sig selv.|Målet tog ikke imod {n} beskeder, og de sendes ikke igen af sig selv.",
        "Het doel heeft 1 bericht niet aangenomen en het wordt niet vanzelf opnieuw verzonden.|Het doel heeft {n} berichten niet aangenomen en ze worden niet vanzelf opnieuw verzonden.";
    DRAFT_SUBJECT:
        "{agreement}: a draft of the agreement waits for you",
        "{agreement}: et udkast til aftalen venter på jer",
        "{agreement}: een concept van de overeenkomst wacht op u";
    DRAFT_TURN:
        "It is {party}'s turn: step {step} of {steps}.",
        "Det er {party}, der skal handle: trin {step} af {steps}.",
        "Nu is {party} aan zet: stap {step} van {steps}.";
    DRAFT_FIELDS:
        "The draft names 1 field.|The draft names {n} fields.",
        "Udkastet nævner 1 felt.|Udkastet nævner {n} felter.",
        "Het concept noemt 1 veld.|Het concept noemt {n} velden.";
    DRAFT_DIFFERING:
        "It changes 1 part of what is in force.|It changes {n} parts of what is in force.",
        "Det ændrer 1 del af det, der gælder.|Det ændrer {n} dele af det, der gælder.",
        "Het wijzigt 1 onderdeel van wat geldt.|Het wijzigt {n} onderdelen van wat geldt.";
    DRAFT_NEW:
        "Nothing of the agreement has been in force yet.",
        "Intet af aftalen har været gældende endnu.",
        "Van de overeenkomst heeft nog niets gegolden.";
    ENDS_SUBJECT:
        "{agreement}: the agreement ends on {day}",
        "{agreement}: aftalen ophører {day}",
        "{agreement}: de overeenkomst eindigt op {day}";
    ENDS_LEAD:
        "From {day} on the agreement no longer holds, and nothing more leaves by it. That happens by itself. {party} is one of its parties.",
        "Fra og med {day} gælder aftalen ikke længere, og der sendes ikke mere efter den. Det sker af sig selv. {party} er en af dens parter.",
        "Vanaf {day} geldt de overeenkomst niet meer en gaat er niets meer naar buiten op grond daarvan. Dat gebeurt vanzelf. {party} is een van de partijen.";
    ENDS_NEXT:
        "If it is to go on, the employer writes a draft with a later day, which the parties release before then. If not, nobody need do anything.",
        "Skal den fortsætte, skriver arbejdsgiveren et udkast med en senere dag, som parterne frigiver inden da. Ellers skal ingen gøre noget.",
        "Moet zij doorgaan, dan schrijft de werkgever een concept met een latere dag, dat de partijen voor die tijd vrijgeven. Zo niet, dan hoeft niemand iets te doen.";
    REJECTED_SUBJECT:
        "{agreement}: the draft of the agreement was rejected",
        "{agreement}: udkastet til aftalen er afvist",
        "{agreement}: het concept van de overeenkomst is afgewezen";
    REJECTED_LEAD:
        "{party} rejected version {n} in step {step} of {steps}. What was in force before stays so.",
        "{party} har afvist version {n} i trin {step} af {steps}. Det, der gjaldt før, gælder stadig.",
        "{party} heeft versie {n} afgewezen in stap {step} van {steps}. Wat eerder gold, blijft gelden.";
    REJECTED_NEXT:
        "Read why, agree on another draft, and have Kobling's administrator apply it.",
        "Læs hvorfor, bliv enige om et andet udkast, og få Koblings administrator til at lægge det ind.",
        "Lees waarom, word het eens over een ander concept en laat de beheerder van Kobling het toepassen.";
    FOOT:
        "This letter holds no personal data. Answers to it are read by nobody.",
        "Dette brev indeholder ingen personoplysninger. Svar på det læses af ingen.",
        "Deze brief bevat geen persoonsgegevens. Antwoorden erop worden door niemand gelezen.";
}
