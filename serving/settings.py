"""Settings of the service: those every program shares, and where and how it answers."""

from ipaddress import ip_address
from pathlib import Path

from pydantic import Field

from features.settings import Settings


class ServiceSettings(Settings):
    """One field a setting, read from the environment (`PLUMBLINE_...`), else the default.

    >>> ServiceSettings(host="::1").on_loopback, ServiceSettings(host="0.0.0.0").on_loopback
    (True, False)
    """

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(1, gt=0, description="Processes that answer; more than one wants PostgreSQL.")
    demo: bool = Field(False, description="Answer without a key though keys are set, on a loopback address only.")
    api_keys: Path | None = Field(
        None, description="File of accepted keys: a SHA-256 in hexadecimal and a name a line."
    )
    api_key_hashes: str = Field("", description="Accepted keys as SHA-256 in hexadecimal, separated by commas.")
    record_limit: int = Field(64 * 1024, gt=0, description="Largest body of one record, in bytes.")
    batch_limit: int = Field(4 * 1024 * 1024, gt=0, description="Largest body of many records, in bytes.")
    refresh_seconds: float = Field(1.0, gt=0, description="How often a new champion and new outcomes are looked for.")
    forecast_seconds: float = Field(60.0, ge=0, description="How long a forecast once computed is given again.")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def keyless(self) -> bool:
        """Whether no key is asked for: only this machine can reach the service, and no key is set or it is a demo."""
        return self.on_loopback and (self.demo or not (self.api_keys or self.api_key_hashes))
