"""Fixtures: one simulator for the whole run, a gateway for a file or for a test."""

import resource
from contextlib import ExitStack

import pytest

from harness.browser import Browser
from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import budget_of
from harness.gateway import Gateway, settings_for
from harness.hanging import HangingMachine
from harness.program import BUILD
from harness.simulator import Simulator
from harness.strangers import prove
from harness.warm import Generations


def pytest_configure(config):
    config.addinivalue_line("markers", "strangers: what nobody may notice of strangers, of another kind of resource, of who has left")


def pytest_sessionstart():
    """One clear sentence instead of hundreds of failures."""
    for program in ("summary-gateway", "twilio-simulator"):
        if not (BUILD / program).exists():
            pytest.exit(f"there is no {BUILD / program}: build it, or name the build directory in GATEWAY_BUILD", returncode=2)


@pytest.fixture(scope="session", autouse=True)
def many_descriptors():
    """A thousand clients at once need a thousand sockets here and as many in the gateway."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@pytest.fixture(scope="session")
def the_simulator(tmp_path_factory):
    simulator = Simulator(tmp_path_factory.mktemp("simulator"), shared=True)
    yield simulator
    simulator.stop()


@pytest.fixture(scope="module")
def the_browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.stop()


@pytest.fixture
def simulator_with_a_clock(tmp_path_factory):
    """One for a test that moves its clock: the tests that follow would see their calls end at other moments."""
    simulator = Simulator(tmp_path_factory.mktemp("simulator"))
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(the_simulator):
    """Calm at the start of each test: no faults, no barrier, an empty log."""
    the_simulator.reset()
    yield the_simulator
    the_simulator.barrier(False)


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    """With the default settings, shared by the tests of one file."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings_for(the_simulator))
    yield gateway
    gateway.stop()


@pytest.fixture
def start_gateway(simulator, tmp_path):
    """A gateway with settings of its own: start_gateway(cache={"fresh_for": "1s"})."""
    with ExitStack() as at_the_end:

        def start(preexec=None, may_cut=False, **overrides):
            """`may_cut`: the test leaves requests that its end cuts."""
            start.count += 1
            gateway = Gateway(tmp_path, settings_for(simulator, **overrides), name=f"gateway-{start.count}", preexec=preexec)
            at_the_end.callback(gateway.stop, "request(s) were cut" if may_cut else None)
            return gateway

        start.count = 0
        yield start
        # A failing test must not leave a gateway waiting for a held answer.
        simulator.barrier(False)


@pytest.fixture
def machine(tmp_path):
    """Parts of the machine that a test lets hang: files, the user database."""
    machine = HangingMachine(tmp_path)
    yield machine
    machine.recover()


@pytest.fixture
def generations(simulator, tmp_path):
    """Gateways that leave a snapshot to the one after them: generations(cache={…})."""
    made = []

    def make(**overrides):
        made.append(Generations(tmp_path, simulator, **overrides))
        return made[-1]

    yield make
    # A failing test must not leave a gateway waiting for a held answer.
    simulator.barrier(False)
    for one in made:
        one.stop()


@pytest.fixture(scope="module")
def the_engine(tmp_path_factory):
    """The engine of a fleet: a real server that the tests of a file share."""
    with Engine(tmp_path_factory.mktemp("engine")) as one:
        yield one


@pytest.fixture
def engine(tmp_path):
    """The same, of this test's own."""
    with Engine(tmp_path) as one:
        yield one


@pytest.fixture
def fleet_of(simulator, tmp_path, engine):
    """Gateways that share nothing but the limit, with a proved credential and an idea of how long an exchange takes."""
    made = []

    def start(count, most=40, **upstream):
        # A busy machine is no trouble of the engine.
        settings = settings_for(simulator, fleet=engine.fleet(share=["limit"], timeout="1s"), upstream={"max_in_flight": most, **upstream})
        for number in range(count):
            made.append(Gateway(tmp_path, settings, name=f"gateway-{number}"))
        for gateway in made:
            prove(gateway)
            prove(gateway)
            eventually(lambda gateway=gateway: budget_of(gateway) == {"state": "shared", "gateways": count})
        simulator.control("DELETE", "/requests")
        return made

    yield start
    # A failing test must not leave a gateway waiting for a held answer.
    simulator.barrier(False)
    for gateway in made:
        if gateway.running():
            gateway.stop()
