"""Company and person facts read from single strings, offline. Unknown is always "".

Each function is pure and takes one value; the engine applies it to the distinct words of a column.
"""

from features.firmographics.identifiers import company_number_kind, phone_country, siren_of
from features.firmographics.mail import email_domain, is_free_mail
from features.firmographics.places import department, region
from features.firmographics.sectors import SECTIONS, sector, sector_name
from features.firmographics.sizes import SIZE_BANDS, size_band
from features.firmographics.titles import function, seniority

__all__ = [
    "SECTIONS",
    "SIZE_BANDS",
    "company_number_kind",
    "department",
    "email_domain",
    "function",
    "is_free_mail",
    "phone_country",
    "region",
    "sector",
    "sector_name",
    "seniority",
    "siren_of",
    "size_band",
]
