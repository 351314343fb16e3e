"""Appointments: the exact relations between a consultation, its appointment, its slot and the agenda."""

from collections import Counter
from datetime import timedelta

from care_hospital import PLAN, instant, named, target
from order_hospital import full_blocks

from synthetic_data.facts.appointments import BOOKED, CANCELLED, MISSED

MINUTE = timedelta(minutes=1)


def consultations():
    return [one for one in named("enc") if one["class"]["code"] == "AMB"]


def actor(appointment, kind):
    (found,) = [
        one["actor"] for one in appointment["participant"] if one["actor"]["reference"].startswith(f"{kind}/")
    ]
    return found


def test_each_consultation_has_its_own_appointment_with_the_same_people_and_place():
    used = Counter()
    for one in consultations():
        (reference,) = one["appointment"]
        taken = target(reference)
        used[reference["reference"]] += 1
        assert actor(taken, "Patient") == one["subject"]
        assert actor(taken, "Practitioner") == one["participant"][0]["individual"]
        assert actor(taken, "Location") == one["location"][0]["location"]
        assert taken["status"] == ("fulfilled" if one["status"] == "finished" else "arrived")
        wait = instant(one["period"]["start"]) - instant(taken["start"])
        assert timedelta(0) <= wait < 20 * MINUTE, one["id"]
    assert max(used.values()) == 1
    others = [one for one in named("rdv") if f"Appointment/{one['id']}" not in used]
    assert {one["status"] for one in others} == {"noshow", "cancelled", "booked"}


def test_other_encounters_have_none():
    assert all(("appointment" in one) == (one["class"]["code"] == "AMB") for one in named("enc"))


def test_each_kept_appointment_holds_one_busy_slot_at_the_same_time_and_place():
    used = Counter()
    for one in named("rdv"):
        assert ("slot" in one) == (one["status"] != "cancelled")
        for reference in one.get("slot", []):
            used[reference["reference"]] += 1
            slot = target(reference)
            assert slot["status"] == "busy"
            assert (slot["start"], slot["end"]) == (one["start"], one["end"])
            assert slot["specialty"] == one["specialty"]
            (place,) = target(slot["schedule"])["actor"]
            assert place["reference"] == actor(one, "Location")["reference"]
    assert max(used.values()) == 1
    assert set(used) == {f"Slot/{one['id']}" for one in named("slot") if one["status"] == "busy"}


def test_times_tell_what_has_taken_place():
    for one in named("rdv"):
        start, end = instant(one["start"]), instant(one["end"])
        assert end - start == one["minutesDuration"] * MINUTE
        assert instant(one["created"]) <= min(start, PLAN.now)
        if one["status"] == "booked":
            assert PLAN.now < start < PLAN.now + timedelta(days=60)
            assert "deceasedDateTime" not in target(actor(one, "Patient"))
        elif one["status"] in {"noshow", "cancelled"}:
            assert end <= PLAN.now
        assert ("cancelationReason" in one) == (one["status"] == "cancelled")


def test_free_slots_are_in_the_next_two_weeks():
    free = [one for one in named("slot") if one["status"] == "free"]
    assert free
    assert all(PLAN.now < instant(one["start"]) <= PLAN.now + timedelta(days=14) for one in free)


def test_slots_lie_in_the_horizon_of_their_agenda_which_names_no_service_type():
    for one in named("slot"):
        horizon = target(one["schedule"])["planningHorizon"]
        assert instant(horizon["start"]) <= instant(one["start"]) < instant(one["end"])
        assert instant(one["end"]) <= instant(horizon["end"])
    assert all("serviceType" not in one for one in named("agenda"))


def test_a_follow_up_comes_after_a_first_appointment_in_the_same_unit():
    first = {}
    for one in named("rdv"):
        key = actor(one, "Patient")["reference"], actor(one, "Location")["reference"]
        kind = one["appointmentType"]["coding"][0]["code"]
        first.setdefault(key, []).append((instant(one["start"]), kind == "FOLLOWUP"))
    for found in first.values():
        assert [again for _, again in sorted(found)] == [False] + [True] * (len(found) - 1)


def test_missed_cancelled_and_booked_ones_have_their_shares():
    status = [block.appointments.status for block in full_blocks()]
    consultations = sum((block.appointments.episode >= 0).sum() for block in full_blocks())
    shares = [sum((one == rank).sum() for one in status) / consultations for rank in (MISSED, CANCELLED)]
    assert 0.06 <= sum(shares) <= 0.085
    assert 0.04 <= sum((one == BOOKED).sum() for one in status) / consultations <= 0.065
