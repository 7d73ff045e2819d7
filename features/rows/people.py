"""What a record is: where it comes from, which company, which person."""

from features.feature import Feature
from features.rows.making import ALWAYS, DEALS, LEADS, flag, rate_of, word

_PHONE = "phone|contact.phone"
_MAIL = "email|contact.email"
_TITLE = "title|contact.title"
_PLACE = "country|account.country"
_NO_MAIL = ("no e-mail address recorded", "adresse e-mail non renseignée")
_NO_PHONE = ("no phone number recorded", "numéro de téléphone non renseigné")

SOURCE: tuple[Feature, ...] = (
    word("process", "source", "process", "process", "processus"),
    word("source", "source", "source", "source", "source", feminine=True),
    word("campaign", "source", "campaign", "campaign", "campagne", kinds=LEADS, feminine=True),
    word("product", "source", "product", "product", "produit", kinds=DEALS),
    word("currency", "source", "currency", "currency", "devise", kinds=DEALS, feminine=True),
    rate_of("source_rate", "source", "source", "leads and deals of this source", "les dossiers de cette source"),
    rate_of("process_rate", "source", "process", "records of this process", "les dossiers de ce processus"),
    rate_of(
        "campaign_rate", "source", "campaign", "leads of this campaign", "les pistes de cette campagne", kinds=LEADS
    ),
    rate_of("product_rate", "source", "product", "deals of this product", "les affaires de ce produit", kinds=DEALS),
    rate_of(
        "process_rate_90d", "source", "process", "records of this process", "les dossiers de ce processus", window=90
    ),
    rate_of("overall_rate_90d", "source", "all", "all records", "tous les dossiers", window=90),
)

COMPANY: tuple[Feature, ...] = (
    word("sector", "company", "account.industry + account.industry_scheme", "sector", "secteur", "sector"),
    word(
        "division", "company", "account.industry + account.industry_scheme", "industry", "branche", "division",
        feminine=True,
    ),
    word("country", "company", _PLACE, "country", "pays", "country"),
    word(
        "region", "company", "account.postal_code + account.country", "region", "région", "region", feminine=True
    ),
    word("department", "company", "account.postal_code + account.country", "department", "département", "department"),
    word("size_band", "company", "account.employees", "head count", "effectif", "size_band"),
    Feature(
        "employees", "company", "value", "people", "no head count recorded", "effectif non renseigné",
        "no employee|1 employee|{value} employees", "aucun salarié|1 salarié|{value} salariés",
        column="account.employees",
    ),
    Feature(
        "annual_revenue", "company", "money", "money", "no annual revenue recorded",
        "chiffre d'affaires non renseigné", "annual revenue {value}", "chiffre d'affaires {value}",
        column="account.annual_revenue",
    ),
    flag(
        "company_number", "account.company_number + account.country", "company_number_valid",
        ("no company number recorded", "numéro d'entreprise non renseigné"),
        ("not a valid company number|a valid company number",
         "numéro d'entreprise non valable|numéro d'entreprise valable"), family="company",
    ),
)  # fmt: skip

CONTACT: tuple[Feature, ...] = (
    word("seniority", "contact", _TITLE, "seniority", "niveau hiérarchique", "seniority"),
    word("function", "contact", _TITLE, "function", "fonction", "function", feminine=True),
    flag(
        "free_mail", _MAIL, "free_mail", _NO_MAIL,
        ("e-mail address of a company|e-mail address of a free service",
         "adresse e-mail d'entreprise|adresse e-mail gratuite"),
    ),
    flag(
        "role_address", _MAIL, "role_address", _NO_MAIL,
        ("e-mail address of a person|e-mail address of a service (contact@, info@)",
         "adresse e-mail d'une personne|adresse e-mail d'un service (contact@, info@)"),
    ),
    flag(
        "domain_matches", f"{_MAIL} + account.domain", "domain_matches",
        ("e-mail address or company site not recorded", "adresse e-mail ou site de l'entreprise non renseigné"),
        ("e-mail address elsewhere than the company's site|e-mail address at the company's own domain",
         "adresse e-mail hors du domaine de l'entreprise|adresse e-mail au domaine de l'entreprise"),
    ),
    word(
        "phone_country", "contact", f"{_PHONE} + {_PLACE}", "country of the phone number", "pays du téléphone",
        "phone_country",
    ),
    word(
        "phone_kind", "contact", f"{_PHONE} + {_PLACE}", "kind of phone number", "type de téléphone", "phone_kind"
    ),
    flag(
        "phone_valid", f"{_PHONE} + {_PLACE}", "phone_valid", _NO_PHONE,
        ("phone number not valid|valid phone number",
         "numéro de téléphone non valable|numéro de téléphone valable"),
    ),
    Feature(
        "has_phone", "contact", "filled", "flag", *ALWAYS, "no phone number known|a phone number is known",
        "pas de téléphone connu|téléphone connu", column=_PHONE, actionable=True,
    ),
    Feature(
        "has_email", "contact", "filled", "flag", *ALWAYS, "no e-mail address known|an e-mail address is known",
        "pas d'e-mail connu|e-mail connu", column=_MAIL, actionable=True,
    ),
)  # fmt: skip
