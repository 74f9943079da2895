//! What is said to those who are not signed in, or were refused.

use super::texts;

texts! {
    SIGN_IN: "Sign in", "Log ind", "Inloggen";
    SIGN_IN_WRONG:
        "The name, the password or the code is wrong",
        "Navnet, adgangskoden eller koden er forkert",
        "De naam, het wachtwoord of de code klopt niet";
    SIGN_IN_REST:
        "After five wrong tries, nobody can sign in with the name for 15 minutes.",
        "Efter fem forkerte forsøg kan ingen logge ind med navnet i 15 minutter.",
        "Na vijf onjuiste pogingen kan 15 minuten lang niemand met de naam inloggen.";
    EMPLOYER: "Employer", "Arbejdsgiver", "Werkgever";
    EMPLOYER_HINT:
        "The short name that your administrator gave you.",
        "Det korte navn, som din administrator har givet dig.",
        "De korte naam die u van uw beheerder hebt gekregen.";
    USER: "User name", "Brugernavn", "Gebruikersnaam";
    PASSWORD: "Password", "Adgangskode", "Wachtwoord";
    CODE: "Code from your code app", "Kode fra din kodeapp", "Code uit uw code-app";
    CODE_HINT:
        "Leave it empty if you have no code app.",
        "Lad feltet stå tomt, hvis du ikke har en kodeapp.",
        "Laat dit leeg als u geen code-app hebt.";
    SERVICE: "Sign in through your employer", "Log ind via din arbejdsgiver", "Inloggen via uw werkgever";
    SERVICE_NAMED: "Sign in with {service}", "Log ind med {service}", "Inloggen met {service}";
    WITH_PASSWORD: "Sign in with a password", "Log ind med adgangskode", "Inloggen met een wachtwoord";
    SERVICE_AWAY: "The sign-in service gives no usable answer", "Logintjenesten giver intet brugbart svar", "De inlogdienst geeft geen bruikbaar antwoord";
    SERVICE_AWAY_NEXT:
        "Try again in some minutes. If you have a password here, you can use it meanwhile.",
        "Prøv igen om nogle minutter. Har du en adgangskode her, kan du bruge den imens.",
        "Probeer het over enkele minuten opnieuw. Hebt u hier een wachtwoord, dan kunt u dat intussen gebruiken.";
    SERVICE_DENIED: "The sign-in service did not let you in", "Logintjenesten lukkede dig ikke ind", "De inlogdienst heeft u niet toegelaten";
    SERVICE_DENIED_NEXT:
        "Try again. If it goes on, ask those who look after the service.",
        "Prøv igen. Fortsætter det, så spørg dem, der driver tjenesten.",
        "Probeer het opnieuw. Blijft het misgaan, vraag het dan aan wie de dienst beheert.";
    SERVICE_STALE: "That took too long, or began in another browser", "Det tog for lang tid eller begyndte i en anden browser", "Dat duurde te lang of begon in een andere browser";
    SERVICE_STALE_NEXT:
        "Sign in once more, here in this browser.",
        "Log ind en gang til, her i denne browser.",
        "Log nog een keer in, hier in deze browser.";
    SERVICE_UNKNOWN: "You may not use Kobling yet", "Du har ikke adgang til Kobling endnu", "U hebt nog geen toegang tot Kobling";
    SERVICE_UNKNOWN_NEXT:
        "The sign-in service knows you, but you are no user here. Ask your administrator to add you.",
        "Logintjenesten kender dig, men du er ikke bruger her. Bed din administrator om at tilføje dig.",
        "De inlogdienst kent u, maar u bent hier geen gebruiker. Vraag uw beheerder om u toe te voegen.";
    SERVICE_UNKNOWN_ASK:
        "The sign-in service knows you, but you are no user here. Ask {contact} to add you.",
        "Logintjenesten kender dig, men du er ikke bruger her. Bed {contact} om at tilføje dig.",
        "De inlogdienst kent u, maar u bent hier geen gebruiker. Vraag {contact} om u toe te voegen.";
    EMPLOYERS: "Which employer?", "Hvilken arbejdsgiver?", "Welke werkgever?";
    EMPLOYERS_LEAD:
        "Several employers know you. Choose the one you work for now.",
        "Flere arbejdsgivere kender dig. Vælg den, du arbejder for nu.",
        "Meerdere werkgevers kennen u. Kies voor wie u nu werkt.";
    NO_PASSWORD: "Sign in without a password", "Log ind uden adgangskode", "Inloggen zonder wachtwoord";
    SIGN_IN_LEAD:
        "Open the sign-in link that you were given. It works once.",
        "Åbn det loginlink, du har fået. Det virker én gang.",
        "Open de inloglink die u hebt gekregen. Die werkt één keer.";
    SIGN_IN_NEW:
        "No sign-in link, or used already? Ask your administrator for a new one.",
        "Intet loginlink, eller er det brugt? Bed din administrator om et nyt.",
        "Geen inloglink, of al gebruikt? Vraag uw beheerder om een nieuwe.";

    NOT_SIGNED_IN: "You are not signed in", "Du er ikke logget ind", "U bent niet ingelogd";
    NOT_SIGNED_IN_NEXT:
        "Sign in, and open the page again.",
        "Log ind, og åbn siden igen.",
        "Log in en open de pagina opnieuw.";
    NOT_ALLOWED: "Your role does not allow this", "Din rolle giver ikke adgang til dette", "Uw rol staat dit niet toe";
    NOT_ALLOWED_NEXT:
        "Ask the owner at your employer for the right role.",
        "Bed ejeren hos din arbejdsgiver om den rette rolle.",
        "Vraag de eigenaar bij uw werkgever om de juiste rol.";
    FORM_OLD: "The form was too old", "Formularen var for gammel", "Het formulier was te oud";
    FORM_OLD_NEXT:
        "Nothing was changed. Go back, load the page again and send the form once more.",
        "Intet er ændret. Gå tilbage, hent siden igen, og send formularen en gang til.",
        "Er is niets gewijzigd. Ga terug, laad de pagina opnieuw en verstuur het formulier nog eens.";
    NOT_UNDERSTOOD: "The address or form is not understood", "Adressen eller formularen kan ikke forstås", "Het adres of formulier is niet begrepen";
    NOT_UNDERSTOOD_NEXT:
        "Go back and correct what you typed.",
        "Gå tilbage, og ret det, du skrev.",
        "Ga terug en verbeter wat u hebt getypt.";
    NOT_FOUND: "There is nothing here", "Her er intet", "Hier is niets";
    NOT_FOUND_NEXT:
        "The address may be mistyped, or what was here removed, or your role may not see it. Begin at the overview.",
        "Adressen kan være skrevet forkert, det kan være fjernet, eller din rolle må ikke se det. Begynd ved overblikket.",
        "Het adres is misschien verkeerd getypt, het is verwijderd of uw rol mag het niet zien. Begin bij het overzicht.";
    LINK_SPENT: "This sign-in link works no more", "Dette loginlink virker ikke mere", "Deze inloglink werkt niet meer";
    LINK_SPENT_NEXT:
        "It was used, or is too old. Ask your administrator for a new one.",
        "Det er brugt eller for gammelt. Bed din administrator om et nyt.",
        "Deze is gebruikt of te oud. Vraag uw beheerder om een nieuwe.";
    TOO_MUCH: "That was too much at once", "Det var for meget på én gang", "Dat was te veel tegelijk";
    TOO_MUCH_NEXT:
        "Nothing was changed. Try again with less, or a little later.",
        "Intet er ændret. Prøv igen med mindre, eller lidt senere.",
        "Er is niets gewijzigd. Probeer het met minder of iets later opnieuw.";
    FAILED: "Something went wrong here", "Noget gik galt hos os", "Er ging hier iets mis";
    FAILED_NEXT:
        "Try again in a moment. If it goes on, tell the duty desk the time.",
        "Prøv igen om lidt. Fortsætter det, så fortæl vagten klokkeslættet.",
        "Probeer het zo opnieuw. Blijft het misgaan, meld de wachtdienst dan het tijdstip.";
    TO_OVERVIEW: "To the overview", "Til overblikket", "Naar het overzicht";
}
