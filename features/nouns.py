"""Things that are counted, named in English and French, and the sentences that count them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noun:
    """A thing that is counted: (one, several) in each language.

    >>> Noun(("call", "calls"), ("appel", "appels")).counted("so far", "à ce jour")[1]
    'aucun appel à ce jour|1 appel à ce jour|{value} appels à ce jour'
    """

    en: tuple[str, str]
    fr: tuple[str, str]
    feminine: bool = False

    @property
    def none_fr(self) -> str:
        """None of it, in French."""
        return f"aucun{'e' if self.feminine else ''} {self.fr[0]}"

    def counted(self, en: str, fr: str) -> tuple[str, str]:
        """How many: the sentence for none, one and more, which ends with `en`, `fr`."""
        english = (f"no {self.en[0]}", f"1 {self.en[0]}", f"{{value}} {self.en[1]}")
        french = (self.none_fr, f"1 {self.fr[0]}", f"{{value}} {self.fr[1]}")
        return "|".join(f"{part} {en}" for part in english), "|".join(f"{part} {fr}" for part in french)


ACTIVITY = Noun(("activity", "activities"), ("activité", "activités"), feminine=True)
CALL = Noun(("call", "calls"), ("appel", "appels"))
MEETING = Noun(("meeting", "meetings"), ("rendez-vous", "rendez-vous"))
QUOTE = Noun(("quote", "quotes"), ("devis", "devis"))
EMAIL_IN = Noun(("e-mail received", "e-mails received"), ("e-mail reçu", "e-mails reçus"))
EMAIL_OUT = Noun(("e-mail sent", "e-mails sent"), ("e-mail envoyé", "e-mails envoyés"))
FROM_THEM = Noun(
    ("contact from the customer", "contacts from the customer"),
    ("contact venant du client", "contacts venant du client"),
)
FROM_US = Noun(("contact from us", "contacts from us"), ("contact de notre part", "contacts de notre part"))
VISIT = Noun(("visit or form", "visits and forms"), ("visite ou formulaire", "visites et formulaires"), feminine=True)
OPENED = Noun(
    ("message opened by the customer", "messages opened by the customer"),
    ("message ouvert par le client", "messages ouverts par le client"),
)
MISSED = Noun(
    ("missed call or meeting", "missed calls or meetings"),
    ("appel ou rendez-vous manqué", "appels ou rendez-vous manqués"),
)
HELD = Noun(
    ("call answered or meeting held", "calls answered or meetings held"),
    ("appel abouti ou rendez-vous tenu", "appels aboutis ou rendez-vous tenus"),
)
NOTE = Noun(("note", "notes"), ("note", "notes"), feminine=True)
DOCUMENT = Noun(("document", "documents"), ("document", "documents"))
REFUSED = Noun(
    ("message bounced or unsubscribed from", "messages bounced or unsubscribed from"),
    ("message rejeté ou désabonnement", "messages rejetés ou désabonnements"),
)
PERSON = Noun(("person met or written to", "people met or written to"), ("interlocuteur", "interlocuteurs"))
NEW_PERSON = Noun(
    ("new person met or written to", "new people met or written to"),
    ("nouvel interlocuteur", "nouveaux interlocuteurs"),
)
COLLEAGUE = Noun(("colleague involved", "colleagues involved"), ("collaborateur impliqué", "collaborateurs impliqués"))
