"""The case page names the cases that a case has to do with."""

from starlette.testclient import TestClient

from agent.cases.case import Case


def test_the_page_and_the_api_name_the_linked_case_on_both_sides(client: TestClient, case: Case) -> None:
    for one, other in ((1, 2), (2, 1)):
        page = client.get(f"/cases/{one}").text
        assert f'Linked to <a href="/cases/{other}">NC-00000{other}</a>' in page
        assert "关联 <a" in client.get(f"/cases/{one}", headers={"accept-language": "zh-CN"}).text
        assert client.get(f"/api/v1/cases/{one}").json()["around"] == [{"how": "linked to", "case": f"NC-00000{other}"}]
