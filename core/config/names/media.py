"""How titles are recognised, and where their details come from."""

from core.config.setting import setting


class MediaNames:
    """How titles are recognised, and where their details come from."""

    RECOGNIZE_SOURCE: str = setting(
        "themoviedb", "Service that recognises titles: themoviedb or douban"
    )
    RECOGNIZE_PLUGIN_FIRST: bool = setting(
        False, "Ask plugins before the built-in recognition"
    )
    SEARCH_SOURCE: str = setting(
        "themoviedb", "Services that titles are searched in, with commas"
    )
    SCRAP_SOURCE: str = setting("themoviedb", "Service that details of files come from")
    SCRAP_FOLLOW_TMDB: bool = setting(
        True, "Take a new name of TMDB over for what is in the library"
    )
    MEDIA_RECOGNIZE_SHARE: bool = setting(
        True, "Share what was recognised, and use what others shared"
    )
    MEDIA_RECOGNIZE_SHARE_API: str | None = setting(
        None, "Server through which it is shared"
    )
    MEDIASERVER_SYNC_INTERVAL: int = setting(
        6, "Hours between readings of the media servers"
    )
    ANIME_GENREIDS: list[int] = setting([16], "TMDB's genres that count as anime")
    TMDB_API_DOMAIN: str = setting("api.themoviedb.org", "Host of TMDB's API")
    TMDB_API_KEY: str | None = setting(
        None, "Key of TMDB's API; MoviePilot has one built in"
    )
    TMDB_IMAGE_DOMAIN: str = setting("image.tmdb.org", "Host of TMDB's pictures")
    TMDB_LOCALE: str = setting("zh", "Language of TMDB's details")
    TMDB_SCRAP_ORIGINAL_IMAGE: bool = setting(
        False, "Take pictures in the language of the title"
    )
    TVDB_V4_API_KEY: str | None = setting(
        None, "Key of TVDB's API; MoviePilot has one built in"
    )
    TVDB_V4_API_PIN: str = setting(
        "", "PIN that belongs to the key of TVDB", secret=True
    )
    FANART_ENABLE: bool = setting(True, "Take pictures from Fanart")
    FANART_API_KEY: str | None = setting(
        None, "Key of Fanart's API; MoviePilot has one built in"
    )
    FANART_LANG: str = setting("zh,en", "Languages of Fanart's pictures, best first")
