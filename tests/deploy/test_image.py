"""The images: what their Dockerfile promises, and the tree that becomes it, run as the image is: read-only, nobody's user, nothing else there."""

import json
import os
import re
import shutil
import subprocess

import pytest

from harness.gateway import BINARY, Gateway, settings_for
from harness.program import BUILD, REPOSITORY, Program
from harness.twilio_facts import new_sid

DEPLOY = REPOSITORY / "deploy"
# 16 MiB on Debian 12, nearly 20 on 13: its OpenSSL is larger and brings zstd.
LARGEST = 24 * 1024 * 1024


# --- the Dockerfile ------------------------------------------------------------------------------------------------------------
def instructions():
    """(word, arguments), comments gone and continued lines joined."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def stages():
    """{name: its instructions}, in their order."""
    found = {}
    for word, arguments in instructions():
        if word == "FROM":
            current = found.setdefault(arguments.partition(" AS ")[2], [])
        if found:
            current.append((word, arguments))
    return found


def final_stage():
    (*_, last) = stages().values()
    return last


BUILT_BY = {program: f"build-{program}" for program in ("summary-gateway", "twilio-simulator")}
ARGUMENTS = {
    "summary-gateway": ["--config", "/etc/summary-gateway/gateway.yaml"],
    "twilio-simulator": ["--listen", "0.0.0.0:8443", "--control", "0.0.0.0:8444"],
}


def test_without_a_target_the_gateway_is_built():
    assert list(stages())[-1] == "summary-gateway"


@pytest.mark.parametrize("program", BUILT_BY)
def test_an_image_holds_its_tree_and_nothing_else(program):
    stage = stages()[program]
    assert stage[0] == ("FROM", f"scratch AS {program}")
    assert [arguments for word, arguments in stage if word in ("COPY", "ADD")] == [f"--from={BUILT_BY[program]} /tree/ /"]
    assert not [word for word, _ in stage if word == "RUN"]


@pytest.mark.parametrize("program", BUILT_BY)
def test_it_runs_as_a_numbered_user_and_ends_by_sigterm(program):
    said = dict(stages()[program])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said["USER"])
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(said["ENTRYPOINT"]) == [f"/usr/bin/{program}"], "no shell between: signals reach the program"
    assert json.loads(said["CMD"]) == ARGUMENTS[program]


def test_the_build_stage_makes_the_tree_from_what_the_context_holds():
    found = instructions()
    runs = " ".join(arguments for word, arguments in found if word == "RUN")
    assert all(f"deploy/image-tree /build/{program} /tree" in runs for program in BUILT_BY)
    assert "deploy/install-deps" in runs and "apt-get install" not in runs, "one place lists packages"
    ignored = (REPOSITORY / ".dockerignore").read_text().split("\n")
    assert "*" in ignored and {"!src", "!deploy", "!config", "!CMakeLists.txt", "!tests/simulator"} <= set(ignored)
    for word, arguments in found:
        if word == "COPY" and not arguments.startswith("--from"):
            assert (REPOSITORY / arguments.split()[0]).exists(), arguments


@pytest.mark.parametrize("program", BUILT_BY)
def test_what_the_build_stage_needs_is_in_its_context(program, tmp_path):
    """Configured from a copy of what .dockerignore lets through: a file that is missing would only be missed in a build of the image."""
    kept = [line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in kept:
        source = REPOSITORY / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path / name)
    (command,) = re.findall(r"cmake (-G Ninja .*?) +&&", " ".join(arguments for _, arguments in stages()[BUILT_BY[program]]))
    options = command.replace("-B /build", f"-B {tmp_path}/build").split()
    configured = subprocess.run(["cmake", *options], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert configured.returncode == 0, configured.stderr
    targets = subprocess.run(["ninja", "-C", tmp_path / "build", "-t", "targets", "all"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert re.search(rf"^{program}: ", targets, re.M), "the target that the stage builds"


# --- the tree ------------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("image") / "tree"
    subprocess.run([DEPLOY / "image-tree", BINARY, folder], check=True, timeout=60)
    return folder


def files(tree):
    return sorted(str(one.relative_to(tree)) for one in tree.rglob("*") if not one.is_dir())


def test_the_tree_is_small_and_has_no_tools(tree):
    size = sum((tree / name).lstat().st_size for name in files(tree))
    print(f"image tree: {size / 2**20:.1f} MiB in {len(files(tree))} files")
    assert size < LARGEST
    programs = [name for name in files(tree) if os.access(tree / name, os.X_OK) and ".so" not in name]
    assert programs == ["usr/bin/summary-gateway"]
    assert not [name for name in files(tree) if (tree / name).stat().st_mode & 0o7022], "nothing set-uid, nothing that others may write"


def test_its_user_has_a_name(tree):
    user, group = dict(final_stage())["USER"].split(":")
    assert f":x:{user}:{group}:" in (tree / "etc/passwd").read_text() and f":x:{group}:" in (tree / "etc/group").read_text()


def test_it_hands_on_the_terms_of_all_that_it_holds(tree):
    texts = {one.parent.name: one.read_text(errors="replace") for one in tree.glob("usr/share/doc/*/copyright")}
    for part in ("summary-gateway", "ca-certificates", "libc6", "libssl3", "libstdc++6", "libsodium23", "libspdlog", "libyaml-cpp", "libsimdjson", "libdeflate0"):
        assert any(name.startswith(part) for name in texts), part
    assert all("Copyright: " in texts["summary-gateway"].partition(f"Files: {part}")[2] for part in ("Chart.js", "xxHash")), "what is compiled in"
    for name, text in texts.items():
        for licence in re.findall(r"/usr/share/common-licenses/[\w.-]*\w", text):
            assert (tree / licence.lstrip("/")).is_file(), f"{name} names {licence}"


def test_what_it_may_write_is_its_users(tree):
    """A new volume of Docker takes owner and mode from the folder that it hides: another's could not be written."""
    if os.geteuid():
        pytest.skip("only root gives a folder away; the build of the image is root")
    user, group = map(int, dict(final_stage())["USER"].split(":"))
    given = {str(one.relative_to(tree)): one.lstat() for one in tree.rglob("*") if one.lstat().st_uid}
    assert {name: oct(about.st_mode & 0o777) for name, about in given.items()} == {"run/summary-gateway": "0o755", "var/lib/summary-gateway": "0o700"}
    assert {(about.st_uid, about.st_gid) for about in given.values()} == {(user, group)}


def test_its_settings_are_good_and_listen_where_it_says(tree):
    settings = (tree / "etc/summary-gateway/gateway.yaml").read_text()
    checked = subprocess.run([BINARY, "--config", tree / "etc/summary-gateway/gateway.yaml", "--check-config"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert re.findall(r"0\.0\.0\.0:(\d+)", settings) == dict(final_stage())["EXPOSE"].split()


def test_the_line_that_opens_the_dashboard_is_right(tree, tmp_path):
    """What the page gives the program in a container, with the paths of the tree."""
    page = (DEPLOY / "docs" / "install.md").read_text().replace("\\\n", " ")
    (words,) = re.findall(r"docker run [^\n]*admin\.token:/admin\.token:ro\" summary-gateway ([^\n]*)", page)
    secret = tmp_path / "admin.token"
    secret.write_text("0123456789abcdef" * 4 + "\n")
    secret.chmod(0o600)
    said = words.replace("/etc/", f"{tree}/etc/").replace("=/admin.token", f"={secret}")
    checked = subprocess.run([BINARY, "--check-config", *said.split()], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stdout
    without = [word for word in said.split() if "token_file" not in word]
    refused = subprocess.run([BINARY, "--check-config", *without[:-1]], capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 64 and "token_file" in refused.stdout


def test_it_runs_read_only_as_nobody_and_answers(tree, simulator, tmp_path, monkeypatch):
    """In a mount namespace and a chroot: the image's root file system, its user, the settings mounted as Docker would, our CA where its bundle is."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no mount namespaces")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "ca.pem").write_bytes(simulator.ca_file.read_bytes())
    run = tmp_path / "run"
    run.write_text(
        "#!/bin/sh\n"
        "set -e\n"
        f'tree={tree} settings={mounted}\n'
        'cp "$2" "$settings/gateway.yaml"\n'
        'chmod 644 "$settings/gateway.yaml"\n'
        # What a container is given by whoever runs it.
        'mkdir -p "$tree/mounted"\n'
        'mount --bind "$tree" "$tree"\n'
        'mount --bind "$settings" "$tree/mounted"\n'
        'for file in /etc/hosts /etc/resolv.conf; do touch "$tree$file"; mount --bind "$file" "$tree$file"; done\n'
        'mount --bind "$settings/ca.pem" "$tree/usr/lib/ssl/cert.pem"\n'
        'mount -o remount,ro,bind "$tree"\n'
        f'exec env -u SSL_CERT_FILE -u SSL_CERT_DIR chroot --userspec={dict(final_stage())["USER"]} "$tree" /usr/bin/summary-gateway --config /mounted/gateway.yaml\n'
    )
    within = tmp_path / "within"
    within.write_text(f'#!/bin/sh\nexec unshare --mount "{run}" "$@"\n')
    for script in (run, within):
        script.chmod(0o755)
    monkeypatch.setattr("harness.gateway.BINARY", within)
    gateway = Gateway(tmp_path, settings_for(simulator, upstream={"ca_file": "system"}), name="image")
    sid = new_sid()
    assert [gateway.ask(sid).status for _ in range(2)] == [200, 200]
    assert gateway.admin("/readyz").status == 200 and gateway.admin("/livez").status == 200
    process = f"/proc/{gateway.process.pid}"
    assert os.stat(process).st_uid == 65532
    with open(f"{process}/mountinfo", encoding="ascii") as mounts:
        (root,) = [line.split()[5] for line in mounts if line.split()[4] == "/"]
    assert "ro" in root.split(",")
    gateway.stop()


# --- the simulator's -----------------------------------------------------------------------------------------------------------
def test_the_simulators_image_is_small_and_runs_as_nobody(tmp_path):
    """In a chroot: its libraries are there, it writes nothing, and clients get the authority from its control port."""
    tree = tmp_path / "tree"
    subprocess.run([DEPLOY / "image-tree", BUILD / "twilio-simulator", tree], check=True, timeout=60)
    size = sum((tree / name).lstat().st_size for name in files(tree))
    print(f"simulator's tree: {size / 2**20:.1f} MiB in {len(files(tree))} files")
    assert size < LARGEST
    assert [name for name in files(tree) if os.access(tree / name, os.X_OK) and ".so" not in name] == ["usr/bin/twilio-simulator"]
    assert not (tree / "etc/summary-gateway").exists() and (tree / "usr/share/doc/twilio-simulator/copyright").is_file()
    if os.geteuid():
        pytest.skip("only root changes the root")
    user = dict(stages()["twilio-simulator"])["USER"]
    command = ["chroot", f"--userspec={user}", tree, "/usr/bin/twilio-simulator", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
    simulator = Program(command, tmp_path, "twilio-simulator")
    https = simulator.expect(r"https on (\S+)").group(1)
    control = simulator.expect(r"control on (http://\S+)").group(1)
    asked = f"curl -sSf -o {tmp_path}/ca.pem {control}/ca.pem && curl -sSf --cacert {tmp_path}/ca.pem -u AC{1:032}:parent-token https://{https}/v1/Voice/{new_sid()}/Summary"
    answered = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=30, check=False)
    assert answered.returncode == 0 and '"complete"' in answered.stdout, answered.stderr
    simulator.stop()
