//! What the pages of units, the audit log and settings say.

use super::texts;

texts! {
    UNITS_LEAD:
        "The organisation on {day}. Open a unit to see it in the chart.",
        "Organisationen den {day}. Åbn en enhed for at se den i diagrammet.",
        "De organisatie op {day}. Open een eenheid om haar in het schema te zien.";
    ON_DAY: "On the day", "På dagen", "Op de dag";
    DAY_WRONG:
        "The day is not understood. Write it as 5 Mar 2026 or 2026-03-05.",
        "Dagen kan ikke forstås. Skriv den som 05.03.2026.",
        "De dag is niet begrepen. Schrijf hem als 05-03-2026.";
    UNITS_NONE:
        "There were no units on that day. Choose another day.",
        "Der var ingen enheder den dag. Vælg en anden dag.",
        "Op die dag waren er geen eenheden. Kies een andere dag.";
    CHART: "Chart", "Diagram", "Schema";
    CHART_OF: "Chart of {unit}", "Diagram over {unit}", "Schema van {unit}";
    TREE: "All units", "Alle enheder", "Alle eenheden";
    PEOPLE_IN: "1 person|{n} people", "1 person|{n} personer", "1 persoon|{n} personen";
    PEOPLE_HERE: "People in the unit itself", "Personer i enheden selv", "Personen in de eenheid zelf";
    PEOPLE_BELOW: "People with all units below", "Personer med alle enheder nedenfor", "Personen met alle eenheden eronder";
    MANAGER: "Manager", "Leder", "Leidinggevende";
    MANAGER_NONE: "nobody, up to the top", "ingen, helt til toppen", "niemand, tot aan de top";
    NUMBER: "Number", "Nummer", "Nummer";
    NO_NAME: "unit without a name", "enhed uden navn", "eenheid zonder naam";
    MORE_BELOW: "and {n} more below: see the tree", "og {n} flere nedenfor: se træet", "en nog {n} eronder: zie de boom";

    AUDIT_LEAD:
        "Who decided what, and why. The newest stands first. Nothing can be removed.",
        "Hvem besluttede hvad og hvorfor. Det nyeste står først. Intet kan fjernes.",
        "Wie besliste wat en waarom. Het nieuwste staat vooraan. Niets kan worden verwijderd.";
    ACTS_EARLIER: "What was done before these", "Hvad der skete før dem", "Wat daarvoor gebeurde";
    ACTS_NEWEST: "The newest", "De nyeste", "De nieuwste";
    WHEN: "When", "Hvornår", "Wanneer";
    WHO: "Who", "Hvem", "Wie";
    ACT: "Act", "Handling", "Handeling";
    WHY: "Why", "Hvorfor", "Waarom";
    DETAIL: "Details", "Detaljer", "Bijzonderheden";

    SETTINGS_LEAD:
        "This is what is configured. To change it, ask Kobling's administrator.",
        "Dette er, hvad der er sat op. Bed Koblings administrator, hvis det skal ændres.",
        "Dit is wat is ingesteld. Vraag de beheerder van Kobling om het te wijzigen.";
    PARTIES: "Parties", "Parter", "Partijen";
    SYSTEMS: "Systems", "It-systeminstanser", "Systemen";
    SOURCES: "Sources", "Kilder", "Bronnen";
    TARGETS: "Targets", "Mål", "Doelen";
    KEY: "Key", "Nøgle", "Sleutel";
    NAME: "Name", "Navn", "Naam";
    PARTY: "Party", "Part", "Partij";
    SYSTEM: "System", "It-systeminstans", "Systeem";
    PLACE: "Where its files arrive", "Hvor filerne ankommer", "Waar de bestanden aankomen";
    PLACE_TO: "Where it is delivered", "Hvor der leveres", "Waar wordt geleverd";
    BY_HAND: "given by hand", "gives i hånden", "met de hand gegeven";
    SOURCE: "Source", "Kilde", "Bron";
    TARGET: "Target", "Mål", "Doel";
    PURPOSE: "Purpose", "Formål", "Doeleinde";
    LEGAL_BASIS: "Legal basis", "Hjemmel", "Rechtsgrond";
    DAYS: "Days", "Dage", "Dagen";
    FIELDS: "Fields", "Felter", "Velden";
    WEBHOOKS: "Webhooks", "Webhooks", "Webhooks";
    WEBHOOK_URL: "Address", "Adresse", "Adres";
    WEBHOOK_STATE: "Told what happens", "Får besked om hændelser", "Krijgt bericht van gebeurtenissen";
    WEBHOOK_WAITING: "Waiting", "Venter", "Wacht";
    WEBHOOK_SAID: "Last answer", "Seneste svar", "Laatste antwoord";
    WEBHOOK_NEW: "Not started yet", "Ikke startet endnu", "Nog niet gestart";
    WEBHOOK_STARTED: "Yes", "Ja", "Ja";
    WEBHOOK_STOPPED: "No, it was stopped", "Nej, den er stoppet", "Nee, gestopt";
}
