//! What the audit log says.

use super::texts;

texts! {
    AGREEMENT_CLOSE: "Closed an agreement", "Lukkede en aftale", "Sloot een overeenkomst";
    AGREEMENT_REJECT: "Rejected a draft of an agreement", "Afviste et udkast til en aftale", "Wees een concept van een overeenkomst af";
    AGREEMENT_RELEASE: "Released a draft of an agreement", "Frigav et udkast til en aftale", "Gaf een concept van een overeenkomst vrij";
    CONFIGURATION_APPLY: "Applied a configuration", "Lagde en opsætning ind", "Paste een configuratie toe";
    DELIVERY_GIVE_UP: "Gave a message up", "Opgav en besked", "Gaf een bericht op";
    DELIVERY_RELEASE: "Released messages", "Frigav beskeder", "Gaf berichten vrij";
    DELIVERY_RETRY: "Sent dead letters again", "Sendte døde beskeder igen", "Verzond onbestelbare berichten opnieuw";
    EMPLOYMENT_ANNUL: "Annulled an employment", "Annullerede en ansættelse", "Annuleerde een dienstverband";
    EXTRACT_READ: "All about a person", "Alt om en person", "Alles over een persoon";
    GROUP_SAVE: "Wrote a target group", "Skrev en målgruppe", "Schreef een doelgroep";
    NUMBER_REVEAL: "Saw a national number", "Så et CPR-nummer", "Zag een BSN";
    PERSON_READ: "Saw people", "Så personer", "Zag personen";
    PLAN_PROTECT: "Protected the addresses of a plan", "Beskyttede en plans adresser", "Beschermde de adressen van een plan";
    PLAN_REJECT: "Rejected a plan", "Afviste en plan", "Wees een plan af";
    PLAN_RELEASE: "Released a plan", "Frigav en plan", "Gaf een plan vrij";
    PUSH_CLOSE: "Closed a snapshot that was sent", "Afsluttede et tilsendt øjebliksbillede", "Sloot een toegestuurde momentopname af";
    PUSH_OPEN: "Began to send a snapshot", "Begyndte at sende et øjebliksbillede", "Begon een momentopname te sturen";
    PUSH_RECORD: "Sent a record", "Sendte en post", "Stuurde een record";
    QUARANTINE_DECIDE: "Decided on a record in quarantine", "Besluttede om en post i karantæne", "Besliste over een record in quarantaine";
    SESSION_OPEN: "Signed in", "Loggede ind", "Logde in";
    SESSION_REFUSE: "Was refused at sign-in", "Blev afvist ved login", "Is bij het inloggen geweigerd";
    SOURCE_RUN: "Asked for a source to be read", "Bad om at få læst en kilde", "Vroeg een bron te lezen";
    TAKEOVER_DECIDE: "Decided on a take-over", "Besluttede om en overtagelse", "Besliste over een overname";
    TAKEOVER_LIST: "Made the list of a take-over", "Lavede en overtagelses liste", "Maakte de lijst van een overname";
    TAKEOVER_RELEASE: "Released a take-over", "Frigav en overtagelse", "Gaf een overname vrij";
    TARGET_DELIVER: "Delivered files", "Leverede filer", "Leverde bestanden";
    TARGET_DRIFT: "Settled drift", "Ordnede afvigelse", "Regelde afwijking";
    TARGET_MESSAGES: "Made messages", "Lavede beskeder", "Maakte berichten";
    USER_ADD: "Admitted a user", "Oprettede en bruger", "Liet een gebruiker toe";
    USER_CODE_APP: "Gave a user a code app", "Gav en bruger en kodeapp", "Gaf een gebruiker een code-app";
    USER_DISABLE: "Shut a user out", "Lukkede en bruger ude", "Sloot een gebruiker uit";
    USER_GRANT: "Changed the roles of a user", "Ændrede en brugers roller", "Wijzigde de rollen van een gebruiker";
    USER_PASSWORD: "Set a password", "Satte en adgangskode", "Stelde een wachtwoord in";
    USER_RESET: "Let an account sign in again", "Lod en konto logge ind igen", "Liet een account weer inloggen";

    K_AGREEMENT: "agreement", "aftale", "overeenkomst";
    K_COUNT: "1 of them|{n} of them", "1 i alt|{n} i alt", "1 in totaal|{n} in totaal";
    K_EMPLOYMENT: "employment", "ansættelse", "dienstverband";
    K_FILES: "files", "filer", "bestanden";
    K_GROUP: "target group", "målgruppe", "doelgroep";
    K_MESSAGES: "messages", "beskeder", "berichten";
    K_OPERATION: "where", "hvor", "waar";
    K_OBJECTS: "things changed", "ændrede ting", "gewijzigde zaken";
    K_PLAN: "plan", "planen", "het plan";
    K_RUN: "run", "kørsel", "de run";
    K_SOURCE: "source", "kilde", "bron";
    K_SUBJECTS: "people", "personer", "personen";
    K_TARGET: "target", "mål", "doel";
    K_USER: "user", "bruger", "gebruiker";
    K_VERSION: "ledger version", "hovedbogens version", "versie van het grootboek";
}
