"""Alertmanager forgets when it is started anew: what is open is told again, and what ended ends again."""

import json
from dataclasses import replace
from datetime import timedelta

from agent.app import alerts
from agent.cases.case import CaseState
from agent.channels.alertmanager import AlertmanagerChannel
from agent.inventory.channels import ChannelKind, ChannelSetup
from agent.inventory.device import Secret
from agent.storage.engine import SqlStore
from tests.fakes import Postbox
from tests.integration.listening import listening
from tests.story import START, device, inventory
from tests.unit.notifications.test_wording import CASE

NOW = START + timedelta(hours=2)


def test_open_cases_are_repeated_and_those_that_ended_lately_end_again(store: SqlStore) -> None:
    with store.begin() as tx:
        cases = [tx.open_case(replace(CASE, number=0, root="", problem=f"p{n}")) for n in range(4)]
        merged = replace(cases[1], state=CaseState.RESOLVED, resolved=NOW, live=False, merged_into=cases[0].number)
        tx.save_case(merged)
        long_ago = replace(cases[2], state=CaseState.CLOSED, resolved=START, closed=START, live=False)
        tx.save_case(long_ago)
        tx.save_case(replace(cases[3], customer="others"))
    setup = ChannelSetup(
        name="am", kind=ChannelKind.ALERTMANAGER, url=Secret("url"), every_case=True, customers=("acme",)
    )
    network = replace(inventory([device("r1")], [], ["r1"]), channels={"am": setup})
    with listening() as there:
        channels = {"am": AlertmanagerChannel(setup, lambda _: there.url), "email": Postbox()}
        assert alerts.repeat(store, network, channels, "https://noc.example.net", NOW) == 2
    ((_, _, body),) = there.got
    told = {alert["labels"]["case"]: alert for alert in json.loads(body)}
    assert set(told) == {cases[0].name, merged.name}
    assert told[merged.name]["endsAt"].startswith("2026-03-02T10:00:00")
    assert told[cases[0].name]["endsAt"] > "2030"


def test_an_alertmanager_that_is_away_is_no_error_of_ours(store: SqlStore) -> None:
    with store.begin() as tx:
        tx.open_case(replace(CASE, number=0, root=""))
    setup = ChannelSetup(name="am", kind=ChannelKind.ALERTMANAGER, url=Secret("url"), every_case=True)
    network = replace(inventory([device("r1")], [], ["r1"]), channels={"am": setup})
    with listening(status=503) as there:
        channels = {"am": AlertmanagerChannel(setup, lambda _: there.url)}
        assert alerts.repeat(store, network, channels, "", NOW) == 0
    assert alerts.repeat(store, network, {"email": Postbox()}, "", NOW) == 0
