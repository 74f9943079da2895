//! What the pages of deliveries say.

use super::texts;

texts! {
    LEAD:
        "What went to each target, and what it answered.",
        "Hvad der gik til hvert mål, og hvad det svarede.",
        "Wat naar elk doel ging en wat het antwoordde.";
    TARGET: "Target", "Mål", "Doel";
    SYSTEM: "System", "It-systeminstans", "Systeem";
    FORMAT: "Takes", "Modtager", "Ontvangt";
    FILES: "sets of files", "sæt af filer", "bestandssets";
    MESSAGES: "messages", "beskeder", "berichten";
    AS_OF: "Data as of", "Data pr.", "Gegevens per";
    LAST: "Last delivered", "Sidst leveret", "Laatst geleverd";
    NEVER: "never", "aldrig", "nooit";
    ON_THE_WAY: "On their way", "Undervejs", "Onderweg";
    HELD: "Held", "Holdt tilbage", "Vastgehouden";
    DEAD: "Dead letters", "Døde beskeder", "Onbestelbare berichten";

    RECEIPTS: "Receipts", "Kvitteringer", "Ontvangstbewijzen";
    SET: "Set", "Sæt", "Set";
    FILE: "File", "Fil", "Bestand";
    BYTES: "Bytes", "Byte", "Grootte in bytes";
    TAKEN: "Taken", "Modtaget", "Aangenomen";
    ANSWER: "Answer", "Svar", "Antwoord";
    PLACE: "Place", "Sted", "Plaats";
    VERSION: "Ledger version", "Hovedbogens version", "Versie van het grootboek";

    UNFINISHED: "Unfinished messages", "Uafsluttede beskeder", "Onafgeronde berichten";
    SUBJECT: "About", "Om", "Over";
    ACTION: "Tells it to", "Beder det om at", "Vraagt te";
    STATE: "State", "Tilstand", "Status";
    ATTEMPTS: "Times sent", "Gange sendt", "Keren verzonden";
    REASON: "Last answer", "Seneste svar", "Laatste antwoord";
    OWNER: "Sees to it", "Tager sig af det", "Wie ervoor zorgt";
    S_PENDING: "On its way", "Undervejs", "Onderweg";
    S_HELD: "Held", "Holdt tilbage", "Vastgehouden";
    S_DEAD: "Dead letter", "Død besked", "Onbestelbaar bericht";

    DECIDE: "Decide", "Beslut", "Beslissen";
    DECIDE_REASON: "Reason for your decision", "Begrundelse for din beslutning", "Reden van uw beslissing";
    RELEASE: "Release what is held", "Frigiv det, der holdes", "Vrijgeven wat wordt vastgehouden";
    RETRY: "Send dead letters again", "Send døde beskeder igen", "Onbestelbare berichten opnieuw verzenden";

    DRIFT: "Drift", "Afvigelse", "Afwijking";
    DRIFT_LEAD:
        "Drift is what the target holds that is neither what it should nor what it was sent.",
        "Afvigelse er det, målet har, som hverken er det, det skal have, eller det, det fik.",
        "Afwijking is wat het doel heeft en dat niet is wat het moet hebben of kreeg.";
    DRIFT_LOOK: "Look for drift now", "Se efter afvigelse nu", "Nu naar afwijking zoeken";
    DRIFT_NONE:
        "No drift: the target holds what it was sent.",
        "Ingen afvigelse: målet har det, det fik.",
        "Geen afwijking: het doel heeft wat het kreeg.";
    DRIFT_FAILED:
        "Drift cannot be told: {why}",
        "Afvigelsen kan ikke oplyses: {why}",
        "De afwijking kan niet worden bepaald: {why}";
    AGREED: "As they should be", "Som de skal være", "Zoals het moet";
    AWAITED: "Come with the next delivery", "Kommer med næste levering", "Komen met de volgende levering";
    EDITED: "Changed by somebody else", "Ændret af andre", "Door een ander gewijzigd";
    MISSING: "Taken out by somebody else", "Fjernet af andre", "Door een ander verwijderd";
    EXTRA: "Added by somebody else", "Tilføjet af andre", "Door een ander toegevoegd";
}
