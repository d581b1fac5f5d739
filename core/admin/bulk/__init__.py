"""From a selection to a plan: bulk edit, bulk deletion, and applying what was seen."""
