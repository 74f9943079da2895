//! What the pages of runs and plans say.

use super::texts;

texts! {
    RUNS_LEAD:
        "Each run reads one file of one source. The newest stands first.",
        "Hver kørsel læser én fil fra én kilde. Den nyeste står først.",
        "Elke run leest één bestand van één bron. De nieuwste staat vooraan.";
    READ_NOW: "Read a source now", "Læs en kilde nu", "Nu een bron lezen";
    READ_NOW_LEAD:
        "Within seconds the hub looks what waits at the source, and reads it.",
        "Inden for få sekunder kigger navet efter, hvad der venter hos kilden, og læser det.",
        "Binnen enkele seconden kijkt de hub wat bij de bron wacht, en leest het.";
    READ_ASKED:
        "{source} is looked at within seconds. Open this page again to see the run.",
        "Der kigges efter hos {source} inden for få sekunder. Åbn siden igen for at se kørslen.",
        "Binnen enkele seconden wordt bij {source} gekeken. Open deze pagina opnieuw om de run te zien.";
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
    P_CUT:
        "The file is empty, or ends too early. Nothing was changed.",
        "Filen er tom eller slutter for tidligt. Intet er ændret.",
        "Het bestand is leeg of eindigt te vroeg. Er is niets gewijzigd.";
    P_CUT_NEXT:
        "Ask the sender for the whole file. The next run reads it by itself.",
        "Bed afsenderen om hele filen. Den næste kørsel læser den af sig selv.",
        "Vraag de afzender om het hele bestand. De volgende run leest het vanzelf.";
    P_FORM:
        "The file is not of the form that was agreed. Nothing was changed.",
        "Filen har ikke den form, der er aftalt. Intet er ændret.",
        "Het bestand heeft niet de afgesproken vorm. Er is niets gewijzigd.";
    P_FORM_NEXT:
        "Send the sender what stands below. They can see from it what to mend.",
        "Send afsenderen det, der står nedenfor. Det viser, hvad der skal rettes.",
        "Stuur de afzender wat hieronder staat. Daaruit blijkt wat er te verbeteren is.";
    P_CLIENT:
        "The file is of another employer. Nothing was changed, and nothing of it was kept.",
        "Filen er fra en anden arbejdsgiver. Intet er ændret, og intet af den er gemt.",
        "Het bestand is van een andere werkgever. Er is niets gewijzigd en niets ervan bewaard.";
    P_CLIENT_NEXT:
        "Tell the sender at once: somebody's data went to the wrong place.",
        "Sig det straks til afsenderen: nogens oplysninger er sendt til det forkerte sted.",
        "Meld het meteen aan de afzender: er zijn gegevens naar de verkeerde plaats gegaan.";
    P_FUTURE:
        "The file is dated after the day it was read. Nothing was changed.",
        "Filen er dateret efter den dag, den blev læst. Intet er ændret.",
        "Het bestand is gedateerd na de dag waarop het is gelezen. Er is niets gewijzigd.";
    P_FUTURE_NEXT:
        "It is read when its day has come. If the date is wrong, ask the sender for it under its right name.",
        "Den læses, når dagen er kommet. Er datoen forkert, så bed afsenderen om filen under det rigtige navn.",
        "Het wordt gelezen als de dag er is. Klopt de datum niet, vraag de afzender dan om het bestand onder de juiste naam.";
    P_UNREACHABLE:
        "The file could not be fetched or read. Nothing was changed.",
        "Filen kunne ikke hentes eller læses. Intet er ændret.",
        "Het bestand kon niet worden opgehaald of gelezen. Er is niets gewijzigd.";
    P_UNREACHABLE_NEXT:
        "Ask Kobling's administrator whether the place is there and may be read.",
        "Spørg Koblings administrator, om stedet findes og må læses.",
        "Vraag de beheerder van Kobling of de plaats er is en gelezen mag worden.";
    P_SETTINGS:
        "The source cannot be used as it is set up. Nothing was changed.",
        "Kilden kan ikke bruges, som den er sat op. Intet er ændret.",
        "De bron is zoals ingesteld niet te gebruiken. Er is niets gewijzigd.";
    P_SETTINGS_NEXT:
        "Ask Kobling's administrator to correct its settings.",
        "Bed Koblings administrator om at rette dens indstillinger.",
        "Vraag de beheerder van Kobling om de instellingen te verbeteren.";
    P_FAILED:
        "Something went wrong here, not in the file. Nothing was changed.",
        "Noget gik galt hos os, ikke i filen. Intet er ændret.",
        "Er ging hier iets mis, niet in het bestand. Er is niets gewijzigd.";
    P_FAILED_NEXT:
        "The next run tries again. If it goes on, tell the duty desk.",
        "Den næste kørsel prøver igen. Fortsætter det, så sig det til vagten.",
        "De volgende run probeert het opnieuw. Blijft het misgaan, meld het dan aan de wachtdienst.";
    READING_LEAD:
        "The page asks again every 2 seconds. A run that stays as it is for long has died; the next one begins anew.",
        "Siden spørger igen hvert 2. sekund. En kørsel, der længe ikke rører sig, er død; den næste begynder forfra.",
        "De pagina vraagt elke 2 seconden opnieuw. Een run die lang niet verder komt, is gestopt; de volgende begint opnieuw.";
    STILL_LEAD:
        "The page stays as it was when you opened it.",
        "Siden bliver, som den var, da du åbnede den.",
        "De pagina blijft zoals ze was toen u haar opende.";
    BE_STILL: "Stop asking again", "Stop med at spørge igen", "Niet meer opnieuw vragen";
    GO_ON: "Ask again by itself", "Spørg igen af sig selv", "Weer vanzelf opnieuw vragen";
    READ_SO_FAR:
        "1 record has been read.|{n} records have been read.",
        "1 post er læst.|{n} poster er læst.",
        "Er is 1 record gelezen.|Er zijn {n} records gelezen.";
    READ_OF:
        "{read} records have been read. The last run read {usual}.",
        "{read} poster er læst. Den seneste kørsel læste {usual}.",
        "Er zijn {read} records gelezen. De vorige run las er {usual}.";

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
    WHY_WAS_HELD: "Why it was held", "Hvorfor den blev holdt", "Waarom het werd vastgehouden";
    WHY_HELD: "Why it is held", "Hvorfor den holdes", "Waarom het wordt vastgehouden";
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

    PREVIEW_LINK: "See what each target would be sent", "Se, hvad hvert mål ville få", "Bekijk wat elk doel zou krijgen";
    PREVIEW_SLOW:
        "It can take a minute where there are many people.",
        "Det kan tage et minut, hvor der er mange personer.",
        "Bij veel personen kan dat een minuut duren.";
    PREVIEW: "What targets would be sent", "Hvad målene ville få", "Wat de doelen zouden krijgen";
    PREVIEW_LEAD:
        "So it would be if this plan were released on {day}. Nothing has been changed or sent.",
        "Sådan ville det være, hvis denne plan blev frigivet {day}. Intet er ændret eller sendt.",
        "Zo zou het zijn als dit plan op {day} werd vrijgegeven. Er is niets gewijzigd of verzonden.";
    PREVIEW_NONE: "It would be sent nothing new.", "Det ville ikke få noget nyt.", "Het zou niets nieuws krijgen.";
    PREVIEW_NO_TARGETS: "No target is configured.", "Der er ikke sat noget mål op.", "Er is geen doel ingesteld.";
    PREVIEW_REFUSED:
        "As things stand it would be sent nothing at all.",
        "Som det står nu, ville det slet intet få.",
        "Zoals het nu staat zou het helemaal niets krijgen.";
    PREVIEW_BRAKES: "A brake would hold it", "En bremse ville holde det", "Een rem zou het vasthouden";
    PREVIEW_SAMPLE: "The first messages", "De første beskeder", "De eerste berichten";
    PREVIEW_ADDED: "Added", "Tilføjes", "Toegevoegd";
    PREVIEW_CHANGED: "Changed", "Ændres", "Gewijzigd";
    PREVIEW_GONE: "Taken out", "Fjernes", "Verwijderd";
    BACK_TO_PLAN: "Back to the plan", "Tilbage til planen", "Terug naar het plan";

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
    DECIDED_MEANWHILE:
        "Nothing was done: somebody else has decided meanwhile. See below who, and why.",
        "Intet er gjort: en anden har besluttet imens. Se nedenfor hvem og hvorfor.",
        "Er is niets gedaan: iemand anders heeft intussen beslist. Zie hieronder wie en waarom.";
    YOU_WROTE: "You had written: {reason}", "Du havde skrevet: {reason}", "U had geschreven: {reason}";
    RECONFIGURED:
        "Nothing was done: the source has been configured otherwise since. Have it read again.",
        "Intet er gjort: kilden er siden sat op på en anden måde. Få den læst igen.",
        "Er is niets gedaan: de bron is sindsdien anders ingesteld. Laat haar opnieuw lezen.";
    MOVED_ON:
        "Nothing was done: another file has been applied since. Have the source read again.",
        "Intet er gjort: en anden fil er gennemført siden. Få kilden læst igen.",
        "Er is niets gedaan: er is sindsdien een ander bestand doorgevoerd. Laat de bron opnieuw lezen.";
    OTHER_FILE:
        "Nothing was done: the file no longer says what the plan was made of. Have the source read again.",
        "Intet er gjort: filen siger ikke længere det, planen blev lavet af. Få kilden læst igen.",
        "Er is niets gedaan: het bestand zegt niet meer waar het plan van is gemaakt. Laat de bron opnieuw lezen.";
    TAMPERED:
        "Nothing was done: what is stored of the plan is not what it was. Tell the duty desk.",
        "Intet er gjort: det, der er gemt af planen, er ikke, hvad det var. Sig det til vagten.",
        "Er is niets gedaan: wat van het plan is opgeslagen, is niet wat het was. Meld het aan de wachtdienst.";
    NOT_DONE:
        "Nothing was done: the plan cannot be decided so. Tell the duty desk the time.",
        "Intet er gjort: planen kan ikke afgøres sådan. Fortæl vagten klokkeslættet.",
        "Er is niets gedaan: zo kan niet over het plan worden beslist. Meld de wachtdienst het tijdstip.";
    DECIDED_BY: "Decided by {who}, {at}: {why}", "Besluttet af {who}, {at}: {why}", "Beslist door {who}, {at}: {why}";

    K_ONE_EMPLOYMENT: "Employment", "Ansættelse", "Dienstverband";
    K_ONE_PERSON: "Person", "Personen", "Persoon";
    K_ONE_POSITION: "Position", "Stilling", "Functie";
    K_ONE_ACTIVITY: "Activity", "Aktivitet", "Activiteit";
    K_ONE_QUALIFICATION: "Qualification", "Kvalifikation", "Kwalificatie";
    K_ONE_ABSENCE: "Absence", "Fravær", "Afwezigheid";
    K_UNIT: "Units", "Enheder", "Eenheden";
    K_EMPLOYMENT: "Employments", "Ansættelser", "Dienstverbanden";
    K_PERSON: "Persons", "Personer", "Personen";
    K_POSITION: "Positions", "Stillinger", "Functies";
    K_ACTIVITY: "Activities", "Aktiviteter", "Activiteiten";
    K_QUALIFICATION: "Qualifications", "Kvalifikationer", "Kwalificaties";
    K_ABSENCE: "Absences", "Fravær", "Afwezigheden";
    R_CREATED: "New", "Ny", "Nieuw";
    R_CHANGED: "Changed", "Ændret", "Gewijzigd";
    R_ENDED: "Ended", "Ophørt", "Beëindigd";
    R_ANNULLED: "Annulled: it never was", "Annulleret: har aldrig været", "Geannuleerd: is er nooit geweest";
    R_VANISHED: "Vanished: no longer mentioned", "Forsvundet: ikke længere nævnt", "Verdwenen: niet meer genoemd";
    R_REOPENED: "Back again", "Tilbage igen", "Weer terug";
    R_RENUMBERED: "New number", "Nyt nummer", "Nieuw nummer";
}
