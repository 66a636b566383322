"""The proxies from Debian that the gateway is compared with: how each is given its configuration and started. Why: the *.in files."""

import os
import re
import resource
import shutil
import socket
import tempfile
import time
from pathlib import Path

from processes import BenchError, Server
from surroundings import Running

HERE = Path(__file__).resolve().parent
PLUGINS = Path("/usr/lib/trafficserver/modules")


def program(name):
    """Debian keeps most of them where only root's PATH looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def start_nginx(around, name, template="nginx.conf.in", **more):
    """`more`: words of the template besides those that every template needs."""
    directory = _own_directory(around, name)
    user = f"{'user root;':<46}# root's temporary directory is closed to nobody" if os.geteuid() == 0 else ""
    words = _words(around, directory) | {"USER_LINE": user} | more
    config = _fill(template, directory / "nginx.conf", words)
    server = Server(name, [program("nginx"), "-p", directory, "-c", config], around.core, directory / "errors.log")
    return _listening(server, words, cache_directory=directory / "cache")


def start_haproxy(around, name):
    directory = _own_directory(around, name)
    words = _words(around, directory)
    config = _fill("haproxy.cfg.in", directory / "haproxy.cfg", words)
    server = Server(name, [program("haproxy"), "-W", "-f", config], around.core, directory / "errors.log")
    return _listening(server, words)


def start_varnish(around, name):
    """With a TLS hop of its own, since it speaks no TLS."""
    directory = _own_directory(around, name, runs_code=True)
    words = _words(around, directory)
    config = _fill("tls-hop.cfg.in", directory / "hop.cfg", words)
    hop = Server(f"{name}'s TLS hop", [program("haproxy"), "-W", "-f", config], around.core, directory / "hop-errors.log")
    try:
        _wait_for_port(hop, words["HOP_PORT"])
        vcl = _fill("varnish.vcl.in", directory / "varnish.vcl", words)
        # In front; as who started it (root's directory is closed to others); everything in memory, as much as the others.
        # Its log goes to shared memory as always, but nothing reads it. As many pools as others have workers; threads for many clients at
        # once, and room in the line behind them for 10,000: whoever finds none (of 20, by default) is cut off.
        command = [program("varnishd"), "-F", "-j", "none", "-n", directory / "work", "-a", f"127.0.0.1:{words['PORT']}", "-f", vcl,
                   "-s", f"malloc,{words['CACHE_MIB']}m", "-p", f"thread_pools={words['WORKERS']}", "-p", "thread_pool_min=100",
                   "-p", "thread_pool_max=2000", "-p", "thread_queue_limit=10000", "-p", "timeout_idle=75", "-p", "listen_depth=4096"]
        server = Server(name, command, around.core, directory / "errors.log")
        return _listening(server, words, tls=False, companions=[hop])
    except BenchError:
        hop.stop()
        raise


def start_trafficserver(around, name):
    directory = _own_directory(around, name)
    shutil.copy(around.certificate, directory)
    shutil.copy(around.ca_file, directory)
    words = _words(around, directory) | {"PLUGINS": str(PLUGINS), "CA_NAME": around.ca_file.name, "CERTIFICATE": around.certificate.name,
                                         "DISK_MIB": str(max(512, 2 * around.cache_mib))}
    _, *parts = re.split(r"^\[(\S+)\]\n", (HERE / "trafficserver.config.in").read_text(), flags=re.MULTILINE)
    for file, text in zip(parts[::2], parts[1::2]):
        (directory / file).write_text(_filled(text, words))
    for empty in ("plugin.config", "parent.config", "hosting.config", "volume.config", "cache.config", "sni.yaml"):
        (directory / empty).touch()
    server = Server(name, [program("traffic_server"), f"--run-root={directory}/runroot.yaml"], around.core, directory / "errors.log")
    return _listening(server, words, cache_directory=directory)


def _own_directory(around, name, runs_code=False):
    """`runs_code`: varnishd loads what it compiles, which a tmpfs may forbid."""
    parent = around.directory
    if runs_code and os.statvfs(parent).f_flag & os.ST_NOEXEC:
        parent = Path(tempfile.mkdtemp(prefix="summary-gateway-bench-"))
        around.elsewhere.append(parent)
    directory = parent / re.sub(r"\W+", "-", name)
    directory.mkdir()
    return directory


def _words(around, directory):
    """What every template may ask for. The ports are free now; none of these servers could tell which it was given."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    ports = [str(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return dict(zip(("PORT", "TLS_PORT", "HOP_PORT"), ports)) | {
        "DIRECTORY": str(directory), "UPSTREAM_PORT": around.upstream_port, "CA_FILE": str(around.ca_file),
        "CERTIFICATE": str(around.certificate), "WORKERS": str(around.workers), "CACHE_MIB": str(around.cache_mib),
        "UPSTREAM_CONNECTIONS": "40", "OPEN_FILES": str(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
    }


def _filled(text, words):
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    if left := re.search(r"@[A-Z_]+@", text):
        raise BenchError(f"nothing was given for {left.group()} of a configuration")
    return text


def _fill(template, file, words):
    file.write_text(_filled((HERE / template).read_text(), words))
    return file


def _listening(server, words, tls=True, **more):
    try:
        _wait_for_port(server, words["PORT"])
    except BenchError:
        server.stop()
        raise
    return Running(server, f"127.0.0.1:{words['PORT']}", tls_address=f"127.0.0.1:{words['TLS_PORT']}" if tls else "", **more)


def _wait_for_port(server, port, timeout=20):
    deadline = time.monotonic() + timeout
    while True:
        server.must_be_alive()
        try:
            socket.create_connection(("127.0.0.1", int(port)), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise BenchError(f"{server.name} did not listen after {timeout} s\n{server.last_words()}") from None
            time.sleep(0.02)
