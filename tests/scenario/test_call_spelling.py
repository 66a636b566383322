"""A CallSid in upper case: Twilio takes it and answers in lower case. Both spellings are one call for all that erases or explains."""

import pytest

from harness.twilio_facts import new_sid


def upper(sid):
    return sid[:2] + sid[2:].upper()


@pytest.fixture
def sid():
    made = new_sid()
    while upper(made) == made:
        made = new_sid()
    return made


def test_an_answer_in_lower_case_is_about_the_call_that_was_asked_for(gateway, simulator, sid):
    first, again = gateway.ask(upper(sid)), gateway.ask(upper(sid))
    assert (first.status, first.json()["call_sid"]) == (200, sid)
    assert again.cache.get("hit") and again.body == first.body
    assert "hit" not in gateway.ask(sid).cache, "each spelling is asked for by itself"
    assert [row["target"].split("/")[3] for row in simulator.requests()] == [upper(sid), sid]


@pytest.mark.parametrize("told", [str, upper], ids=["lower", "upper"])
def test_a_purge_takes_every_spelling(gateway, sid, told):
    gateway.ask(sid), gateway.ask(upper(sid))
    for hard in ("false", "true"):
        gateway.admin(f"/api/purge?call_sid={told(sid)}&hard={hard}", "POST")
        for each in (sid, upper(sid)):
            assert "hit" not in gateway.ask(each).cache
            assert gateway.ask(each).cache.get("hit")


def test_an_annotation_outdates_every_spelling(gateway, sid):
    gateway.ask(sid), gateway.ask(upper(sid))
    assert gateway.annotate(upper(sid), Comment="heard").status == 200
    for each in (sid, upper(sid)):
        assert gateway.ask(each).json()["annotation"]["comment"].startswith("heard"), "large bodies of the simulator go on"


def test_explain_tells_of_every_spelling(gateway, sid):
    gateway.ask(sid), gateway.ask(upper(sid))
    for each in (sid, upper(sid)):
        told = gateway.admin(f"/api/explain?call_sid={each}").json()
        assert told["call_sid"] == sid
        assert [entry["partition"] for entry in told["entries"]] == [1, 1]
