"""The Opers of sites and what belongs to them."""

from sites.opers.accounts import SiteUserDataOper
from sites.opers.icons import SiteIconOper
from sites.opers.sites import SiteOper
from sites.opers.statistics import SiteStatisticOper

__all__ = ["SiteIconOper", "SiteOper", "SiteStatisticOper", "SiteUserDataOper"]
