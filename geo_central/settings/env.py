"""What the environment may say. Every field documents itself: `manage.py env` prints this table.

Values come from the process environment first, then from `var/secrets.env`, which `make up`
writes once with random keys.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"


class Env(BaseSettings):
    """Typed environment of one process."""

    model_config = SettingsConfigDict(
        env_file=VAR / "secrets.env", extra="ignore", frozen=True, case_sensitive=False
    )

    secret_key: str = Field("", description="Django's signing key. Required in production.")
    personal_data_key: str = Field(
        "", description="32 random bytes, base64: encrypts CPF and contacts. Required in production."
    )
    database_url: str = Field(
        "", description="A PostGIS server to use instead of the embedded one, postgresql://…"
    )
    database_keep: bool = Field(False, description="Keep one connection a thread; `serve` sets it.")
    database_pool: int = Field(0, description="Or share so many connections among a process's threads.")
    allowed_hosts: str = Field("", description="Host names served, comma separated.")
    public_url: str = Field("", description="Origin seen by browsers, https://… without a slash.")
    behind_proxy: bool = Field(False, description="Trust X-Forwarded-Proto/-For of a TLS proxy.")
    port: int = Field(8000, description="Port of the web server.")
    workers: int = Field(2, description="Web server processes.")
    city_file: Path = Field(ROOT / "fixtures" / "city.toml", description="The city's facts.")
    basemap: str = Field(
        "own",
        description="own | pmtiles:URL | xyz:URL | mvt:URL. Anything but own is the operator's server.",
    )
    basemap_attribution: str = Field("", description="Credit line of the operator's basemap.")
    media_root: Path = Field(VAR / "media", description="Where photos are kept.")
    dados_root: Path = Field(VAR / "dados", description="Where the files of open data are kept.")
    email_url: str = Field(
        "", description="smtp://user:password@host:587 (STARTTLS), smtps://…:465; empty prints to console."
    )
    email_from: str = Field("", description="Sender of notices; central@ the public host unless given.")
    vapid_private_key: str = Field(
        "", description="Signs Web Push: 32 bytes of a P-256 key, base64url. Empty: no push."
    )
    push_hosts: str = Field(
        "fcm.googleapis.com,push.services.mozilla.com,push.apple.com,notify.windows.com",
        description="Push services that browsers may name, comma separated.",
    )
    partner_origins: str = Field(
        "",
        description="Systems of departments in your own network, as origins (https://sistema.interno:8443),"
        " comma separated: only there may a partner be that is not on the public Internet.",
    )
    rate_limit_factor: float = Field(1, description="Scales every rate limit; 0 switches them off.")
    dask_scheduler: str = Field(
        "", description="tcp://host:8786: hotspots are worked out there; empty: in the job's own process."
    )
    log_level: str = Field("INFO", description="DEBUG | INFO | WARNING | ERROR")


env = Env()
