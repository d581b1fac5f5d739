"""How gunicorn serves the console: `gunicorn -c python:mpadmin.gunicorn`."""

import os

bind = "{}:{}".format(
    os.environ.get("MPADMIN_ADDRESS") or "127.0.0.1",
    os.environ.get("MPADMIN_PORT") or "8000",
)
wsgi_app = "mpadmin.wsgi:application"
proc_name = "mpadmin"
workers = 2
worker_class = "gthread"
threads = 4
# A plan over a million records takes its time.
timeout = 120
loglevel = "warning"
accesslog = "-" if os.environ.get("MPADMIN_ACCESS_LOG") else None
# No socket outside the data folder, and no remote control.
control_socket_disable = True
