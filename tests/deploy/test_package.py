"""The Debian package: what is in it, and its whole life in a root of its own. Nothing of this machine is installed, started or changed.

dpkg works on a folder (--root), and runs the maintainer scripts with DPKG_ROOT instead of in a chroot, which they heed. The real
systemd-sysusers and deb-systemd-helper heed it, too; those that would talk to a running systemd are stubs that keep a diary.
"""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from harness.program import REPOSITORY

DIARY_KEEPERS = ("systemctl", "deb-systemd-invoke")
# Whoever is not root is root of what belongs to nobody else.
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
ENABLED = "etc/systemd/system/multi-user.target.wants/summary-gateway.service"


def run(*arguments, **how):
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, timeout=120, check=False, **how)
    assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def package(packages):
    return packages["summary-gateway"]


@pytest.fixture(scope="module")
def newer(package, tmp_path_factory):
    """The same as version 9, with a conffile and a unit that say so."""
    folder = tmp_path_factory.mktemp("newer")
    run("dpkg-deb", "--raw-extract", package, folder / "tree")
    control = folder / "tree" / "DEBIAN" / "control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 9.0.0-1", control.read_text(), flags=re.M))
    with open(folder / "tree" / "etc" / "summary-gateway" / "gateway.yaml", "a", encoding="utf-8") as config:
        config.write("# of version 9\n")
    run("dpkg-deb", "--build", "--root-owner-group", folder / "tree", folder / "newer.deb")
    return folder / "newer.deb"


class Root:
    """A file system that dpkg takes for the machine's, as if systemd ran on it."""

    def __init__(self, folder):
        self.folder = folder / "root"
        self.diary = folder / "diary"
        for made in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "run/systemd/system", "var/log", "usr/bin"):
            (self.folder / made).mkdir(parents=True)
        (self.folder / "var/lib/dpkg/status").touch()
        stubs = folder / "stubs"
        stubs.mkdir()
        for name in DIARY_KEEPERS:
            (stubs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.diary}"\n')
            (stubs / name).chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}

    def dpkg(self, *arguments):
        """What the scripts said to systemd meanwhile."""
        self.diary.write_text("")
        options = ["--force-not-root", "--force-depends", "--force-script-chrootless", "--force-confold", f"--root={self.folder}", "--log=/dev/null"]
        self.said = run(*AS_ROOT, "dpkg", *options, *arguments, env=self.environment)
        return [line for line in self.diary.read_text().splitlines() if "daemon-reload" not in line]

    def path(self, name):
        return self.folder / name

    def state(self):
        asked = ["dpkg-query", f"--admindir={self.folder}/var/lib/dpkg", "-W", "-f=${db:Status-Status}", "summary-gateway"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def root(tmp_path):
    return Root(tmp_path)


@pytest.fixture
def installed(root, package):
    root.first = root.dpkg("--install", package)
    return root


# --- what is in it ---------------------------------------------------------------------------------------------------------
def test_debians_own_inspector_finds_nothing(package):
    if not shutil.which("lintian"):
        pytest.skip("lintian is missing: deploy/install-deps --tests")
    judged = subprocess.run(
        ["lintian", "--allow-root", "--pedantic", "--fail-on", "error,warning,pedantic", package], capture_output=True, text=True, timeout=120, check=False
    )
    assert judged.returncode == 0 and judged.stdout == "", judged.stdout + judged.stderr


def test_it_needs_the_libraries_that_the_program_names(package):
    depends = run("dpkg-deb", "--field", package, "Depends")
    for library in ("libc6", "libssl3", "libsodium23", "libspdlog", "libyaml-cpp", "libsimdjson", "libdeflate0", "ca-certificates"):
        assert library in depends


def test_its_versions_agree(package):
    (project,) = re.findall(r"project\(summary_gateway VERSION ([\d.]+)", (REPOSITORY / "CMakeLists.txt").read_text())
    # A package of Debian 13 replaces that of Debian 12 when the machine is upgraded.
    system = dict(re.findall(r'^(ID|VERSION_ID)="?([^"\n]*)', Path("/etc/os-release").read_text(), flags=re.M))
    release = system["ID"].replace("debian", "deb") + system.get("VERSION_ID", "")
    assert run("dpkg-deb", "--field", package, "Version").strip() == f"{project}-1~{release}"
    assert f"summary-gateway ({project}-1)" in (REPOSITORY / "deploy" / "debian" / "changelog").read_text().splitlines()[0]
    assert f"## {project}" in (REPOSITORY / "deploy" / "CHANGELOG.md").read_text()


@pytest.fixture(scope="module")
def tree(package, tmp_path_factory):
    """What an installation lays down."""
    folder = tmp_path_factory.mktemp("tree")
    run("dpkg-deb", "--extract", package, folder)
    return folder


def pages(tree):
    found = sorted((tree / "usr/share/doc/summary-gateway").rglob("*.md"))
    assert len(found) > 10
    return found


def test_every_link_of_an_installed_page_leads_to_an_installed_file(tree):
    for page in pages(tree):
        for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text()):
            assert re.match("https?:", link) or (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_installed_file_that_a_page_names_is_there(tree):
    manual = [(REPOSITORY / "deploy" / "man" / name).read_text().replace("\\-", "-") for name in ("summary-gateway.1", "gateway.yaml.5")]
    for text in [*(page.read_text() for page in pages(tree)), *manual]:
        for name in re.findall(r"/usr/[\w./-]*\w/?", text):
            assert (tree / name[1:]).exists(), name
    documents = tree / "usr/share/doc/summary-gateway"
    index = (documents / "README.md").read_text()
    for one in documents.iterdir():
        assert one.suffix in (".gz", ".md") or one.name == "copyright" or f"`{one.name}" in index or f"{one.name}/" in index, f"{one.name}: in no index"


# --- its life ----------------------------------------------------------------------------------------------------------------
def test_installed_it_is_enabled_started_and_good(installed):
    assert installed.state() == "installed"
    assert installed.first == ["deb-systemd-invoke start summary-gateway.service"]
    assert installed.path(ENABLED).is_symlink()
    user = [line for line in installed.path("etc/passwd").read_text().splitlines() if line.startswith("summary-gateway:")]
    assert len(user) == 1 and user[0].endswith(":/nonexistent:/usr/sbin/nologin")
    assert stat.S_IMODE(installed.path("etc/summary-gateway/secrets").stat().st_mode) == 0o700
    program = installed.path("usr/bin/summary-gateway")
    config = installed.path("etc/summary-gateway/gateway.yaml")
    assert "good" in run(program, "--config", config, "--check-config")
    assert config.read_text() == (REPOSITORY / "config" / "gateway.yaml").read_text()
    unit = installed.path("usr/lib/systemd/system/summary-gateway.service").read_text()
    for word in re.findall(r"^ExecStart=(.*)$", unit, re.M)[0].split():
        assert not word.startswith("/") or installed.path(word[1:]).exists(), word


def test_an_upgrade_keeps_settings_and_restarts_once(installed, newer):
    config = installed.path("etc/summary-gateway/gateway.yaml")
    config.write_text("workers: 3\n")
    assert installed.dpkg("--install", newer) == ["deb-systemd-invoke restart summary-gateway.service"], "never stopped before the new one is there"
    assert config.read_text() == "workers: 3\n"
    assert installed.path("etc/summary-gateway/gateway.yaml.dpkg-dist").read_text().endswith("# of version 9\n")
    assert installed.state() == "installed"


def test_an_upgrade_that_does_not_accept_the_settings_leaves_the_old_program_running(installed, newer):
    installed.path("etc/summary-gateway/gateway.yaml").write_text("workers: 2\nwrkers: 3\n")
    assert installed.dpkg("--install", newer) == []
    assert "gateway.yaml:2" in installed.said and "systemctl restart" in installed.said
    assert installed.state() == "installed"


def test_who_disabled_it_finds_it_disabled_after_an_upgrade(installed, newer):
    installed.path(ENABLED).unlink()  # systemctl disable
    installed.dpkg("--install", newer)
    assert not installed.path(ENABLED).is_symlink()


def test_removed_it_leaves_settings_state_and_logs(installed):
    keep_something(installed)
    assert installed.dpkg("--remove", "summary-gateway") == ["deb-systemd-invoke stop summary-gateway.socket summary-gateway.service"]
    assert installed.state() == "config-files"
    assert not installed.path("usr/bin/summary-gateway").exists()
    assert installed.path("etc/summary-gateway/gateway.yaml").exists()
    assert all(installed.path(one).exists() for one in KEPT)


def test_purged_nothing_is_left(installed):
    keep_something(installed)
    installed.dpkg("--purge", "summary-gateway")
    assert installed.state() in ("", "not-installed")
    left = [str(one.relative_to(installed.folder)) for one in installed.folder.rglob("*summary-gateway*") if "var/lib/dpkg" not in str(one)]
    assert left == []


def test_removed_and_installed_again_it_is_as_at_first(installed, package):
    installed.dpkg("--remove", "summary-gateway")
    # Restarting what does not run starts it.
    assert installed.dpkg("--install", package) == ["deb-systemd-invoke restart summary-gateway.service"]
    assert installed.path(ENABLED).is_symlink()
    masked = list(installed.path("etc/systemd/system").glob("summary-gateway.*"))
    assert masked == [], "links to /dev/null"


def test_an_image_that_is_being_made_is_not_talked_to(root, package):
    shutil.rmtree(root.path("run/systemd"))
    assert root.dpkg("--install", package) == []
    assert root.path(ENABLED).is_symlink()


KEPT = (
    "var/lib/private/summary-gateway/key", "var/log/private/summary-gateway/access.log", "etc/summary-gateway/secrets/main.credential",
    "etc/summary-gateway/live/billing.token",
)


def keep_something(root):
    """What the service would have left behind, with the links that systemd makes, and what an administrator enables."""
    for name in KEPT:
        root.path(name).parent.mkdir(parents=True, exist_ok=True)
        root.path(name).write_text("kept")
    for folder in ("var/lib", "var/log"):
        root.path(f"{folder}/summary-gateway").symlink_to("private/summary-gateway")
    wanted = root.path("etc/systemd/system/sockets.target.wants")
    wanted.mkdir(parents=True)
    (wanted / "summary-gateway.socket").symlink_to("/lib/systemd/system/summary-gateway.socket")
