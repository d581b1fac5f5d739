"""How MoviePilot reaches other machines."""

from core.config.setting import setting


class NetworkNames:
    """How MoviePilot reaches other machines."""

    PROXY_HOST: str | None = setting(
        None, "Proxy for requests, which may hold a password", secret=True
    )
    PIP_PROXY: str | None = setting(
        "", "Mirror that Python packages come from", secret=True
    )
    GITHUB_PROXY: str | None = setting(
        "", "Address put before those of GitHub", secret=True
    )
    GITHUB_TOKEN: str | None = setting(
        None, "Token for GitHub, which raises its limits"
    )
    REPO_GITHUB_TOKEN: str | None = setting(
        None, "Tokens for single repositories, as owner/name:token"
    )
    DOH_ENABLE: bool = setting(False, "Look host names up over HTTPS")
    DOH_DOMAINS: str = setting(
        "api.themoviedb.org,api.tmdb.org,webservice.fanart.tv,"
        "api.github.com,github.com,raw.githubusercontent.com,"
        "codeload.github.com,api.telegram.org",
        "Hosts that are looked up over HTTPS, with commas",
    )
    DOH_RESOLVERS: str = setting(
        "1.0.0.1,1.1.1.1,9.9.9.9,149.112.112.112",
        "Servers that answer those look-ups, with commas",
    )
    BROWSER_EMULATION: str = setting(
        "cloakbrowser", "What opens pages that need a browser"
    )
    PLAYWRIGHT_BROWSER_TYPE: str = setting("chromium", "Browser that Playwright starts")
    CLOAKBROWSER_HUMANIZE: bool = setting(
        True, "Move and type as a person does in the browser"
    )
    CLOAKBROWSER_HUMAN_PRESET: str = setting("default", "Manner in which it does")
    FLARESOLVERR_URL: str | None = setting(
        None, "Address of FlareSolverr, which passes browser checks"
    )
    SECURITY_IMAGE_DOMAINS: list[str] = setting(
        [
            "image.tmdb.org",
            "images.tmdb.org",
            "static-mdb.v.geilijiasu.com",
            "bing.com",
            "doubanio.com",
            "lain.bgm.tv",
            "raw.githubusercontent.com",
            "github.com",
            "thetvdb.com",
            "cctvpic.com",
            "iqiyipic.com",
            "hdslb.com",
            "cmvideo.cn",
            "ykimg.com",
            "qpic.cn",
        ],
        "Hosts that pictures may be fetched from",
    )
    SECURITY_IMAGE_SUFFIXES: list[str] = setting(
        [".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".avif"],
        "Kinds of files taken for pictures",
    )
    IMAGE_PROXY_ALLOWED_PRIVATE_RANGES: list[str] = setting(
        [], "Private networks that pictures may come from"
    )
    ENCODING_DETECTION_PERFORMANCE_MODE: bool = setting(
        True, "Guess the encoding of pages quickly"
    )
    ENCODING_DETECTION_MIN_CONFIDENCE: float = setting(
        0.8, "How sure such a guess must be, from 0 to 1"
    )
