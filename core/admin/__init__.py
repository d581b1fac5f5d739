"""The pages of core's tables. One module a domain, as core.models.

Django's admin finds this package and expects the tables to be registered after it.
"""

from core.admin import (  # noqa: F401  imported for what they register
    accounts,
    changes,
    configuration,
    kept_counts,
    library,
    messages,
    operators,
    plugins,
    subscriptions,
    workflows,
)
