//! What every page says.

use super::texts;

texts! {
    DAYS_ALWAYS: "always", "altid", "altijd";
    DAYS_UP_TO: "up to {last}", "til og med {last}", "tot en met {last}";
    DAYS_FROM_ON: "from {from} on", "fra {from}", "vanaf {from}";

    SKIP: "Go to the content", "Gå til indholdet", "Ga naar de inhoud";
    LANGUAGE: "Choose language", "Vælg sprog", "Kies een taal";
    NAVIGATION: "Pages", "Sider", "Pagina's";
    SIGNED_IN_AS: "Signed in: {who}", "Logget ind: {who}", "Ingelogd: {who}";
    SIGN_OUT: "Sign out", "Log ud", "Uitloggen";
    HELP: "Help", "Hjælp", "Hulp";
    DUTY_PHONE: "Call the duty desk: {phone}", "Ring til vagten: {phone}", "Bel de wachtdienst: {phone}";
    DUTY_NO_PHONE:
        "Ask Kobling's administrator in your organisation.",
        "Spørg Koblings administrator i din organisation.",
        "Vraag het aan de beheerder van Kobling in uw organisatie.";

    OVERVIEW: "Overview", "Overblik", "Overzicht";
    RUNS: "Runs", "Kørsler", "Runs";
    PLANS: "Plans", "Planer", "Plannen";
    UNITS: "Units", "Enheder", "Eenheden";
    PEOPLE: "People", "Personer", "Personen";
    MY_PEOPLE: "My people", "Mine medarbejdere", "Mijn medewerkers";
    MY_EXTRACT: "About me", "Om mig", "Over mij";
    GROUPS: "Target groups", "Målgrupper", "Doelgroepen";
    AGREEMENTS: "Agreements", "Aftaler", "Overeenkomsten";
    DELIVERIES: "Deliveries", "Leveringer", "Leveringen";
    AUDIT: "Audit log", "Revisionslog", "Controlelogboek";
    SETTINGS: "Settings", "Indstillinger", "Instellingen";

    TABLE_SHOWN: "Shows {from}–{to} of {all} rows", "Viser {from}–{to} af {all} rækker", "Toont {from}–{to} van {all} rijen";
    TABLE_SHOWN_ONE: "Shows the only row", "Viser den eneste række", "Toont de enige rij";
    TABLE_EMPTY: "Nothing to show here yet.", "Der er intet at vise her endnu.", "Er is hier nog niets te zien.";
    TABLE_NONE_FOUND:
        "Nothing fits “{find}”. Try fewer letters.",
        "Intet passer til “{find}”. Prøv med færre bogstaver.",
        "Niets past bij “{find}”. Probeer minder letters.";
    NONE_FOUND_SO:
        "Nothing is so. Search for less at once.",
        "Intet er sådan. Søg på mindre ad gangen.",
        "Niets voldoet hieraan. Zoek op minder tegelijk.";
    TABLE_FIND: "Search in the table", "Søg i tabellen", "Zoek in de tabel";
    TABLE_SEARCH: "Search", "Søg", "Zoeken";
    TABLE_CLEAR: "Show all", "Vis alle", "Alles tonen";
    TABLE_SORT_UP: "sort, lowest first", "sortér, laveste først", "sorteren, laagste eerst";
    TABLE_SORT_DOWN: "sort, highest first", "sortér, højeste først", "sorteren, hoogste eerst";
    TABLE_PAGES: "Pages of the table", "Tabellens sider", "Pagina's van de tabel";
    TABLE_PREVIOUS: "Previous", "Forrige", "Vorige";
    TABLE_NEXT: "Next", "Næste", "Volgende";
    TABLE_PAGE: "Page {page}", "Side {page}", "Pagina {page}";
    TABLE_EXPORT: "Download the table", "Hent tabellen", "De tabel downloaden";

    TECHNICAL: "In the program's own words (English)", "Med programmets egne ord (engelsk)", "In de eigen woorden van het programma (Engels)";
    FORM_ERRORS: "There is something to correct", "Der er noget at rette", "Er is iets te verbeteren";
    FORM_ERROR: "Error:", "Fejl:", "Fout:";
    SHOW: "Show", "Vis", "Tonen";

    YES: "yes", "ja", "ja";
    NO: "no", "nej", "nee";
    ERASED: "(erased)", "(slettet)", "(gewist)";

    STATE_GOOD: "In order", "I orden", "In orde";
    STATE_LOOK: "Look at it", "Se på det", "Kijk ernaar";
    STATE_BAD: "Does not work", "Virker ikke", "Werkt niet";
}
