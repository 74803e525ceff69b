"""What `.ci/run` ends with: CI believes its exit code alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# What the script calls: a Python that "builds a wheel" and "makes an environment" out of itself.
PYTHON = """#!/bin/sh
[ "$2" != "$FAILS" ] || exit 3
while [ $# -gt 0 ]; do
    case $1 in
    --outdir) : >"$2/a.whl" ;;
    venv) mkdir -p "$2/bin" && cp "$0" "$2/bin/python" && cp "$0" "$2/bin/indexer" ;;
    esac
    shift
done
"""
MAKE = """#!/bin/sh
[ "$1" != "$FAILS" ] || exit 3
"""


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.parametrize("fails", ["nothing", ".venv/.dev", "lint", "build", "test"])
def test_ci_run_fails_if_a_step_does_and_leaves_no_files(tmp_path: Path, fails: str) -> None:
    checkout, tools, scratch = tmp_path / "checkout", tmp_path / "tools", tmp_path / "scratch"
    (checkout / ".ci").mkdir(parents=True)
    scratch.mkdir()
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci" / "run")
    program(checkout / ".venv" / "bin" / "python", PYTHON)
    program(tools / "make", MAKE)
    for installed in (
        "systemd-analyze", "docker-registry", "skopeo", "podman", "buildah", "curl", "chromium",
        "promtool",
    ):  # fmt: skip
        program(tools / installed, "#!/bin/sh\n")

    ended = subprocess.run(
        ["bash", ".ci/run"],
        cwd=checkout,
        env=os.environ
        | {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "TMPDIR": str(scratch),
            "FAILS": fails,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ended.returncode == 0) == (fails == "nothing"), ended.stdout + ended.stderr
    assert ("=== Done" in ended.stdout) == (fails == "nothing")
    assert list(scratch.iterdir()) == []
