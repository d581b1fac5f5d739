"""Signing in to MoviePilot."""

from core.config.setting import setting


class AccountNames:
    """Signing in to MoviePilot."""

    SUPERUSER: str = setting("admin", "Name of the first administrator")
    SUPERUSER_PASSWORD: str | None = setting(
        None, "Password of the first administrator, when the account is made"
    )
    API_TOKEN: str | None = setting(None, "Key of the API, 16 characters or more")
    SECRET_KEY: str | None = setting(
        None, "Key that signs sessions; a random one at each start"
    )
    RESOURCE_SECRET_KEY: str | None = setting(
        None, "Key that signs links to files; a random one at each start"
    )
    ACCESS_TOKEN_EXPIRE_MINUTES: int = setting(
        11520, "Minutes for which somebody stays signed in"
    )
    RESOURCE_ACCESS_TOKEN_EXPIRE_SECONDS: int = setting(
        1800, "Seconds for which a link to a file holds"
    )
    AUXILIARY_AUTH_ENABLE: bool = setting(
        False, "Let users of the media server sign in"
    )
    PASSKEY_ALLOW_REGISTER_WITHOUT_OTP: bool = setting(
        False, "Allow a passkey without one-time codes"
    )
    PASSKEY_REQUIRE_UV: bool = setting(
        True, "Ask for a PIN or fingerprint with a passkey"
    )
