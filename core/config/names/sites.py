"""Torrent sites, and signing in to them."""

from core.config.setting import setting


class SiteNames:
    """Torrent sites, and signing in to them."""

    AUTH_SITE: str = setting("", "Sites that confirm the user's account, with commas")
    SITEDATA_REFRESH_INTERVAL: int = setting(
        6, "Hours between readings of the account's figures"
    )
    SITE_MESSAGE: bool = setting(True, "Pass on messages of the sites")
    NO_CACHE_SITE_KEY: str = setting(
        "m-team", "Sites whose pages are never cached, with commas"
    )
    OCR_HOST: str = setting("https://movie-pilot.org", "Server that reads captchas")
    COOKIECLOUD_HOST: str = setting(
        "https://movie-pilot.org/cookiecloud", "Address of the CookieCloud server"
    )
    COOKIECLOUD_KEY: str | None = setting(None, "Account of CookieCloud", secret=True)
    COOKIECLOUD_PASSWORD: str | None = setting(
        None, "Password that decrypts the cookies"
    )
    COOKIECLOUD_INTERVAL: int | None = setting(
        1440, "Minutes between readings of CookieCloud"
    )
    COOKIECLOUD_ENABLE_LOCAL: bool | None = setting(
        False, "Let MoviePilot be the CookieCloud server itself"
    )
    COOKIECLOUD_BLACKLIST: str | None = setting(
        None, "Sites whose cookies are left alone, with commas"
    )
    COOKIECLOUD_AUTH_HEADER: str | None = setting(
        None, "Header that CookieCloud's server asks for", secret=True
    )
