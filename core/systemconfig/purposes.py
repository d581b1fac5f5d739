"""What each setting is for, in a sentence."""

from django.utils.translation import gettext_lazy as _

PURPOSES = {
    "Downloaders": _(
        "The download clients MoviePilot hands torrents to, with their logins."
    ),
    "MediaServers": _(
        "The media servers MoviePilot looks into and refreshes, with their keys."
    ),
    "Notifications": _("The channels messages go out on, with their tokens."),
    "NotificationSwitchs": _("Who gets which type of message."),
    "Directories": _(
        "Where downloads go, where the library is, and how files get there."
    ),
    "Storages": _("The storages files can be on, with their logins."),
    "IndexerSites": _("Ids of the sites that are searched; none means all."),
    "RssSites": _("Ids of the sites subscriptions look at; none means all."),
    "RssUrls": _(
        "Addresses of feeds. MoviePilot's documentation names this key; no version"
        " known here reads it."
    ),
    "CustomReleaseGroups": _("Release groups to recognise beside the known ones."),
    "Customization": _("Words of titles kept for the placeholder of the same name."),
    "CustomIdentifiers": _("Words hidden, replaced or counted on in every title."),
    "EpisodeFormatRuleTable": _("How to find the episode number in file names."),
    "TransferExcludeWords": _("Files whose paths have one of these are not organised."),
    "TorrentsPriority": _("By what found torrents are ranked, most important first."),
    "CustomFilterRules": _("Filter rules of your own, for use in rule groups."),
    "UserFilterRuleGroups": _("Groups of filter rules, by priority."),
    "SearchFilterRuleGroups": _("Names of the rule groups that searches go through."),
    "SubscribeFilterRuleGroups": _(
        "Names of the rule groups that subscriptions go through."
    ),
    "SubscribeDefaultParams": _(
        "What subscriptions include and exclude unless they say otherwise."
    ),
    "BestVersionFilterRuleGroups": _(
        "Names of the rule groups that subscriptions for a better version go through."
    ),
    "SubscribeReport": _("Tells that subscriptions were counted in the statistics."),
    "UserCustomCSS": _("A style sheet added to MoviePilot's pages."),
    "UserInstalledPlugins": _("Ids of the plugins that are installed."),
    "PluginFolders": _("How plugins are put in folders on their page."),
    "DefaultMovieSubscribeConfig": _("What a new subscription to a film starts with."),
    "DefaultTvSubscribeConfig": _("What a new subscription to a series starts with."),
    "UserSiteAuthParams": _("The site account that unlocks MoviePilot's site support."),
    "FollowSubscribers": _("People whose shared subscriptions are followed."),
    "NotificationSendTime": _("MoviePilot sends messages within these hours only."),
    "AIAgentConfig": _("The AI services the agent uses, with their keys."),
    "AIAgentMcpServers": _("MCP servers whose tools the agent may use."),
    "NotificationTemplates": _("The text of each type of message."),
    "NotificationClearBefore": _("Up to when the message list was cleared."),
    "ScrapingSwitchs": _("Which metadata and pictures are written beside the files."),
    "PluginInstallReport": _("Tells that plugins were counted in the statistics."),
    "SetupWizardState": _("Tells that the setup wizard was gone through."),
    "UgreenSessionCache": _("Sessions with Ugreen media servers."),
}
