//! What the pages of agreements say.

use super::texts;

texts! {
    LEAD:
        "Who may receive what, and why. Nothing leaves without an agreement that is in force.",
        "Hvem må modtage hvad og hvorfor. Intet sendes ud uden en aftale, der gælder.",
        "Wie wat mag ontvangen en waarom. Niets gaat naar buiten zonder een overeenkomst die geldt.";
    BACK: "Back to the agreements", "Tilbage til aftalerne", "Terug naar de overeenkomsten";
    AGREEMENT: "Agreement", "Aftale", "Overeenkomst";
    STATE: "State", "Tilstand", "Toestand";
    WAITS_FOR: "Waits for", "Venter på", "Wacht op";
    DRAFTED: "Draft", "Udkast", "Concept";
    COMING: "Begins later", "Begynder senere", "Begint later";
    IN_FORCE: "In force", "Gælder", "Geldt";
    ENDED: "Ended", "Ophørt", "Beëindigd";
    CLOSED_IN_EMERGENCY: "Closed in emergency", "Nødlukket", "Noodsluiting";
    CLOSED_LEAD:
        "Closed in emergency: nothing leaves for {target}, whatever stands below, until two people open the agreement again (kobling agreement reopen {key}).",
        "Nødlukket: intet sendes til {target}, uanset hvad der står nedenfor, før to personer åbner aftalen igen (kobling agreement reopen {key}).",
        "Noodsluiting: er vertrekt niets naar {target}, wat er hieronder ook staat, tot twee personen de overeenkomst weer openen (kobling agreement reopen {key}).";
    REJECTED_BY: "Rejected by {party}", "Afvist af {party}", "Afgewezen door {party}";
    NOBODY: "nobody", "ingen", "niemand";

    DRAFT_LEAD:
        "Version {n} is a draft. It lets nothing out before all its steps are done.",
        "Version {n} er et udkast. Det lader intet slippe ud, før alle trin er udført.",
        "Versie {n} is een concept. Het laat niets naar buiten voordat alle stappen zijn gezet.";
    STEPS: "Steps of version {n}", "Trin i version {n}", "Stappen van versie {n}";
    STEPS_NONE:
        "Nobody else need release it: the employer alone decides.",
        "Ingen andre skal frigive den: arbejdsgiveren bestemmer alene.",
        "Vrijgeven door anderen is niet nodig: de werkgever beslist alleen.";
    STEP: "Step", "Trin", "Stap";
    STEP_SOURCE: "Released by the party of the source", "Frigivet af kildens part", "Vrijgegeven door de partij van de bron";
    STEP_TARGET: "Released by the party of the target", "Frigivet af målets part", "Vrijgegeven door de partij van het doel";
    WHOSE: "Done by", "Udføres af", "Te zetten door";
    SAID: "What was said", "Hvad der blev sagt", "Wat is gezegd";
    OPEN: "Not done yet", "Ikke udført endnu", "Nog niet gezet";
    DONE: "Released", "Frigivet", "Vrijgegeven";
    REJECTED: "Rejected", "Afvist", "Afgewezen";

    DECIDE: "Your step", "Dit trin", "Uw stap";
    DECIDE_LEAD:
        "You speak for {party}. With the last step done, version {n} is in force.",
        "Du taler for {party}. Når det sidste trin er udført, gælder version {n}.",
        "U spreekt voor {party}. Met de laatste stap geldt versie {n}.";
    RELEASE: "Release version {n}", "Frigiv version {n}", "Versie {n} vrijgeven";
    REJECT: "Reject version {n}", "Afvis version {n}", "Versie {n} afwijzen";
    CLOSE: "Close the agreement", "Luk aftalen", "De overeenkomst sluiten";
    CLOSE_LEAD:
        "On the day and after it, nothing more leaves. Closed for today, it stops at once.",
        "Fra og med dagen sendes intet mere ud. Lukkes den for i dag, stopper det straks.",
        "Vanaf die dag gaat er niets meer naar buiten. Voor vandaag gesloten stopt het meteen.";
    CLOSE_ON: "First day without it", "Første dag uden den", "Eerste dag zonder haar";
    DAY_WRONG:
        "The day is not understood, or has passed. Write today or a later one.",
        "Dagen kan ikke forstås eller er passeret. Skriv i dag eller en senere dag.",
        "De dag is niet begrepen of is voorbij. Schrijf vandaag of een latere dag.";
    NOT_SOONER:
        "Nothing was changed: it ends on that day already, or before.",
        "Intet er ændret: den ophører allerede den dag eller før.",
        "Er is niets gewijzigd: zij eindigt al op die dag of eerder.";
    CHANGED:
        "Nothing was done: it stands otherwise by now. Look at it below, then decide.",
        "Intet er gjort: den ser nu anderledes ud. Se den nedenfor, og beslut så.",
        "Er is niets gedaan: zij is intussen anders. Bekijk haar hieronder en beslis dan.";
    NOT_YOURS:
        "Nothing was done: this step is not your party's to do now. The steps below tell whose it is.",
        "Intet er gjort: det er ikke din parts trin nu. Trinene nedenfor viser, hvis det er.",
        "Er is niets gedaan: het is nu niet de stap van uw partij. De stappen hieronder zeggen van wie.";
    NOT_TOGETHER:
        "Nothing was done: it does not fit with what is configured by now. Ask Kobling's administrator.",
        "Intet er gjort: den passer ikke med det, der nu er sat op. Spørg Koblings administrator.",
        "Er is niets gedaan: zij past niet bij wat nu is ingesteld. Vraag de beheerder van Kobling.";
    EMPLOYER_ONLY:
        "Nothing was done: this agreement is the employer's alone.",
        "Intet er gjort: denne aftale er arbejdsgiverens alene.",
        "Er is niets gedaan: deze overeenkomst is van de werkgever alleen.";

    VERSIONS: "Versions", "Versioner", "Versies";
    VERSION: "Version {n}", "Version {n}", "Versie {n}";
    V_DRAFT: "Draft: not in force", "Udkast: gælder ikke", "Concept: geldt niet";
    V_REJECTED: "Rejected: not in force", "Afvist: gælder ikke", "Afgewezen: geldt niet";
    V_WITHDRAWN: "Withdrawn: was never in force", "Trukket tilbage: gjaldt aldrig", "Ingetrokken: heeft nooit gegolden";
    V_IN_FORCE: "In force since {since}", "Gælder siden {since}", "Geldt sinds {since}";
    V_IN_FORCE_UNTIL: "In force since {since}, last day {last}", "Gælder siden {since}, sidste dag {last}", "Geldt sinds {since}, laatste dag {last}";
    V_REPLACED: "Was in force {since} – {until}", "Gjaldt {since} – {until}", "Gold {since} – {until}";
    WRITTEN: "Written {at}", "Skrevet {at}", "Geschreven {at}";
    WRITTEN_BY: "Written {at} by {who}", "Skrevet {at} af {who}", "Geschreven {at} door {who}";
    WRITTEN_WHY: "Written {at} by {who}: {why}", "Skrevet {at} af {who}: {why}", "Geschreven {at} door {who}: {why}";
    GOES_TO: "Goes to: {where}", "Sendes til: {where}", "Gaat naar: {where}";
    GOES_SYSTEM: "system", "it-systeminstans", "systeem";
    GOES_OWNER: "seen to by", "varetages af", "onder beheer van";
    GOES_FORMAT: "kind of delivery", "leveringsform", "soort levering";
    GOES_PROFILE: "profile of the files", "filernes profil", "profiel van de bestanden";
    GOES_GROUPS: "target groups", "målgrupper", "doelgroepen";
    GOES_FUTURE: "coming employments", "kommende ansættelser", "komende dienstverbanden";
    GOES_ENDED: "ended employments", "ophørte ansættelser", "beëindigde dienstverbanden";
    GOES_FOLDER: "folder", "mappe", "map";
    GOES_HOST: "name of the server", "serverens navn", "naam van de server";
    GOES_PORT: "its port", "dens port", "de poort ervan";
    GOES_USER: "signs in as", "logger ind som", "meldt zich aan als";
    GOES_HOST_KEY: "key of the server", "serverens nøgle", "sleutel van de server";
    GOES_CA_FILE: "who vouches for the server", "hvem der borger for serveren", "wie voor de server instaat";
    GOES_URL: "address", "adresse", "adres";
    GOES_METHOD: "way of sending", "afsendelsesmåde", "manier van verzenden";
    DIFFERENCES: "What version {n} changes", "Hvad version {n} ændrer", "Wat versie {n} wijzigt";
    ENTRY: "Part", "Del", "Onderdeel";
    OLD: "Before", "Før", "Voor";
    NEW: "After", "Efter", "Na";
    NOTHING: "nothing", "intet", "niets";
    TEMPLATE: "Who signs", "Hvem der underskriver", "Wie tekent";
    SELF: "the employer alone", "arbejdsgiveren alene", "de werkgever alleen";
    STANDARD: "both parties", "begge parter", "beide partijen";
    SOURCES: "More sources", "Flere kilder", "Meer bronnen";
    MEMBERS: "Members of", "Medlemmer af", "Elk lid van";
    INTERFACES: "Interfaces", "Snitflader", "Interfaces";
    PACKAGES: "Packages", "Pakker", "Pakketten";
    SCOPE: "In or below units", "I eller under enheder", "In of onder eenheden";
    EXCEPT: "But not in or below", "Men ikke i eller under", "Maar niet in of onder";
    FROM: "First day", "Første dag", "Eerste dag";
    UNTIL: "First day without it", "Første dag uden den", "Eerste dag zonder haar";
}
