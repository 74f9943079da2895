//! What the overview says.

use super::texts;

texts! {
    LEAD_GOOD:
        "Everything is in order. There is nothing for you to do.",
        "Alt er i orden. Der er intet, du skal gøre.",
        "Alles is in orde. U hoeft niets te doen.";
    LEAD_LOOK:
        "1 thing needs somebody to look at it. It stands first.|{n} things need somebody to look at them. They stand first.",
        "Nogen skal se på 1 ting. Den står først.|Nogen skal se på {n} ting. De står først.",
        "Iemand moet naar 1 punt kijken. Het staat vooraan.|Iemand moet naar {n} punten kijken. Ze staan vooraan.";
    CARDS: "Sources, targets and agreements", "Kilder, mål og aftaler", "Bronnen, doelen en overeenkomsten";
    NOTHING:
        "Nothing is configured yet. Ask Kobling's administrator to apply a configuration.",
        "Intet er sat op endnu. Bed Koblings administrator om at lægge en opsætning ind.",
        "Er is nog niets ingesteld. Vraag de beheerder van Kobling om een configuratie toe te passen.";
    SOURCE: "Source", "Kilde", "Bron";
    TARGET: "Target", "Mål", "Doel";
    AGREEMENT: "Agreement", "Aftale", "Overeenkomst";
    ACTS: "To act: {who}", "Skal handle: {who}", "Aan zet: {who}";
    FRESH: "Data as of {day}", "Data pr. {day}", "Gegevens per {day}";
    AT_READ: "Last read {at}", "Sidst læst {at}", "Laatst gelezen {at}";
    AT_DELIVERED: "Last delivered {at}", "Sidst leveret {at}", "Laatst geleverd {at}";

    IN_ORDER: "Nothing to do.", "Intet at gøre.", "Niets te doen.";
    READING: "A run is reading since {at}. Come back in a moment.", "En kørsel læser siden {at}. Kom tilbage om lidt.", "Een run leest sinds {at}. Kom zo terug.";
    REFUSED:
        "The last file, {input}, was refused. Open the run to see why, and ask the sender for a new file.",
        "Den sidste fil, {input}, blev afvist. Åbn kørslen og se hvorfor, og bed afsenderen om en ny fil.",
        "Het laatste bestand, {input}, is geweigerd. Open de run voor de reden en vraag de afzender om een nieuw bestand.";
    HELD:
        "1 plan is held by a brake. Look at it, then release or reject it.|{n} plans are held by brakes. Look at them, then release or reject them.",
        "1 plan holdes af en bremse. Se på den, og frigiv eller afvis den.|{n} planer holdes af bremser. Se på dem, og frigiv eller afvis dem.",
        "1 plan wordt door een rem vastgehouden. Bekijk het en geef het vrij of wijs het af.|{n} plannen worden door remmen vastgehouden. Bekijk ze en geef ze vrij of wijs ze af.";
    MISSING:
        "The file of {day} should have come by now. Ask the sender why it has not.",
        "Filen for {day} skulle være kommet nu. Spørg afsenderen, hvorfor den ikke er det.",
        "Het bestand van {day} had er nu moeten zijn. Vraag de afzender waarom het er niet is.";
    LATE:
        "No new file for 1 working day. Ask the sender why.|No new file for {n} working days. Ask the sender why.",
        "Ingen ny fil i 1 arbejdsdag. Spørg afsenderen hvorfor.|Ingen ny fil i {n} arbejdsdage. Spørg afsenderen hvorfor.",
        "Al 1 werkdag geen nieuw bestand. Vraag de afzender waarom.|Al {n} werkdagen geen nieuw bestand. Vraag de afzender waarom.";
    NEVER_READ:
        "Nothing has been read yet. Start the first run.",
        "Intet er læst endnu. Start den første kørsel.",
        "Er is nog niets gelezen. Start de eerste run.";
    SET_ASIDE:
        "1 record is in quarantine. Have it corrected at the source.|{n} records are in quarantine. Have them corrected at the source.",
        "1 post er i karantæne. Få den rettet hos kilden.|{n} poster er i karantæne. Få dem rettet hos kilden.",
        "1 record staat in quarantaine. Laat het bij de bron verbeteren.|{n} records staan in quarantaine. Laat ze bij de bron verbeteren.";
    NEVER_DELIVERED:
        "Nothing has been delivered yet. Start the first delivery.",
        "Intet er leveret endnu. Start den første levering.",
        "Er is nog niets geleverd. Start de eerste levering.";
    HELD_MESSAGES:
        "1 message is held by a brake. Look at it, then release it.|{n} messages are held by brakes. Look at them, then release them.",
        "1 besked holdes af en bremse. Se på den, og frigiv den.|{n} beskeder holdes af bremser. Se på dem, og frigiv dem.",
        "1 bericht wordt door een rem vastgehouden. Bekijk het en geef het vrij.|{n} berichten worden door remmen vastgehouden. Bekijk ze en geef ze vrij.";
    DEAD_LETTERS:
        "1 dead letter. Open the deliveries, and send it again or give it up.|{n} dead letters. Open the deliveries, and send them again or give them up.",
        "1 død besked. Åbn leveringerne, og send den igen eller opgiv den.|{n} døde beskeder. Åbn leveringerne, og send dem igen eller opgiv dem.",
        "1 onbestelbaar bericht. Open de leveringen en verzend het opnieuw of geef het op.|{n} onbestelbare berichten. Open de leveringen en verzend ze opnieuw of geef ze op.";
    ON_THE_WAY:
        "1 message is on its way.|{n} messages are on their way.",
        "1 besked er undervejs.|{n} beskeder er undervejs.",
        "1 bericht is onderweg.|{n} berichten zijn onderweg.";
    CLOSED_IN_EMERGENCY:
        "Closed in emergency {at}. Nothing leaves until two people open it again.",
        "Nødlukket {at}. Intet sendes, før to personer åbner igen.",
        "Met een noodsluiting gesloten {at}. Er vertrekt niets tot twee personen weer openen.";
    NO_AGREEMENT:
        "No agreement is in force today, so nothing leaves. Make an agreement, or remove the target.",
        "Ingen aftale gælder i dag, så intet sendes. Indgå en aftale, eller fjern målet.",
        "Er geldt vandaag geen overeenkomst, dus er vertrekt niets. Sluit een overeenkomst of verwijder het doel.";
    DRAFT_WAITS:
        "A draft waits for {party} to release or reject it. Nothing of it is in force before.",
        "Et udkast venter på, at {party} frigiver eller afviser det. Intet af det gælder før.",
        "Een concept wacht tot {party} het vrijgeeft of afwijst. Eerder geldt er niets van.";
    DRAFT_REJECTED:
        "{party} rejected the draft. Read why, and agree on another one.",
        "{party} har afvist udkastet. Læs hvorfor, og bliv enige om et andet.",
        "{party} heeft het concept afgewezen. Lees waarom en word het eens over een ander.";
    DRAFT_OF_NOBODY:
        "A draft waits, and nobody can release it. Ask Kobling's administrator to change the configuration.",
        "Et udkast venter, og ingen kan frigive det. Bed Koblings administrator om at ændre opsætningen.",
        "Een concept wacht en niemand kan het vrijgeven. Vraag de beheerder van Kobling om de configuratie te wijzigen.";
    BEGINS: "It begins on {day}.", "Den begynder {day}.", "Deze begint op {day}.";
    ENDS_SOON:
        "It ends: the last day is {day}. Agree on a new end in time.",
        "Den udløber: sidste dag er {day}. Aftal en ny slutdato i god tid.",
        "Deze loopt af: de laatste dag is {day}. Spreek op tijd een nieuwe einddatum af.";
    ENDED:
        "It ended: the last day was {day}. Nothing is delivered. Agree on a new end, or remove it.",
        "Den er udløbet: sidste dag var {day}. Intet leveres. Aftal en ny slutdato, eller fjern den.",
        "Deze is afgelopen: de laatste dag was {day}. Er wordt niets geleverd. Spreek een nieuwe einddatum af of verwijder deze.";

    DAYS: "The last 14 days", "De seneste 14 dage", "De laatste 14 dagen";
    RUNS_BY_DAY: "Runs each day", "Kørsler hver dag", "Runs per dag";
    CHANGES_BY_DAY: "Changes in the ledger each day", "Ændringer i hovedbogen hver dag", "Wijzigingen in het grootboek per dag";
    FILES_BY_DAY: "Files that targets took each day", "Filer, som målene tog imod hver dag", "Bestanden die doelen per dag aannamen";
    DAY: "Day", "Dag", "Dag";
    RUNS: "Runs", "Kørsler", "Runs";
    STOPPED: "Held or refused", "Holdt eller afvist", "Vastgehouden of geweigerd";
    CHANGES: "Changes", "Ændringer", "Wijzigingen";
    FILES: "Files delivered", "Leverede filer", "Geleverde bestanden";
    AS_TABLE: "Show as a table", "Vis som tabel", "Als tabel tonen";
}
