"""What changes while the gateway runs: certificates by themselves, the configuration when it is told; all of it or nothing."""

import re
import shutil
import signal
import ssl
import threading

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import settings_for, yaml
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "reloaded")


@pytest.fixture
def files(authority, tmp_path):
    """Where the gateway finds its certificate and key."""
    return install(authority.leaf(), tmp_path)


def install(leaf, folder):
    certificate, key = folder / "live.pem", folder / "live.key"
    for source, to in ((leaf.certificate, certificate), (leaf.key, key)):
        shutil.copy(source, to.with_suffix(".new"))
        to.with_suffix(".new").rename(to)
    return certificate, key


def over_tls(files):
    return [{"address": "127.0.0.1:0", "tls": {"certificate": files[0], "key": files[1]}}]


def shown(gateway, authority):
    """The certificate that a new connection gets."""
    with gateway.connect(tls=ssl.create_default_context(cafile=authority.certificate)) as connection:
        return ssl.DER_cert_to_PEM_cert(connection.socket.getpeercert(binary_form=True))


def der(path):
    return re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", path.read_text(), re.S).group(0)


def reloads(gateway):
    metrics = gateway.metrics()
    return [int(metrics.total("certificate_reloads_total", result=result)) for result in ("taken_over", "unusable")]


def test_a_renewed_certificate_is_taken_over_by_itself_and_open_connections_go_on(start_gateway, simulator, authority, files, tmp_path):
    gateway, sid = start_gateway(listeners=over_tls(files)), new_sid()
    first_end = gateway.metrics().total("certificate_expiry_timestamp_seconds")
    with gateway.connect(tls=ssl.create_default_context(cafile=authority.certificate)) as connection:
        assert connection.send(request(target(sid))).read().status == 200
        renewed = authority.leaf(days=60)
        install(renewed, tmp_path)
        eventually(lambda: shown(gateway, authority) == der(renewed.certificate), what="the new certificate")
        assert connection.send(request(target(sid))).read().status == 200, "over the old one"
    assert reloads(gateway) == [1, 0]
    assert gateway.metrics().total("certificate_expiry_timestamp_seconds") > first_end + 20 * 86400
    gateway.says("changed certificate files have been read again")


@pytest.mark.parametrize("broken", ["no certificate", "another one's key", "gone"])
def test_broken_settings_change_nothing_and_are_logged(start_gateway, simulator, authority, files, tmp_path, broken):
    gateway, before = start_gateway(listeners=over_tls(files)), der(files[0])
    if broken == "no certificate":
        files[0].write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    elif broken == "gone":
        files[0].unlink()
    else:
        shutil.copy(authority.leaf().key, files[1])
    eventually(lambda: reloads(gateway) == [0, 1], what="the failure")
    gateway.says("stays in use")
    assert shown(gateway, authority) == before
    repaired = authority.leaf()
    install(repaired, tmp_path)
    eventually(lambda: shown(gateway, authority) == der(repaired.certificate), what="the repaired one")
    assert reloads(gateway) == [1, 1]


def rewrite(gateway, simulator, **settings):
    gateway.config_path.write_text(yaml(settings_for(simulator, **settings)))


def told(gateway, method="POST"):
    return gateway.admin("/api/reload", method)


def last_reload(gateway):
    metrics = gateway.metrics()
    return int(metrics.total("config_last_reload_successful")), metrics.total("config_last_reload_success_timestamp_seconds")


def test_a_reload_takes_over_what_it_can_and_says_what(start_gateway, simulator, authority, files, tmp_path):
    gateway = start_gateway(listeners=over_tls(files))
    assert last_reload(gateway) == (1, 0)
    answer = told(gateway)
    assert (answer.status, answer.json()) == (200, {"reloaded": True, "changed": []})
    renewed = authority.leaf()
    install(renewed, tmp_path)
    rewrite(gateway, simulator, listeners=over_tls(files), log={"level": "debug"})
    assert told(gateway).json() == {"reloaded": True, "changed": ["log.level"]}
    assert shown(gateway, authority) == der(renewed.certificate), "at once"
    good, at = last_reload(gateway)
    assert good == 1 and at > 1_700_000_000


REFUSED = {
    "what needs a restart": ({"workers": 3, "log": {"level": "debug"}}, ["workers: a change of it needs a restart"]),
    "all that is wrong": ({"workers": 0, "upstream": {"timeout": "soon"}}, ["workers", "upstream.timeout"]),
    "a certificate": ({"listeners": [{"address": "127.0.0.1:0", "tls": {"certificate": "nowhere.pem", "key": "nowhere.key"}}]}, ["nowhere.pem"]),
}


@pytest.mark.parametrize("settings, reasons", REFUSED.values(), ids=REFUSED)
def test_a_reload_that_cannot_be_done_whole_changes_nothing_and_says_why(start_gateway, simulator, settings, reasons):
    gateway, sid = start_gateway(), new_sid()
    gateway.ask(sid)
    rewrite(gateway, simulator, **settings)
    answer = told(gateway)
    assert (answer.status, answer.fault) == (409, "reload_refused")
    for reason in reasons:
        assert reason in answer.json()["message"], answer.json()
        eventually(lambda reason=reason: re.search(rf"reload refused: .*{re.escape(reason)}", gateway.output()), what=reason)
    assert last_reload(gateway)[0] == 0
    assert gateway.ask(sid).cache.get("hit")
    rewrite(gateway, simulator)
    assert told(gateway).json()["changed"] == [], "nor had the level of the log been changed"
    assert last_reload(gateway)[0] == 1


def test_reloading_is_for_operators(start_gateway):
    gateway = start_gateway()
    assert told(gateway, "GET").status == 405
    page = [("Origin", "https://evil.example"), ("Connection", "close")]
    assert exchange(gateway.admin_port, request("/api/reload", None, "POST", page), "POST").status == 403


def test_sighup_under_load_fails_no_request(start_gateway, simulator):
    gateway, sid, stop, seen = start_gateway(), new_sid(), threading.Event(), []

    def read_on():
        with gateway.connect() as connection:
            while not stop.is_set():
                seen.append(connection.send(request(target(sid))).read().status)

    readers = [threading.Thread(target=read_on) for _ in range(4)]
    for one in readers:
        one.start()
    for number in range(1, 6):
        gateway.signal(signal.SIGHUP)
        eventually(lambda number=number: gateway.output().count("reloaded: 0 changed setting(s)") == number)
    stop.set()
    for one in readers:
        one.join()
    assert set(seen) == {200} and len(seen) > 20
