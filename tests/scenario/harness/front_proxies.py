"""HAProxy and nginx from Debian in front of the gateway, each telling it in its own way whose connection or request it brings."""

import os
import signal
import socket
import subprocess

from .eventually import eventually
from .free_port import free_port

ADDRESS = "127.0.0.9"  # from which they connect: whom the gateway believes

HAPROXY = """
defaults
    mode {mode}
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    {option}
frontend clients
    bind 127.0.0.1:{port}
    default_backend gateway
backend gateway
    server gateway {gateway} source {address} {how}
"""

NGINX = """
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log warn;
events {{ worker_connections 256; }}
stream {{
  server {{ listen 127.0.0.1:{stream_port}; proxy_pass {gateway}; proxy_bind {address}; proxy_protocol on; }}
}}
http {{
  access_log off;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  upstream gateway {{ server {gateway}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://gateway; proxy_bind {address}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Front:
    """A proxy as a process of its own; `port` is where clients connect."""

    def __init__(self, directory, name, command, port):
        self.port = port
        self._log = open(directory / f"{name}.output", "wb")  # pylint: disable=consider-using-with
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, env={"PATH": os.defpath})
        # A client's connection, not only a listening socket: it is forwarded, and ended again.
        eventually(lambda: self._process.poll() is not None or listens(port), what=f"{name} listens")
        assert self._process.poll() is None, (directory / f"{name}.output").read_text()

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def haproxy(directory, gateway, how="", mode="tcp", option=""):
    port = free_port()
    config = directory / "haproxy.cfg"
    config.write_text(HAPROXY.format(mode=mode, option=option, port=port, gateway=gateway, address=ADDRESS, how=how))
    return Front(directory, "haproxy", ["/usr/sbin/haproxy", "-db", "-f", config], port)


def nginx(directory, gateway, stream=False):
    port = free_port()
    stream_port = free_port(besides=[port])
    config = directory / "nginx.conf"
    config.write_text(NGINX.format(directory=directory, port=port, stream_port=stream_port, gateway=gateway, address=ADDRESS))
    return Front(directory, "nginx", ["/usr/sbin/nginx", "-e", directory / "nginx.log", "-c", config], stream_port if stream else port)
