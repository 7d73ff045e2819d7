"""A million rows or one: the same bits."""

from hypothesis import given

from features.history import load_history
from features.streams import load_streams
from tests.asking import KINDS, SETTINGS, ask, differences, some_rows
from tests.crm_folder import Crm, crms, instants, small_property, store_of


@small_property(12)
@given(crm=crms())
def test_batch_equals_single(crm: Crm) -> None:
    store = store_of(crm)
    streams = load_streams(store, SETTINGS)
    for kind in KINDS:
        history = load_history(store, SETTINGS, kind, starts=streams.starts)
        asked = some_rows(history, instants(crm), 3)
        together = ask(history, streams, asked)
        for record in history.ids:
            alone = load_history(store, SETTINGS, kind, [record], starts=streams.starts)
            assert alone.ids == (record,)
            for one, batch in zip(asked, together, strict=True):
                if one[0] == record:
                    assert differences(ask(alone, streams, [one]), [batch], [one]) == []
