//! What brakes found, and what to do about it.

use super::texts;

texts! {
    GONE:
        "More people or units than usual are missing from the file or end.",
        "Flere personer eller enheder end normalt mangler i filen eller ophører.",
        "Meer personen of eenheden dan gewoonlijk ontbreken in het bestand of eindigen.";
    ROOT:
        "The topmost unit is missing from the file.",
        "Den øverste enhed mangler i filen.",
        "De bovenste eenheid ontbreekt in het bestand.";
    EMPTIED:
        "A unit would lose all its people.",
        "En enhed ville miste alle sine medarbejdere.",
        "Een eenheid zou al haar medewerkers verliezen.";
    FEWER:
        "The file has fewer records than the last ones.",
        "Filen har færre poster end de seneste.",
        "Het bestand heeft minder records dan de vorige.";
    OLDER:
        "The file is older than the last one that was applied.",
        "Filen er ældre end den, der sidst blev gennemført.",
        "Het bestand is ouder dan het laatst doorgevoerde.";
    SAME_NAME:
        "A file of this name was read before, with other content.",
        "En fil med dette navn er læst før, med andet indhold.",
        "Een bestand met deze naam is eerder gelezen, met andere inhoud.";
    MOVED:
        "A unit with people would be moved below another unit.",
        "En enhed med medarbejdere ville blive flyttet under en anden enhed.",
        "Een eenheid met medewerkers zou onder een andere eenheid komen.";
    PROTECTION:
        "A protected address would no longer be protected.",
        "En adressebeskyttelse ville falde bort.",
        "Een geheim adres zou niet meer geheim zijn.";
    TREE:
        "The units would no longer hang together as one tree.",
        "Enhederne ville ikke længere hænge sammen som ét træ.",
        "De eenheden zouden niet meer als één boom samenhangen.";
    INACTIVATION:
        "A target would be told that many people are no longer active.",
        "Et mål ville få at vide, at mange personer ikke længere er aktive.",
        "Een doel zou te horen krijgen dat veel personen niet meer actief zijn.";

    CREATION:
        "A target would be told of many people that it does not have.",
        "Et mål ville få mange personer, som det ikke har.",
        "Een doel zou veel personen krijgen die het niet heeft.";
    CHANGE:
        "A target would be told something else of many people.",
        "Et mål ville få noget andet at vide om mange personer.",
        "Een doel zou over veel personen iets anders te horen krijgen.";

    TOO_MANY_MESSAGES:
        "More messages than usual are waiting to be sent.",
        "Flere beskeder end normalt venter på at blive sendt.",
        "Er wachten meer berichten dan gewoonlijk op verzending.";
    GONE_FIGURES:
        "{count} of {of} {kind} are no longer mentioned or would end. The limit is {limit}.",
        "{count} af {of} {kind} er ikke længere nævnt eller ville ophøre. Grænsen er {limit}.",
        "{count} van {of} {kind} worden niet meer genoemd of zouden eindigen. De grens is {limit}.";
    GONE_BELOW:
        "In unit {unit} and below, {count} of {of} {kind} are no longer mentioned or would end. The limit is {limit}.",
        "I enhed {unit} og nedenfor er {count} af {of} {kind} ikke længere nævnt eller ville ophøre. Grænsen er {limit}.",
        "In eenheid {unit} en eronder worden {count} van {of} {kind} niet meer genoemd of zouden eindigen. De grens is {limit}.";
    ROOT_FIGURES: "It is unit {unit}.", "Det er enhed {unit}.", "Het is eenheid {unit}.";
    EMPTIED_FIGURES:
        "{name} ({unit}) and all below it would lose all of its people: {people}.",
        "{name} ({unit}) og alt nedenfor ville miste alle sine medarbejdere: {people}.",
        "{name} ({unit}) en alles eronder zou alle medewerkers verliezen: {people}.";
    AND_MORE:
        "The same holds for 1 more unit.|The same holds for {n} more units.",
        "Det samme gælder 1 enhed mere.|Det samme gælder {n} enheder mere.",
        "Dit geldt voor nog 1 eenheid.|Dit geldt voor nog {n} eenheden.";
    FEWER_FIGURES:
        "{kind}: {count} records. None of the last files had fewer than {of}. The limit is {limit}.",
        "{kind}: {count} poster. Ingen af de seneste filer havde færre end {of}. Grænsen er {limit}.",
        "{kind}: {count} records. Geen van de laatste bestanden had er minder dan {of}. De grens is {limit}.";
    OLDER_FIGURES:
        "The file is of {day}. One of {applied} has been applied.",
        "Filen er fra {day}. En fra {applied} er gennemført.",
        "Het bestand is van {day}. Er is er een van {applied} doorgevoerd.";
    MOVED_FIGURES:
        "{name} ({unit}) would be moved, with {people} people in it and below.",
        "{name} ({unit}) ville blive flyttet, med {people} medarbejdere i og under den.",
        "{name} ({unit}) zou worden verplaatst, met {people} medewerkers erin en eronder.";
    PROTECTION_FIGURES:
        "It is about 1 person. The limit is {limit}.|It is about {n} people. The limit is {limit}.",
        "Det gælder 1 person. Grænsen er {limit}.|Det gælder {n} personer. Grænsen er {limit}.",
        "Het gaat om 1 persoon. De grens is {limit}.|Het gaat om {n} personen. De grens is {limit}.";
    IN_UNIT: "In unit {unit} and below.", "I enhed {unit} og nedenfor.", "In eenheid {unit} en eronder.";
    INACTIVATION_FIGURES:
        "{count} of {of} active {kind} would be told as no longer active. The limit is {limit}.",
        "{count} af {of} aktive {kind} ville blive meldt som ikke længere aktive. Grænsen er {limit}.",
        "{count} van {of} actieve {kind} zouden als niet meer actief worden gemeld. De grens is {limit}.";
    CREATION_FIGURES:
        "{count} {kind} would be new; the target has {of}. The limit is {limit}.",
        "{count} {kind} ville være nye; målet har {of}. Grænsen er {limit}.",
        "{count} {kind} zouden nieuw zijn; het doel heeft er {of}. De grens is {limit}.";
    CHANGE_FIGURES:
        "{count} of {of} {kind} would be told otherwise. The limit is {limit}.",
        "{count} af {of} {kind} ville blive meldt anderledes. Grænsen er {limit}.",
        "{count} van {of} {kind} zouden anders worden gemeld. De grens is {limit}.";
    MESSAGES_CREATE:
        "1 message would create something. The limit is {limit}.|{n} messages would create something. The limit is {limit}.",
        "1 besked ville oprette noget. Grænsen er {limit}.|{n} beskeder ville oprette noget. Grænsen er {limit}.",
        "1 bericht zou iets aanmaken. De grens is {limit}.|{n} berichten zouden iets aanmaken. De grens is {limit}.";
    MESSAGES_CHANGE:
        "1 message would change something. The limit is {limit}.|{n} messages would change something. The limit is {limit}.",
        "1 besked ville ændre noget. Grænsen er {limit}.|{n} beskeder ville ændre noget. Grænsen er {limit}.",
        "1 bericht zou iets wijzigen. De grens is {limit}.|{n} berichten zouden iets wijzigen. De grens is {limit}.";
    MESSAGES_INACTIVATE:
        "1 of what the target has would be told as no longer active. The limit is {limit}.|{n} of what the target has would be told as no longer active. The limit is {limit}.",
        "1 af dem, målet har, ville blive meldt som ikke længere aktiv. Grænsen er {limit}.|{n} af dem, målet har, ville blive meldt som ikke længere aktive. Grænsen er {limit}.",
        "1 van wat het doel heeft zou als niet meer actief worden gemeld. De grens is {limit}.|{n} van wat het doel heeft zouden als niet meer actief worden gemeld. De grens is {limit}.";

    FAULT_RING:
        "Units stand above each other in a ring: {units}.",
        "Enheder står over hinanden i ring: {units}.",
        "Eenheden staan in een kring boven elkaar: {units}.";
    FAULT_ROOT:
        "Neither unit {unit} nor {other} has a unit above it.",
        "Hverken enhed {unit} eller {other} har en enhed over sig.",
        "Noch eenheid {unit} noch {other} heeft een eenheid boven zich.";
    FAULT_MISSING:
        "Unit {unit} stands below {other}, which is not there.",
        "Enhed {unit} står under {other}, som ikke findes.",
        "Eenheid {unit} staat onder {other}, die er niet is.";
    FAULT_ENDS:
        "Unit {unit} stands below {other}, which ends before it, on {day}.",
        "Enhed {unit} står under {other}, som ophører før den, den {day}.",
        "Eenheid {unit} staat onder {other}, die eerder eindigt, op {day}.";
    FAULT_DEEP:
        "Too many units stand above unit {unit}.",
        "Der står for mange enheder over enhed {unit}.",
        "Er staan te veel eenheden boven eenheid {unit}.";
    FAULTS_MORE:
        "There is 1 more fault.|There are {n} more faults.",
        "Der er 1 fejl mere.|Der er {n} fejl mere.",
        "Er is nog 1 fout.|Er zijn nog {n} fouten.";

    DO_WHOLE:
        "Check that the file is whole. Release the plan if the change is right, else reject it.",
        "Kontrollér, at filen er hel. Frigiv planen, hvis ændringen er rigtig, og afvis den ellers.",
        "Controleer of het bestand volledig is. Geef het plan vrij als de wijziging klopt en wijs het anders af.";
    DO_ROOT:
        "If the file holds changes only, set the source to delta and reject the plan. Release it only if the organisation has a new top.",
        "Hvis filen kun har ændringer, så sæt kilden til delta og afvis planen. Frigiv den kun, hvis organisationen har fået en ny top.",
        "Bevat het bestand alleen wijzigingen, zet de bron dan op delta en wijs het plan af. Geef het alleen vrij als de organisatie een nieuwe top heeft.";
    DO_OLDER:
        "Release the plan to fill in the days in between. Reject it if the file was sent by mistake.",
        "Frigiv planen for at udfylde dagene imellem. Afvis den, hvis filen er sendt ved en fejl.",
        "Geef het plan vrij om de dagen ertussen aan te vullen. Wijs het af als het bestand per ongeluk is verzonden.";
    DO_NAME:
        "Ask the sender which file is right. Release the plan if it is this one, else reject it.",
        "Spørg afsenderen, hvilken fil der er rigtig. Frigiv planen, hvis det er denne, og afvis den ellers.",
        "Vraag de afzender welk bestand klopt. Geef het plan vrij als het dit is en wijs het anders af.";
    DO_MOVED:
        "Managers, and what targets receive, may change. Release the plan if the move is meant, else reject it.",
        "Ledere, og hvad målene får, kan ændre sig. Frigiv planen, hvis flytningen er meningen, og afvis den ellers.",
        "Leidinggevenden, en wat doelen krijgen, kunnen wijzigen. Geef het plan vrij als dit de bedoeling is en wijs het anders af.";
    DO_PROTECTION:
        "Ask payroll. Release the plan if the protection has really ended, else reject it.",
        "Spørg lønkontoret. Frigiv planen, hvis beskyttelsen virkelig er ophørt, og afvis den ellers.",
        "Vraag het de salarisadministratie. Geef het plan vrij als de geheimhouding echt is beëindigd en wijs het anders af.";
    DO_TREE:
        "Managers cannot be found across such a fault. Have the source corrected, or release the plan and live with it.",
        "Ledere kan ikke findes hen over sådan en fejl. Få kilden rettet, eller frigiv planen og lev med det.",
        "Over zo'n fout heen is geen leidinggevende te vinden. Laat de bron verbeteren, of geef het plan vrij en leef ermee.";
    DO_INACTIVATION:
        "Release it if they have really left. Else have the source or the agreement corrected.",
        "Frigiv det, hvis de virkelig er holdt op. Få ellers kilden eller aftalen rettet.",
        "Geef het vrij als ze echt vertrokken zijn. Laat anders de bron of de overeenkomst verbeteren.";
    DO_SET:
        "Look at some of them. Release it if that is right. Else have the source or the agreement corrected.",
        "Se på nogle af dem. Frigiv det, hvis det er rigtigt. Få ellers kilden eller aftalen rettet.",
        "Bekijk er enkele. Geef het vrij als dat klopt. Laat anders de bron of de overeenkomst verbeteren.";
    DO_MESSAGES:
        "Release them if that is right. Else have the source or the agreement corrected.",
        "Frigiv dem, hvis det er rigtigt. Få ellers kilden eller aftalen rettet.",
        "Geef ze vrij als dat klopt. Laat anders de bron of de overeenkomst verbeteren.";
}
