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
    SET_NO: "Set {no}", "Sæt {no}", "Set {no}";
    A_CREATE: "create it", "oprette den", "aanmaken";
    A_CHANGE: "change it", "ændre den", "wijzigen";
    A_INACTIVATE: "make it inactive", "gøre den inaktiv", "inactief maken";
    A_FILES: "take the files", "modtage filerne", "de bestanden aannemen";
    IN_PLACE:
        "Written lastingly, and put where it belongs.",
        "Skrevet varigt og lagt, hvor filen hører til.",
        "Blijvend geschreven en gezet waar het hoort.";
    ACCEPTED: "As it should have them", "Som det skal have dem", "Zoals het ze moet hebben";
    RESTS: "The target is left alone until", "Målet får fred indtil", "Het doel wordt met rust gelaten tot";
    NEXT_AT: "Sent next", "Sendes næste gang", "Volgende verzending";
    WHY_HELD: "Why they are held", "Hvorfor de holdes", "Waarom ze worden vastgehouden";
    SUBJECT: "About", "Om", "Over";
    ACTION: "Tells it to", "Beder det om at", "Vraagt te";
    STATE: "State", "Tilstand", "Status";
    ATTEMPTS: "Times sent", "Gange sendt", "Keren verzonden";
    REASON: "Last answer", "Seneste svar", "Laatste antwoord";
    OWNER: "Sees to it", "Tager sig af det", "Wie ervoor zorgt";
    S_PENDING: "On its way", "Undervejs", "Onderweg";
    S_HELD: "Held", "Holdt tilbage", "Vastgehouden";
    SET_STATE: "Set of files", "Sæt af filer", "Set bestanden";
    SET_TAKEN: "The target has taken it", "Målet har modtaget det", "Het doel heeft deze aangenomen";
    SET_DEAD:
        "The target did not take it, and it is not sent again by itself",
        "Målet modtog det ikke, og det sendes ikke igen af sig selv",
        "Het doel nam deze niet aan en deze wordt niet vanzelf opnieuw verzonden";
    SET_NONE: "Nothing has been delivered yet", "Intet er leveret endnu", "Er is nog niets geleverd";
    S_DEAD: "Dead letter", "Død besked", "Onbestelbaar bericht";

    DECIDE: "Decide", "Beslut", "Beslissen";
    DECIDE_REASON: "Reason for your decision", "Begrundelse for din beslutning", "Reden van uw beslissing";
    RELEASE: "Release what is held", "Frigiv det, der holdes", "Vrijgeven wat wordt vastgehouden";
    OF: "Which dead letter", "Hvilken død besked", "Welk onbestelbaar bericht";
    OF_HINT:
        "To give up, choose one. Sending again is for the one chosen, or for all.",
        "Vælg én for at opgive den. At sende igen gælder den valgte eller alle.",
        "Kies er één om op te geven. Opnieuw verzenden geldt voor het gekozen bericht of voor alle.";
    OF_ALL: "all of them", "alle", "alle";
    CHOOSE_ONE:
        "Choose the dead letter that is given up.",
        "Vælg den døde besked, der opgives.",
        "Kies het onbestelbare bericht dat u opgeeft.";
    GIVE_UP: "Give up", "Opgiv", "Opgeven";
    DECIDED_MEANWHILE:
        "Nothing was done: it no longer stands so. Somebody may have decided meanwhile. See how it stands now.",
        "Intet er gjort: sådan står det ikke længere. En anden kan have besluttet imens. Se, hvordan det står nu.",
        "Er is niets gedaan: zo staat het niet meer. Misschien heeft iemand intussen beslist. Kijk hoe het nu staat.";
    UNDER_WAY:
        "Nothing was done: something is being delivered right now. Try again in a moment.",
        "Intet er gjort: der leveres netop nu. Prøv igen om lidt.",
        "Er is niets gedaan: er wordt net geleverd. Probeer het zo opnieuw.";
    NOT_POSSIBLE:
        "Nothing was done: no agreement or configuration allows it now. See the settings.",
        "Intet er gjort: ingen aftale eller opsætning tillader det nu. Se indstillingerne.",
        "Er is niets gedaan: geen overeenkomst of configuratie staat dit nu toe. Bekijk de instellingen.";
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
    DRIFT_NEVER:
        "Nothing was ever delivered there, so nothing can have drifted.",
        "Der er aldrig leveret noget, så der kan ikke være nogen afvigelse.",
        "Er is nooit iets geleverd, dus er kan geen afwijking zijn.";
    DRIFT_UNREADABLE:
        "What lies at the target cannot be read, so drift cannot be told. Ask its operator to look.",
        "Det, der ligger hos målet, kan ikke læses, så afvigelsen kendes ikke. Bed driften der om at se efter.",
        "Wat bij het doel ligt is niet te lezen, dus de afwijking is onbekend. Vraag de beheerder daar om te kijken.";
    KEPT: "Kept there on purpose", "Beholdt der med vilje", "Daar met opzet behouden";
    AGREED: "As they should be", "Som de skal være", "Zoals het moet";
    AWAITED: "Come with the next delivery", "Kommer med næste levering", "Komen met de volgende levering";
    EDITED: "Changed by somebody else", "Ændret af andre", "Door een ander gewijzigd";
    MISSING: "Taken out by somebody else", "Fjernet af andre", "Door een ander verwijderd";
    EXTRA: "Added by somebody else", "Tilføjet af andre", "Door een ander toegevoegd";
}
