"""What makes a release: version, changelog and tag belong together, the list of materials is whole, and the workflow calls what there is."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from harness.gateway import BINARY
from harness.program import BUILD, REPOSITORY

RELEASE = REPOSITORY / "deploy" / "release"
WORKFLOW = REPOSITORY / ".github" / "workflows" / "release.yml"


def release(*words, script=RELEASE):
    done = subprocess.run([script, *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def copy(tmp_path):
    """A repository with another changelog: copy("## 0.1.0 – …\\n")."""

    def make(changelog):
        folder = tmp_path / "deploy"
        folder.mkdir(exist_ok=True)
        shutil.copy(RELEASE, folder)
        shutil.copy(REPOSITORY / "CMakeLists.txt", tmp_path)
        (folder / "CHANGELOG.md").write_text(changelog)
        return folder / "release"

    return make


def version():
    return subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


def test_a_tag_is_that_of_the_version_and_its_section_has_a_date(copy):
    tag = f"v{version()}"
    dated = copy(f"# Changelog\n\n## {version()} – 2026-12-31\n- one\n- two\n\n## 0.0.1 – 2026-01-01\n- old\n")
    assert release("check", tag, script=dated) == (0, f"{version()}\n", "")
    assert release("notes", version(), script=dated) == (0, "- one\n- two\n", "")
    assert release("notes", "0.0.1", script=dated)[1] == "- old\n"
    for wrong in ("v9.9.9", version(), "v"):
        code, _, why = release("check", wrong, script=dated)
        assert code == 1 and f"is {tag}" in why
    code, _, why = release("check", tag, script=copy(f"## {version()} – not yet released\n- one\n"))
    assert code == 1 and "date" in why
    code, _, why = release("check", tag, script=copy("# Changelog\n"))
    assert code == 1 and "no section" in why
    assert release("check")[0] == 64 and release("publish", "x")[0] == 64


def test_the_changelog_has_the_section_of_this_version():
    assert len(release("notes", version())[1]) > 1000


@pytest.mark.parametrize("program", ["summary-gateway", "twilio-simulator"])
def test_the_list_of_materials_names_every_package_in_the_image(program, tmp_path):
    subprocess.run([REPOSITORY / "deploy" / "image-tree", BUILD / program, tmp_path / "tree"], check=True, timeout=120, capture_output=True)
    code, text, why = release("sbom", tmp_path / "tree")
    assert code == 0, why
    listed = json.loads(text)
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.5")
    assert (listed["metadata"]["component"]["name"], listed["metadata"]["component"]["version"]) == (program, version())
    parts = {part["name"]: part for part in listed["components"]}
    held = {one.name for one in (tmp_path / "tree" / "usr/share/doc").iterdir()} - {program}
    assert held < set(parts) and any(re.fullmatch(r"libboost[\d.]+-dev", name) for name in parts), "and the headers"
    for part in parts.values():
        assert re.fullmatch(r"pkg:deb/debian/[a-z0-9.+-]+@[^?]+\?arch=[a-z0-9]+&upstream=[a-z0-9.+-]+", part["purl"]), part
    assert set(listed["dependencies"][0]["dependsOn"]) == set(parts)
    code, _, why = release("sbom", tmp_path)
    assert code == 1 and "no tree" in why


def test_the_workflow_calls_what_is_there():
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    called = {match for command in commands for match in re.findall(r"(?:^|[ (])((?:deploy|tests|bench)/[\w/-]+)", command)}
    assert {"deploy/release", "deploy/install-deps", "tests/run"} <= called
    for one in called:
        assert (REPOSITORY / one).is_file(), one
    assert {"check", "test", "package", "image"} <= set(jobs["publish"]["needs"]), "nothing is published untested"
    assert jobs["package"]["strategy"]["matrix"]["debian"] == [12, 13]
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (REPOSITORY / "deploy" / "Dockerfile").read_text(), re.M)
    images = jobs["image"]["strategy"]["matrix"]["program"]
    assert images == ["summary-gateway", "twilio-simulator"]
    assert all({one, f"build-{one}"} <= set(stages) for one in images)
    # A tag's name is a stranger's text: it reaches a shell in a variable, never as part of the command.
    assert not [command for command in commands if "${{" in command]
