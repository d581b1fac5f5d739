"""Subscriptions, and the search for them."""

from core.config.setting import setting


class SubscriptionNames:
    """Subscriptions, and the search for them."""

    SUBSCRIBE_MODE: str = setting("spider", "How new releases are found: spider or rss")
    SUBSCRIBE_RSS_INTERVAL: int = setting(
        30, "Minutes between readings of the sites' feeds"
    )
    SUBSCRIBE_SEARCH: bool = setting(
        False, "Search for subscriptions on a schedule too"
    )
    SUBSCRIBE_SEARCH_INTERVAL: int = setting(24, "Hours between those searches")
    SUBSCRIBE_STATISTIC_SHARE: bool = setting(True, "Share figures about subscriptions")
    LOCAL_EXISTS_SEARCH: bool = setting(
        True, "Look for a title on disk before it is downloaded"
    )
    SEARCH_MULTIPLE_NAME: bool = setting(False, "Search for every name of a title")
    MAX_SEARCH_NAME_LIMIT: int = setting(3, "Names of a title searched for at most")
    SEARCH_RESOURCE_PAGES: int = setting(1, "Pages of results read from each site")
    WORKFLOW_STATISTIC_SHARE: bool = setting(True, "Share figures about workflows")
