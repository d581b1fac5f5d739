"""Small pieces of markup that every page needs."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@cache  # a page has dozens, and finding the sprite's address is the dear part
def icon(name: str) -> SafeString:
    """One picture of the sprite, for the eye only: the text beside it says the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def share_bar(part: int, total: int) -> SafeString:
    """A bar as long as `part` is of `total`; SVG, because a page may carry no style."""
    percent = round(100 * part / total, 1) if total else 0
    return format_html(
        '<svg class="share-bar" role="img" aria-label="{0} %" width="100%" height="8">'
        '<rect class="share-track" width="100%" height="8" rx="4"></rect>'
        '<rect class="share-fill" width="{0}%" height="8" rx="4"></rect></svg>',
        percent,
    )
