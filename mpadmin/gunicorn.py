"""How gunicorn serves the console: `gunicorn -c python:mpadmin.gunicorn`."""

from core.config import console

bind = f"{console.MPADMIN_ADDRESS}:{console.MPADMIN_PORT}"
wsgi_app = "mpadmin.wsgi:application"
proc_name = "mpadmin"
workers = 2
worker_class = "gthread"
threads = 4
# A plan over a million records takes its time.
timeout = 120
loglevel = "warning"
accesslog = "-" if console.MPADMIN_ACCESS_LOG else None
# No query, nor that of the page before: people search for what is nobody's business.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(L)s'
logger_class = "mpadmin.serving.SafeLogger"
# Nothing that a request says of where it came from: core.auth.proxies looks at that.
forwarded_allow_ips = forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# No socket outside the data folder, and no remote control.
control_socket_disable = True


def post_worker_init(_worker: object) -> None:
    """In each worker, look for settings that somebody else changes."""
    from core.reload import watch

    watch()
