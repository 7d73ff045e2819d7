"""Company and person facts read from texts, offline. Unknown is always "".

Each function is pure, takes any text and answers a word of a declared vocabulary; the engine applies it to the distinct
words of a column, or to the distinct pairs of two. Amounts are converted by `features.firmographics.rates`.
"""

from features.firmographics.countries import countries, country, country_name
from features.firmographics.identifiers import COMPANY_NUMBER_KINDS, company_number_kind, company_number_valid, siren_of
from features.firmographics.mail import (
    MAIL_KINDS,
    domain_matches,
    email_domain,
    is_disposable,
    is_free_mail,
    is_role_address,
    mail_kind,
)
from features.firmographics.phones import PHONE_KINDS, phone_country, phone_kind, phone_valid
from features.firmographics.places import department, departments, region, regions
from features.firmographics.sectors import SECTIONS, division, division_name, division_names, sector, sector_name
from features.firmographics.sizes import SIZE_BANDS, SME_CLASSES, head_count, size_band, sme_class
from features.firmographics.titles import FUNCTIONS, SENIORITIES, function, seniority

__all__ = [
    "COMPANY_NUMBER_KINDS",
    "FUNCTIONS",
    "MAIL_KINDS",
    "PHONE_KINDS",
    "SECTIONS",
    "SENIORITIES",
    "SIZE_BANDS",
    "SME_CLASSES",
    "company_number_kind",
    "company_number_valid",
    "countries",
    "country",
    "country_name",
    "department",
    "departments",
    "division",
    "division_name",
    "division_names",
    "domain_matches",
    "email_domain",
    "function",
    "head_count",
    "is_disposable",
    "is_free_mail",
    "is_role_address",
    "mail_kind",
    "phone_country",
    "phone_kind",
    "phone_valid",
    "region",
    "regions",
    "sector",
    "sector_name",
    "seniority",
    "siren_of",
    "size_band",
    "sme_class",
]
