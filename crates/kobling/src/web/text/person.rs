//! What the pages of people say.

use super::texts;

texts! {
    PEOPLE_LEAD:
        "Search by name, or by the number of an employment. Each row is one employment on the day.",
        "Søg på navn eller på et ansættelsesnummer. Hver række er én ansættelse på dagen.",
        "Zoek op naam of op het nummer van een dienstverband. Elke rij is één dienstverband op die dag.";
    FIND: "Name or employment number", "Navn eller ansættelsesnummer", "Naam of nummer van het dienstverband";
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
    KNOWN_AT:
        "This is what the hub knew at {at}. Move to the right end to see what it knows now.",
        "Dette er, hvad navet vidste {at}. Flyt helt til højre for at se, hvad det ved nu.",
        "Dit is wat de hub op {at} wist. Schuif helemaal naar rechts om te zien wat hij nu weet.";
    STEP: "Or as known at one of {n} moments", "Eller som kendt på et af {n} tidspunkter", "Of zoals bekend op een van {n} momenten";
    REVEAL: "Show the whole number", "Vis hele nummeret", "Het hele nummer tonen";
    REVEAL_PURPOSE: "What do you need it for?", "Hvad skal du bruge det til?", "Waarvoor hebt u het nodig?";
    REVEAL_HINT:
        "It is kept in the audit log with your name, and the person can see it.",
        "Det gemmes i revisionsloggen med dit navn, og personen kan se det.",
        "Het wordt met uw naam in het controlelogboek bewaard en de persoon kan het zien.";
    REVEALED: "The whole number", "Hele nummeret", "Het hele nummer";
    REVEALED_HINT:
        "It is hidden again after 60 seconds.",
        "Det skjules igen efter 60 sekunder.",
        "Na 60 seconden wordt het weer verborgen.";
    PURPOSE_LACKS:
        "Write what you need the number for.",
        "Skriv, hvad du skal bruge nummeret til.",
        "Schrijf waarvoor u het nummer nodig hebt.";
    PURPOSE_NUMBER:
        "What you wrote looks like a national number. Take it out.",
        "Det, du skrev, ligner et CPR-nummer. Fjern det.",
        "Wat u schreef lijkt op een BSN. Haal het weg.";
    EXTRACT_MINE: "Who got what about me", "Hvem fik hvad om mig", "Wie kreeg wat over mij";
    EXTRACT_OF: "Who got what about {name}", "Hvem fik hvad om {name}", "Wie kreeg wat over {name}";
    EXTRACT_LINK: "Who got what about this person", "Hvem fik hvad om denne person", "Wie kreeg wat over deze persoon";
    EXTRACT_LEAD:
        "Which systems may have it, who saw it, and what the hub knows.",
        "Hvilke it-systeminstanser der må have det, hvem der så det, og hvad navet ved.",
        "Welke systemen het mogen hebben, wie het zag en wat de hub weet.";
    WHO_GOT: "Systems that may have it", "It-systeminstanser, der må have det", "Systemen die het mogen hebben";
    NO_TARGETS:
        "No system may have anything: no agreement is in force.",
        "Ingen it-systeminstans må have noget: ingen aftale gælder.",
        "Geen systeem mag iets hebben: er geldt geen overeenkomst.";
    HAS_IT: "Has it now", "Har det nu", "Heeft het nu";
    FOR_WHAT: "What for", "Til hvad", "Waarvoor";
    LEGAL_BASIS: "Legal basis", "Hjemmel", "Rechtsgrond";
    FIELDS: "Fields", "Felter", "Velden";
    FIRST_TAKEN: "First taken", "Først modtaget", "Eerst aangenomen";
    LAST_TAKEN: "Last taken", "Senest modtaget", "Laatst aangenomen";
    WHO_SAW: "Who saw it", "Hvem så det", "Wie het zag";
    WHEN: "When", "Hvornår", "Wanneer";
    WHO: "Who", "Hvem", "Wie";
    WHERE: "Where", "Hvor", "Waar";
    KNOWN_ON: "As known on", "Som kendt den", "Zoals bekend op";
    FIELD: "Draw", "Tegn", "Teken";
    DAY_WRONG:
        "The day is not understood. Write it as 5 Mar 2026 or 2026-03-05.",
        "Dagen kan ikke forstås. Skriv den som 05.03.2026.",
        "De dag is niet begrepen. Schrijf hem als 05-03-2026.";
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
    ABSENCES: "Absences", "Fravær", "Afwezigheden";
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
    LEADS: "Leads", "Leder", "Geeft leiding";
    SEE_PEOPLE: "See the people", "Se personerne", "Toon de mensen";
    EXPIRES: "Expires first", "Udløber først", "Verloopt het eerst";
    BACK: "Back to my people", "Tilbage til mine medarbejdere", "Terug naar mijn medewerkers";
}
