//! What the pages of target groups say.

use super::texts;

texts! {
    LEAD:
        "A target group is a rule that tells who belongs together. The count is of today.",
        "En målgruppe er en regel, der siger, hvem der hører sammen. Antallet er fra i dag.",
        "Een doelgroep is een regel die zegt wie bij elkaar hoort. Het aantal is van vandaag.";
    NONE:
        "There is no target group yet. Make one: whom it holds is counted while you write it.",
        "Der er ingen målgruppe endnu. Lav en: hvem den rammer, tælles, mens du skriver den.",
        "Er is nog geen doelgroep. Maak er een: wie erin valt, wordt geteld terwijl u schrijft.";
    NEW: "A new target group", "En ny målgruppe", "Een nieuwe doelgroep";
    EDIT: "Change {name}", "Ret {name}", "{name} wijzigen";
    BACK: "Back to the target groups", "Tilbage til målgrupperne", "Terug naar de doelgroepen";
    GROUP: "Target group", "Målgruppe", "Doelgroep";
    RULES: "Rules", "Regler", "Regels";
    COUNT: "People today", "Personer i dag", "Personen vandaag";
    OR: "or", "eller", "of";
    KEY: "Short name", "Kort navn", "Korte naam";
    KEY_HINT:
        "Small letters, digits, - and _. It cannot be changed later.",
        "Små bogstaver, cifre, - og _. Det kan ikke ændres senere.",
        "Kleine letters, cijfers, - en _. Deze is later niet te wijzigen.";
    NAME: "Name", "Navn", "Naam";
    RULE_NO: "Rule {no}", "Regel {no}", "Regel {no}";
    UNITS: "In or below units (numbers, with commas)", "I eller under enheder (numre, med komma)", "In of onder eenheden (nummers, met komma's)";
    EXCEPT: "But not in or below", "Men ikke i eller under", "Maar niet in of onder";
    POSITIONS: "Titles of positions (with commas)", "Stillingsbetegnelser (med komma)", "Functietitels (met komma's)";
    CONTRACTS: "Forms of employment (with commas)", "Ansættelsesformer (med komma)", "Vormen van dienstverband (met komma's)";
    MANAGERS: "Managers", "Ledere", "Leidinggevenden";
    EVERYBODY: "whether they lead or not", "uanset om de leder", "ongeacht of ze leiden";
    ONLY: "only those who lead", "kun dem, der leder", "alleen wie leidt";
    NOT: "only those who do not lead", "kun dem, der ikke leder", "alleen wie niet leidt";
    W_UNITS: "in or below {list}", "i eller under {list}", "in of onder {list}";
    W_EXCEPT: "not in or below {list}", "ikke i eller under {list}", "niet in of onder {list}";
    W_POSITIONS: "title {list}", "betegnelse {list}", "functietitel {list}";
    W_CONTRACTS: "form of employment {list}", "ansættelsesform {list}", "vorm van dienstverband {list}";
    DO_COUNT: "Count", "Tæl", "Tellen";
    DO_SAVE: "Save", "Gem", "Opslaan";
    FOUND:
        "It holds 1 person today. Nothing is saved yet.|It holds {n} people today. Nothing is saved yet.",
        "Den rammer 1 person i dag. Intet er gemt endnu.|Den rammer {n} personer i dag. Intet er gemt endnu.",
        "Er valt vandaag 1 persoon in. Er is nog niets opgeslagen.|Er vallen vandaag {n} personen in. Er is nog niets opgeslagen.";
    FIRST: "Among them", "Blandt dem", "Onder hen";
    KEY_WRONG:
        "Write a short name of small letters, digits, - and _.",
        "Skriv et kort navn af små bogstaver, cifre, - og _.",
        "Schrijf een korte naam van kleine letters, cijfers, - en _.";
    NAME_LACKS:
        "Write what people call it.",
        "Skriv, hvad folk kalder den.",
        "Schrijf hoe mensen haar noemen.";
    RULE_LACKS:
        "Fill in at least one unit, title, form of employment or choice.",
        "Udfyld mindst én enhed, betegnelse, ansættelsesform eller ét valg.",
        "Vul ten minste één eenheid, titel, vorm van dienstverband of keuze in.";
    CHANGED:
        "Nothing was saved: somebody else has written it meanwhile. Look at the difference, then save if yours is to stand.",
        "Intet er gemt: en anden har skrevet den imens. Se forskellen, og gem, hvis din skal gælde.",
        "Er is niets opgeslagen: iemand anders heeft haar intussen geschreven. Bekijk het verschil en sla op als die van u moet gelden.";
    DIFFERENCE: "What differs", "Hvad der er forskelligt", "Wat verschilt";
    PART: "Part", "Del", "Deel";
    THEIRS: "As it stands now", "Som den står nu", "Zoals zij nu is";
    YOURS: "What you wrote", "Hvad du skrev", "Wat u schreef";
}
