"""cfn-lint and checkov find nothing in the templates of dev and prod that is not accepted."""

from pathlib import Path

from infra.declarations import loader
from tests.audit import acceptances
from tests.audit.findings import Audit
from tests.infrastructure.conftest import synthesize


def test_every_finding_is_accepted_and_every_acceptance_is_needed(tmp_path: Path) -> None:
    """Fix each finding, or accept it with a reason in accepted.toml."""
    specs = loader.load()
    for environment in ("dev", "prod"):
        synthesize(tmp_path / environment, environment, specs)
    faults = acceptances.faults(Audit(tmp_path).findings(), acceptances.load(acceptances.FILE))
    assert not faults, "\n".join(["", *faults])
