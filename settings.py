"""Every setting of the project, once: environment variables with the prefix `DUNNING_`.

How Temporal is reached is not here: Temporal's own variables (`TEMPORAL_ADDRESS`,
`TEMPORAL_NAMESPACE`, `TEMPORAL_TLS_*` ...) serve every SDK and its CLI alike.
"""

from functools import lru_cache
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What can be configured. Secrets have no default and are never printed."""

    model_config = SettingsConfigDict(env_prefix="DUNNING_", frozen=True)

    # PostgreSQL: the books
    database_url: str = "postgresql+psycopg2://dunning@127.0.0.1:5432/dunning"
    database_pool: int = 20

    # the creditor, as debtors see it
    creditor: str = "demo"
    creditor_name: str = "Example Trading Ltd"
    creditor_address: str = "1 Example Street, Exampletown"
    agencies: dict[str, str] = {"default": "Example Collections Ltd"}
    contact_email: str = "billing@creditor.example"
    contact_phone: str = "+15005550006"
    pay_url: str = "https://pay.creditor.example/{invoice}"

    # email
    email_provider: Literal["ses", "smtp"] = "ses"
    email_from: str = "Example Trading <billing@creditor.example>"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = False

    # AWS; credentials come from the usual AWS places
    aws_region: str = "eu-central-1"
    aws_endpoint_url: str | None = None
    dossier_bucket: str = "dunning-dossiers"

    # Twilio
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = "+15005550006"
    twilio_base_url: str = "https://api.twilio.com"
    callback_url: str = "http://127.0.0.1:8099"

    # the creditor's billing system; without a URL everything that is asked of it is refused
    billing_url: str | None = None
    billing_secret: SecretStr | None = None

    # the doors: the SNS topic of SES's events, the secret of `POST /events`; without, none opens.
    # `sns_stand_in` is the origin of a stand-in for SNS and for tests alone
    ses_topic: str | None = None
    sns_stand_in: str | None = None
    inbox_secret: SecretStr | None = None

    # who is told what the cases do; without a URL events wait in the outbox
    events_url: str | None = None
    events_secret: SecretStr | None = None
    events_allow_private: bool = False

    # the worker
    task_queue: str = "dunning"
    activity_slots: int = 20


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the environment once a process."""
    return Settings()
