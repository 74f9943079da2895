//! What the pages of runs and plans say.

use super::texts;

texts! {
    RUNS_LEAD:
        "Each run reads one file of one source. The newest stands first.",
        "Hver kørsel læser én fil fra én kilde. Den nyeste står først.",
        "Elke run leest één bestand van één bron. De nieuwste staat vooraan.";
    RUN: "Run", "Kørsel", "Run";
    RUN_NO: "Run {no}", "Kørsel {no}", "Run {no}";
    SOURCE: "Source", "Kilde", "Bron";
    FILE: "File", "Fil", "Bestand";
    FOR_DAY: "Speaks for", "Gælder for", "Geldt voor";
    STARTED: "Started", "Startet", "Gestart";
    ENDED: "Ended", "Sluttet", "Beëindigd";
    STATE: "State", "Tilstand", "Status";
    READ: "Records read", "Læste poster", "Gelezen records";
    APPLIED_N: "Changed the ledger", "Ændrede hovedbogen", "Wijzigden het grootboek";
    UNCHANGED_N: "Changed nothing", "Ændrede intet", "Wijzigden niets";
    HELD_N: "Held", "Holdt tilbage", "Vastgehouden";
    ASIDE_N: "In quarantine", "I karantæne", "In quarantaine";
    GONE_N: "No longer mentioned", "Ikke længere nævnt", "Niet meer genoemd";
    SEE_PLAN: "Open the plan of this run", "Åbn kørslens plan", "Open het plan van deze run";
    PROBLEM: "Why it was refused", "Hvorfor den blev afvist", "Waarom de run is geweigerd";
    PROBLEM_NEXT:
        "Nothing was changed. Ask the sender for a whole file; the next run reads it by itself.",
        "Intet er ændret. Bed afsenderen om en hel fil; den næste kørsel læser den af sig selv.",
        "Er is niets gewijzigd. Vraag de afzender om een volledig bestand; de volgende run leest het vanzelf.";
    READING_LEAD:
        "This run is reading. The page asks again every 2 seconds.",
        "Denne kørsel læser. Siden spørger igen hvert 2. sekund.",
        "Deze run leest. De pagina vraagt elke 2 seconden opnieuw.";

    S_READING: "Reading", "Læser", "Leest";
    S_APPLIED: "Applied", "Gennemført", "Doorgevoerd";
    S_UNCHANGED: "Nothing new", "Intet nyt", "Niets nieuws";
    S_HELD: "Held", "Holdt tilbage", "Vastgehouden";
    S_REFUSED: "Refused", "Ikke godtaget", "Geweigerd";
    S_SUPERSEDED: "Replaced by a newer plan", "Afløst af en nyere plan", "Vervangen door een nieuwer plan";
    S_REJECTED: "Rejected", "Afvist", "Afgewezen";
    S_DRAFT: "Being made", "Under udarbejdelse", "In de maak";

    PLANS_LEAD:
        "A plan is exactly what a run would change. Held plans wait for you.",
        "En plan er præcis det, en kørsel ville ændre. Planer, der holdes, venter på dig.",
        "Een plan is precies wat een run zou wijzigen. Vastgehouden plannen wachten op u.";
    HASH: "Fingerprint", "Fingeraftryk", "Vingerafdruk";
    UNITS_N: "Units", "Enheder", "Eenheden";
    EMPLOYMENTS_N: "Employments", "Ansættelser", "Dienstverbanden";
    OTHERS_N: "Others", "Andre", "Overige";
    BRAKES: "Brakes", "Bremser", "Remmen";

    PLAN_OF: "Plan for {source}, {day}", "Plan for {source}, {day}", "Plan voor {source}, {day}";
    HELD_LEAD:
        "This plan is held. Nothing has changed yet. Read why, look at the examples, then decide below.",
        "Denne plan holdes. Intet er ændret endnu. Læs hvorfor, se på eksemplerne, og beslut nedenfor.",
        "Dit plan wordt vastgehouden. Er is nog niets gewijzigd. Lees waarom, bekijk de voorbeelden en beslis hieronder.";
    DECIDED_LEAD:
        "There is nothing to decide about this plan.",
        "Der er intet at beslutte om denne plan.",
        "Over dit plan valt niets te beslissen.";
    WHY_HELD: "Why it is held", "Hvorfor den holdes", "Waarom het wordt vastgehouden";
    DETAIL: "In figures: {text}", "I tal: {text}", "In cijfers: {text}";
    PROTECTS:
        "1 address would be protected by it, and is not yet.|{n} addresses would be protected by it, and are not yet.",
        "1 adresse ville blive beskyttet af den og er det ikke endnu.|{n} adresser ville blive beskyttet af den og er det ikke endnu.",
        "1 adres zou erdoor worden beschermd en is dat nog niet.|{n} adressen zouden erdoor worden beschermd en zijn dat nog niet.";
    COUNTS: "What it changes", "Hvad den ændrer", "Wat het wijzigt";
    KIND: "What", "Hvad", "Wat";
    REASON: "Why", "Hvorfor", "Waarom";
    NUMBER: "Number", "Antal", "Aantal";
    BY_UNIT: "Unit by unit", "Enhed for enhed", "Per eenheid";
    UNIT: "Unit", "Enhed", "Eenheid";
    LEFT: "Leave it", "Forlader den", "Vertrekken";
    JOINED: "Join it", "Kommer til", "Komen erbij";
    CHANGED: "Changed otherwise", "Ændret på anden måde", "Anders gewijzigd";
    EXAMPLES: "Look in the plan", "Se i planen", "Kijk in het plan";
    EXAMPLES_LEAD:
        "Search by name or number. At most {n} are shown.",
        "Søg på navn eller nummer. Der vises højst {n}.",
        "Zoek op naam of nummer. Er worden er hoogstens {n} getoond.";
    EXAMPLES_MORE:
        "There are more than are shown. Narrow the search.",
        "Der er flere, end der vises. Gør søgningen snævrere.",
        "Er zijn er meer dan getoond. Maak de zoekopdracht nauwer.";
    FIND: "Name or number", "Navn eller nummer", "Naam of nummer";
    ANY: "any", "alle", "alle";
    NAME: "Name", "Navn", "Naam";
    NATIVE: "Number at the source", "Nummer hos kilden", "Nummer bij de bron";
    FROM_DAY: "From", "Fra", "Vanaf";
    FIELDS: "What would read otherwise", "Hvad der ville stå anderledes", "Wat anders zou luiden";
    NOTHING_TOLD: "nothing", "intet", "niets";

    DECIDE: "Decide", "Beslut", "Beslissen";
    DECIDE_REASON: "Reason for your decision", "Begrundelse for din beslutning", "Reden van uw beslissing";
    DECIDE_HINT:
        "It is kept in the audit log with your name. Write no national numbers.",
        "Den gemmes i revisionsloggen med dit navn. Skriv ingen CPR-numre.",
        "Deze wordt met uw naam in het controlelogboek bewaard. Schrijf geen BSN's.";
    RELEASE: "Release the plan", "Frigiv planen", "Plan vrijgeven";
    REJECT: "Reject the plan", "Afvis planen", "Plan afwijzen";
    REASON_LACKS:
        "Write a reason. It may be short.",
        "Skriv en begrundelse. Den må gerne være kort.",
        "Schrijf een reden. Die mag kort zijn.";
    REASON_NUMBER:
        "The reason holds what looks like a national number. Take it out.",
        "Begrundelsen indeholder noget, der ligner et CPR-nummer. Fjern det.",
        "De reden bevat iets dat op een BSN lijkt. Haal het weg.";
    NOT_DONE:
        "The decision was not carried out: {why}",
        "Beslutningen blev ikke udført: {why}",
        "De beslissing is niet uitgevoerd: {why}";
    DECIDED_BY: "Decided by {who}, {at}: {why}", "Besluttet af {who}, {at}: {why}", "Beslist door {who}, {at}: {why}";

    K_UNIT: "Units", "Enheder", "Eenheden";
    K_EMPLOYMENT: "Employments", "Ansættelser", "Dienstverbanden";
    K_PERSON: "Persons", "Personer", "Personen";
    K_POSITION: "Positions", "Stillinger", "Functies";
    K_ACTIVITY: "Activities", "Aktiviteter", "Activiteiten";
    K_QUALIFICATION: "Qualifications", "Kvalifikationer", "Kwalificaties";
    R_CREATED: "New", "Ny", "Nieuw";
    R_CHANGED: "Changed", "Ændret", "Gewijzigd";
    R_ENDED: "Ended", "Ophørt", "Beëindigd";
    R_ANNULLED: "Annulled: it never was", "Annulleret: har aldrig været", "Geannuleerd: is er nooit geweest";
    R_VANISHED: "Vanished: no longer mentioned", "Forsvundet: ikke længere nævnt", "Verdwenen: niet meer genoemd";
    R_REOPENED: "Back again", "Tilbage igen", "Weer terug";
    R_RENUMBERED: "New number", "Nyt nummer", "Nieuw nummer";

    B_GONE:
        "More people or units than usual are missing from the file.",
        "Flere personer eller enheder end normalt mangler i filen.",
        "Er ontbreken meer personen of eenheden dan gewoonlijk in het bestand.";
    B_ROOT:
        "The topmost unit is missing from the file.",
        "Den øverste enhed mangler i filen.",
        "De bovenste eenheid ontbreekt in het bestand.";
    B_EMPTIED:
        "A unit would lose all its people.",
        "En enhed ville miste alle sine medarbejdere.",
        "Een eenheid zou al haar medewerkers verliezen.";
    B_FEWER:
        "The file has fewer records than the last ones.",
        "Filen har færre poster end de seneste.",
        "Het bestand heeft minder records dan de vorige.";
    B_OLDER:
        "The file is older than the last one that was applied.",
        "Filen er ældre end den, der sidst blev gennemført.",
        "Het bestand is ouder dan het laatst doorgevoerde.";
    B_SAME_NAME:
        "A file of this name was read before, with other content.",
        "En fil med dette navn er læst før, med andet indhold.",
        "Een bestand met deze naam is eerder gelezen, met andere inhoud.";
    B_MOVED:
        "A unit with people would be moved below another unit.",
        "En enhed med medarbejdere ville blive flyttet under en anden enhed.",
        "Een eenheid met medewerkers zou onder een andere eenheid komen.";
    B_PROTECTION:
        "A protected address would no longer be protected.",
        "En adressebeskyttelse ville falde bort.",
        "Een geheim adres zou niet meer geheim zijn.";
    B_TREE:
        "The units would no longer hang together as one tree.",
        "Enhederne ville ikke længere hænge sammen som ét træ.",
        "De eenheden zouden niet meer als één boom samenhangen.";
    B_INACTIVATION:
        "A target would be told that many people are no longer active.",
        "Et mål ville få at vide, at mange personer ikke længere er aktive.",
        "Een doel zou te horen krijgen dat veel personen niet meer actief zijn.";
}
