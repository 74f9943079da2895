//! What the pages of people say.

use super::texts;

texts! {
    PEOPLE_LEAD:
        "Search by name. Each row is one employment on the day.",
        "Søg på navn. Hver række er én ansættelse på dagen.",
        "Zoek op naam. Elke rij is één dienstverband op die dag.";
    FIND: "Name, or a part of it", "Navn eller en del af det", "Naam of een deel ervan";
    FIND_NUMBER:
        "Nobody is looked up by a national number. Type a name.",
        "Ingen slås op på CPR-nummer. Skriv et navn.",
        "Niemand wordt op BSN opgezocht. Typ een naam.";
    ON_DAY: "On the day", "På dagen", "Op de dag";
    MORE:
        "There are more than are shown. Type more of the name.",
        "Der er flere, end der vises. Skriv mere af navnet.",
        "Er zijn er meer dan getoond. Typ meer van de naam.";
    NAME: "Name", "Navn", "Naam";
    NO_NAME: "no name is told", "intet navn er oplyst", "geen naam bekend";
    TITLE: "Position", "Stilling", "Functie";
    UNIT: "Unit", "Enhed", "Eenheid";
    EMPLOYMENT: "Employment", "Ansættelse", "Dienstverband";
    DAYS: "Days", "Dage", "Dagen";

    KNOWN_LEAD:
        "This is what the hub knows now.",
        "Dette er, hvad navet ved nu.",
        "Dit is wat de hub nu weet.";
    KNOWN_THEN:
        "This is what the hub knew at the end of {day}. Empty the day to see what it knows now.",
        "Dette er, hvad navet vidste ved udgangen af {day}. Slet dagen for at se, hvad det ved nu.",
        "Dit is wat de hub aan het eind van {day} wist. Maak de dag leeg om te zien wat hij nu weet.";
    KNOWN_ON: "As known on", "Som kendt den", "Zoals bekend op";
    FIELD: "Draw", "Tegn", "Teken";
    DAY_WRONG:
        "The day is not understood. Write it as 2026-03-05.",
        "Dagen kan ikke forstås. Skriv den som 2026-03-05.",
        "De dag is niet begrepen. Schrijf hem als 2026-03-05.";
    NOTHING_KNOWN:
        "Nothing was known on that day. Choose a later one.",
        "Intet var kendt den dag. Vælg en senere.",
        "Op die dag was nog niets bekend. Kies een latere.";
    NUMBER: "National number", "CPR-nummer", "Burgerservicenummer (BSN)";
    NUMBER_NONE: "not known", "ikke kendt", "niet bekend";
    PRIMARY: "Primary employment", "Primær ansættelse", "Hoofddienstverband";
    SAME_AS: "Is one with", "Er sammenkædet med", "Is gekoppeld met";
    MANAGER: "Manager", "Leder", "Leidinggevende";
    MANAGER_NONE: "nobody, up to the top", "ingen, helt til toppen", "niemand, tot aan de top";
    EMPLOYMENTS: "Employments", "Ansættelser", "Dienstverbanden";
    QUALIFICATIONS: "Qualifications", "Kvalifikationer", "Kwalificaties";
    ACTIVITIES: "Activities", "Aktiviteter", "Activiteiten";
    EXPIRED: "expired", "udløbet", "verlopen";

    TIMELINE: "Timeline", "Tidslinje", "Tijdlijn";
    TIMELINE_OF: "Timeline of {field}, employment {number}", "Tidslinje for {field}, ansættelse {number}", "Tijdlijn van {field}, dienstverband {number}";
    TIMELINE_LEAD:
        "Across: the days on which it holds. Down: when the hub came to know it. Filled boxes are believed now, dashed ones no more.",
        "Vandret: de dage, det gælder. Lodret: hvornår navet fik det at vide. Fyldte felter gælder nu, stiplede ikke mere.",
        "Horizontaal: de dagen waarop het geldt. Verticaal: wanneer de hub het te weten kwam. Gevulde vakken gelden nu, gestippelde niet meer.";
    TIMELINE_TODAY: "today", "i dag", "vandaag";
    AS_TABLE: "Show the timeline as a table", "Vis tidslinjen som tabel", "De tijdlijn als tabel tonen";
    KNOWN_FROM: "Known from", "Kendt fra", "Bekend vanaf";
    KNOWN_UNTIL: "Known until", "Kendt til", "Bekend tot";
    STILL: "still", "stadig", "nog steeds";

    VALUES: "Values, where they come from and where they went", "Værdier, hvor de kommer fra, og hvor de gik hen", "Waarden, waar ze vandaan komen en waar ze heen gingen";
    PERSON_VALUES: "The person", "Personen", "De persoon";
    EMPLOYMENT_VALUES: "Employment {number}", "Ansættelse {number}", "Dienstverband {number}";
    VALUE: "Value", "Værdi", "Waarde";
    ORIGIN: "Comes from", "Kommer fra", "Komt van";
    ORIGIN_TOLD: "{source}: {file}, record {record}", "{source}: {file}, post {record}", "{source}: {file}, record {record}";
    RUN: "run {run}", "kørsel {run}", "run {run}";
    RULE: "Rule", "Regel", "Regel";
    RULE_STATED: "Stated by the source", "Oplyst af kilden", "Vermeld door de bron";
    RULE_ASSUMED:
        "Assumed: the source states it from {day}",
        "Antaget: kilden oplyser det fra {day}",
        "Aangenomen: de bron vermeldt het vanaf {day}";
    WENT: "Went to", "Gik til", "Ging naar";
    WENT_AT: "{target}, {at}", "{target}, {at}", "{target}, {at}";
    WENT_NOT_YET: "{target}: not yet", "{target}: endnu ikke", "{target}: nog niet";
    WENT_NOBODY: "nobody", "ingen", "niemand";

    MY_LEAD:
        "1 person. Open a leader to see the people below.|{n} people. Whose qualification expires first stands first. Open a leader to see the people below.",
        "1 person. Åbn en leder for at se personerne nedenfor.|{n} personer. Den, hvis kvalifikation udløber først, står øverst. Åbn en leder for at se personerne nedenfor.",
        "1 persoon. Open een leidinggevende voor de mensen eronder.|{n} personen. Wiens kwalificatie het eerst verloopt, staat bovenaan. Open een leidinggevende voor de mensen eronder.";
    MY_NONE:
        "You lead no unit today. Tell HR if that is wrong.",
        "Du leder ingen enhed i dag. Sig det til HR, hvis det er forkert.",
        "U leidt vandaag geen eenheid. Meld het aan HR als dat niet klopt.";
    MY_UNKNOWN:
        "The hub does not know which person you are. Ask your administrator to tell it.",
        "Navet ved ikke, hvem du er. Bed din administrator om at oplyse det.",
        "De hub weet niet welke persoon u bent. Vraag uw beheerder om het te melden.";
    MY_UNITS: "Units", "Enheder", "Eenheden";
    TEAM_OF: "People led by {name}", "Personer, som {name} leder", "Personen die {name} leidt";
    LEADS: "Leads it: see the people below", "Leder den: se personerne nedenfor", "Leidt deze: zie de mensen eronder";
    EXPIRES: "Expires first", "Udløber først", "Verloopt het eerst";
    BACK: "Back to my people", "Tilbage til mine medarbejdere", "Terug naar mijn medewerkers";
}
