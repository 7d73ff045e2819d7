"""Whatever a store holds, every check answers."""

from hypothesis import given

from features.crm.health import LANGUAGES, check_store, render
from features.crm.health.table import CHECKS
from features.settings import Settings
from tests.crm_folder import Crm, crms, small_property, store_of


@given(crms())
@small_property(25)
def test_a_store_of_oddities_is_checked_whole(crm: Crm) -> None:
    health = check_store(store_of(crm), Settings())
    assert {finding.check.name for finding in health.findings} | set(health.silent) == {check.name for check in CHECKS}
    for finding in health.findings:
        assert 0 < finding.found.count <= (finding.found.of or finding.found.count)
        assert len(finding.found.examples) <= 3
    assert all(render(health, language) for language in LANGUAGES)
