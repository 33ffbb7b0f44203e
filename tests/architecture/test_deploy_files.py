"""The deploy files say what the repository and the program hold: paths, commands, variables, names of figures."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from dockerfile_parse import DockerfileParser
from pydantic.fields import FieldInfo
from typer.main import get_command

from api.census import GAUGES
from api.cli import app
from api.metrics import Metrics
from api.settings import Settings

PACKAGES = ("api", "auth", "persistence", "realtime", "snapshots")
OF_LIBRARIES = {"FORWARDED_ALLOW_IPS", "PORT"}
"""Variables that uvicorn and Render read."""
WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
OF_PROMQL = {
    *("sum", "rate", "increase", "max", "min", "by", "le", "histogram_quantile", "time", "and", "or", "on", "unless"),
    *(
        "count",
        "up",
        "job",
        "instance",
        "clamp_min",
        "topk",
        "avg",
        "absent",
        "without",
        "max_over_time",
        "label_replace",
    ),
}


def variable(name: str, field: FieldInfo) -> str:
    """The variable of the environment that sets a field."""
    alias = field.validation_alias
    return alias if isinstance(alias, str) else f"ROWHOUSE_{name.upper()}"


VARIABLES = {variable(name, field) for name, field in Settings.model_fields.items()}


def commands() -> set[str]:
    """The commands of `rowhouse`."""
    return set(get_command(app).commands)  # type: ignore[attr-defined]


def instructions(root: Path) -> list[dict[str, Any]]:
    """The instructions of the Dockerfile."""
    parser = DockerfileParser(path=str(root), fileobj=None)
    return [step for step in parser.structure if step["instruction"] != "COMMENT"]


@pytest.mark.rule("OPS-10")
def test_the_image_copies_what_is_there(root: Path) -> None:
    """Every path that is copied from the sources exists and is let through by .dockerignore, and all packages are copied."""
    copied = [
        step["value"].split()[:-1]
        for step in instructions(root)
        if step["instruction"] == "COPY" and "--from" not in step["value"]
    ]
    paths = {path for each in copied for path in each}
    assert [path for path in paths if not (root / path).exists()] == []
    assert set(PACKAGES) <= paths
    let_through = {line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert paths == let_through


@pytest.mark.rule("OPS-10")
def test_the_image_runs_as_nobody_special_and_ends_when_told(root: Path) -> None:
    """A user without rights, a check of health, and a command in the exec form, so that SIGTERM reaches the server."""
    steps = instructions(root)
    last = {step["instruction"]: step["value"] for step in steps}
    assert last["USER"] == "rowhouse"
    command = json.loads(last["CMD"])
    assert command[0] == "rowhouse"
    assert command[1] in commands()
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert "/healthz" in last["HEALTHCHECK"]
    stages = [step["value"] for step in steps if step["instruction"] == "FROM"]
    assert [stage.split()[0] for stage in stages] == ["node:22-bookworm-slim", *["python:3.11-slim-bookworm"] * 2]
    assert "--require-hashes" in "".join(step["value"] for step in steps if step["instruction"] == "RUN")


@pytest.mark.rule("OPS-10")
def test_variables_of_the_deploy_files_are_settings(root: Path) -> None:
    """A slip in the name of a variable would silently leave its default."""
    image = {
        name
        for step in instructions(root)
        if step["instruction"] == "ENV"
        for name in re.findall(r"(\w+)=", step["value"])
    }
    node = yaml.safe_load((root / "docker-compose.yml").read_text())["services"]["node1"]["environment"]
    (service,) = yaml.safe_load((root / "render.yaml").read_text())["services"]
    render = {entry["key"] for entry in service["envVars"]}
    for named in ({name for name in image if name.startswith("ROWHOUSE")}, set(node), render):
        assert named
        assert named - VARIABLES - OF_LIBRARIES == set()


@pytest.mark.rule("OPS-10")
def test_the_installed_program_is_whole(root: Path, tmp_path: Path) -> None:
    """The wheel that the image installs holds every module of the packages, the migrations too."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    source = tmp_path / "source"
    source.mkdir()
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        (source / name).symlink_to(root / name)
    ran = subprocess.run([*command, "--wheel-dir", tmp_path, source], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(path.relative_to(root)) for package in PACKAGES for path in (root / package).rglob("*.py")}
    assert sorted(wanted - held) == []
    assert "persistence/migrations/script.py.mako" in held


@pytest.mark.rule("OPS-10")
def test_the_servers_lock_is_part_of_the_whole_one(root: Path) -> None:
    """The image runs what was tested: the same versions with the same hashes."""

    def entries(name: str) -> set[str]:
        joined = (root / name).read_text().replace("\\\n", " ")
        return {" ".join(line.split()) for line in joined.splitlines() if line and not line.startswith("#")}

    assert entries("requirements-server.lock") - entries("requirements.lock") == set()


@pytest.mark.rule("OPS-10")
def test_the_compose_file_is_sound(root: Path) -> None:
    """It keeps the specification; two nodes, a proxy, PostgreSQL and Valkey, and commands that exist."""
    text = (root / "docker-compose.yml").read_text()
    PyCompose.from_yaml(yaml.safe_dump(resolved(text)))
    services = yaml.safe_load(text)["services"]
    assert set(services) == {"proxy", "node1", "node2", "migrate", "postgres", "valkey"}
    assert services["migrate"]["command"] == ["rowhouse", "migrate"]
    assert "migrate" in commands()
    for service in services.values():
        for mount in (mount for mount in service.get("volumes", []) if mount.startswith("./")):
            assert (root / mount.split(":")[0]).is_file()
        assert set(service.get("depends_on", {})) <= set(services)


def resolved(text: str) -> Any:
    """The compose file with its anchors and merges carried out."""
    return yaml.safe_load(text)


@pytest.mark.rule("OPS-10")
def test_a_slip_in_the_compose_file_is_found(root: Path) -> None:
    """A misspelt key is named with its place."""
    text = (root / "docker-compose.yml").read_text().replace("    restart: unless-stopped", "    restrat: always", 1)
    with pytest.raises(ValueError, match=r"restrat.*line \d+ column \d+"):
        PyCompose.from_yaml(yaml.safe_dump(resolved(text)))


@pytest.mark.rule("OPS-10")
def test_the_render_file_is_sound(root: Path) -> None:
    """Its Dockerfile, health check and command exist, and its database is the one that it makes."""
    found = yaml.safe_load((root / "render.yaml").read_text())
    (service,), (database,) = found["services"], found["databases"]
    assert (root / service["dockerfilePath"]).is_file()
    assert service["healthCheckPath"] == "/readyz"
    assert service["preDeployCommand"].split()[0] == "rowhouse"
    assert service["preDeployCommand"].split()[1] in commands()
    named = [entry["fromDatabase"]["name"] for entry in service["envVars"] if "fromDatabase" in entry]
    assert named == [database["name"]]
    unknown = set(service) - {
        *("type", "name", "runtime", "plan", "dockerfilePath", "preDeployCommand", "healthCheckPath"),
        *("maxShutdownDelaySeconds", "envVars"),
    }
    assert unknown == set()


# Figures


def figures() -> set[str]:
    """The name of every sample that a node gives."""
    metrics = Metrics()
    found = {"up", "rowhouse_build_info", "rowhouse_pool_connections"} | {f"rowhouse_{name}" for name in GAUGES}
    for family in metrics.registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        found |= {family.name + suffix for suffix in suffixes}
    return found


def asked_for(expression: str) -> set[str]:
    """The names of figures in an expression of PromQL."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|\b(?:by|on|without)\s*\([^)]*\)", " ", expression)
    return {word for word in WORD.findall(bare) if word not in OF_PROMQL and not re.fullmatch(r"[0-9.e]+|e\d+", word)}


def board(root: Path) -> list[str]:
    """The expressions of the dashboard."""
    panels = json.loads((root / "deploy/grafana/rowhouse.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def alerts(root: Path) -> list[dict[str, Any]]:
    """The rules that raise an alarm."""
    groups = yaml.safe_load((root / "deploy/prometheus/alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.rule("OPS-11")
def test_the_check_of_names_sees_a_wrong_one() -> None:
    """What it reads of an expression is the figures' names."""
    expression = 'histogram_quantile(0.99, sum by (le, route) (rate(rowhouse_wrong_bucket{job="rowhouse"}[5m]))) > 1e3'
    assert asked_for(expression) == {"rowhouse_wrong_bucket"}


@pytest.mark.rule("OPS-11")
def test_the_dashboard_and_the_alerts_ask_for_figures_that_exist(root: Path) -> None:
    """Every name in every expression is one that a node gives; the board shows most of what there is."""
    expressions = [*board(root), *(rule["expr"] for rule in alerts(root))]
    assert len(expressions) > 20
    asked = set().union(*map(asked_for, expressions))
    assert sorted(asked - figures()) == []
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in figures() if name.startswith("rowhouse_")}
    unseen = ours - {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert unseen == set()


@pytest.mark.rule("OPS-11")
def test_every_alert_has_a_runbook(root: Path) -> None:
    """It says what people see, how bad it is, and links to its place in the page for operators."""
    page = (root / "docs/OPERATIONS.md").read_text()
    assert alerts(root)
    for rule in alerts(root):
        name = rule["alert"]
        assert f"### {name}\n" in page
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook_url"].endswith(f"docs/OPERATIONS.md#{name.lower()}")


@pytest.mark.rule("OPS-12")
def test_every_setting_and_limit_is_explained(root: Path) -> None:
    """The tables of the page for operators name each variable and each limit with its default, and none that does not exist."""
    page = (root / "docs/OPERATIONS.md").read_text()
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", page, re.MULTILINE))
    assert set(table) == VARIABLES | {"FORWARDED_ALLOW_IPS"}
    limits = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]*) \|", page, re.MULTILINE))
    defaults = Settings(secret="s" * 40).list_limits
    assert limits == {name: f"{getattr(defaults, name):,}" for name in defaults.__dataclass_fields__}


@pytest.mark.rule("OPS-12")
def test_the_commands_of_the_page_exist(root: Path) -> None:
    """Every `rowhouse ...` that the page tells people to type is a command of this version."""
    page = (root / "docs/OPERATIONS.md").read_text()
    named = set(re.findall(r"(?:^|`|\$ |exec node1 )rowhouse ([a-z-]+)", page, re.MULTILINE))
    assert named
    assert named - commands() == set()
