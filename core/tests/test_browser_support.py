"""A browser reaches the console that is served on the test's own databases."""

from core.tests.support.live import PASSWORD


def test_an_operator_signs_in_with_a_browser(
    library, live_console, operator, browser_page
):
    browser_page.goto(live_console.url)
    browser_page.fill("[name=username]", operator.username)
    browser_page.fill("[name=password]", PASSWORD)
    browser_page.press("[name=password]", "Enter")
    browser_page.wait_for_url(f"{live_console.url}/")

    operator.refresh_from_db()
    assert operator.last_login is not None
