"""Plugins, and where they come from."""

from core.config.setting import setting


class PluginNames:
    """Plugins, and where they come from."""

    PLUGIN_MARKET: str = setting(
        "https://github.com/jxxghp/MoviePilot-Plugins,"
        "https://github.com/thsrite/MoviePilot-Plugins,"
        "https://github.com/honue/MoviePilot-Plugins,"
        "https://github.com/InfinityPacer/MoviePilot-Plugins,"
        "https://github.com/DDSRem-Dev/MoviePilot-Plugins,"
        "https://github.com/madrays/MoviePilot-Plugins,"
        "https://github.com/justzerock/MoviePilot-Plugins,"
        "https://github.com/KoWming/MoviePilot-Plugins,"
        "https://github.com/wikrin/MoviePilot-Plugins,"
        "https://github.com/HankunYu/MoviePilot-Plugins,"
        "https://github.com/baozaodetudou/MoviePilot-Plugins,"
        "https://github.com/Aqr-K/MoviePilot-Plugins,"
        "https://github.com/hotlcc/MoviePilot-Plugins-Third,"
        "https://github.com/gxterry/MoviePilot-Plugins,"
        "https://github.com/DzAvril/MoviePilot-Plugins,"
        "https://github.com/mrtian2016/MoviePilot-Plugins,"
        "https://github.com/Hqyel/MoviePilot-Plugins-Third,"
        "https://github.com/xijin285/MoviePilot-Plugins,"
        "https://github.com/Seed680/MoviePilot-Plugins,"
        "https://github.com/imaliang/MoviePilot-Plugins",
        "Repositories that plugins come from, with commas",
    )
    PLUGIN_LOCAL_REPO_PATHS: str | None = setting(
        None, "Folders that plugins come from, with commas"
    )
    PLUGIN_AUTO_RELOAD: bool = setting(
        False, "Load a plugin again when its files change"
    )
    PLUGIN_STATISTIC_SHARE: bool = setting(
        True, "Share figures about installed plugins"
    )
