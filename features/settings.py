"""Settings every program shares: one field each, read from the environment (`PLUMBLINE_...`), else the default."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from features.crm.currencies import check_currency


class Settings(BaseSettings):
    """Where the history and the bundles are, and how a date alone or a bare amount is understood.

    >>> Settings(timezone="Europe/Paris").timezone
    'Europe/Paris'
    """

    model_config = SettingsConfigDict(env_prefix="PLUMBLINE_", frozen=True, extra="ignore")

    store: str = Field("sqlite:///plumbline.db", description="Database of the CRM history (SQLAlchemy URL).")
    timezone: str = Field("Europe/Paris", description="Time zone of a date alone, a week, a month.")
    currency: Annotated[str, AfterValidator(check_currency)] = Field(
        "EUR", description="Currency of an amount that names none (ISO 4217)."
    )
    artifacts: Path = Field(Path("models/artifacts"), description="Folder of the trained bundles.")
    signing_key: Path | None = Field(None, description="The trainer's private key; default ARTIFACTS/keys/signing.pem.")
    verify_key: Path | None = Field(
        None, description="Public key that verifies bundles; default ARTIFACTS/keys/verify.pem."
    )

    @property
    def signing_key_path(self) -> Path:
        """The private key's file."""
        return self.signing_key or self.artifacts / "keys" / "signing.pem"

    @property
    def verify_key_path(self) -> Path:
        """The public key's file."""
        return self.verify_key or self.artifacts / "keys" / "verify.pem"
