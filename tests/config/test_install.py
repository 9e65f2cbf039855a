"""An installed wheel carries its configuration and composes it from any directory."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import pathlib, sim.config
from sim.config import compose, shipped
config = compose(["scenario=flat_cash_referral", "population.size=500"])
assert pathlib.Path(sim.config.__file__).is_relative_to(sys.argv[1])
assert shipped("conf").is_relative_to(sys.argv[1])
print(config.scenario, config.population.size)
"""


@pytest.mark.slow
def test_a_wheel_composes_from_any_directory(tmp_path):
    wheels, site, elsewhere = tmp_path / "wheels", tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, ROOT], check=True)
    [wheel] = wheels.glob("liebian-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "sim/_conf/config.yaml" in names
    assert not [
        name for name in names if name.startswith(("conf/", "scenarios/", "tests/")) or "/local/" in name
    ]
    subprocess.run([*pip, "install", "--no-deps", "--target", site, wheel], check=True)
    # -P keeps the working directory off the path, so that only the installed package can be found.
    command = [sys.executable, "-P", "-c", "import sys; " + PROGRAM.lstrip(), str(site)]
    ran = subprocess.run(
        command, cwd=elsewhere, env={"PYTHONPATH": str(site)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["flat_cash_referral", "500"]
    assert list(elsewhere.iterdir()) == []
