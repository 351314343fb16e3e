"""What is answered is kept once and counted always, in a bounded room that no route takes from another."""

import io
from collections import Counter

import pytest

from lab.load.error import LoadError
from lab.load.spool import Spool, spool_of
from lab.load.spooled import Counts, read_spool
from lab.load.verify import Answer


def written(path, answers, *, room=10_000, seed=1, secrets=()):
    """Spool (route, Answer) pairs and return what is read back: bodies, counts, what was left."""
    with path.open("wb") as file:
        spool = Spool(file, seed, room=room)
        spool.secrets = lambda: secrets
        for number, (route, answer) in enumerate(answers):
            spool.take(route, f"Patient/{number}", answer)
            if number % 7 == 0:
                spool.flush()
        spool.flush()
    return read_back(path)


def read_back(path):
    bodies, kept, left = [], Counter(), Counter()
    for part in read_spool(path):
        if isinstance(part, Counts):
            kept.update(part.kept)
            left.update(part.left)
        else:
            bodies.append(part)
    return bodies, kept, left


def test_the_same_answer_is_kept_once_for_each_route_and_status_and_counted_each_time(tmp_path):
    one, other, refused = Answer(200, b'{"a": 1}\n'), Answer(200, b""), Answer(403, b'{"a": 1}\n')
    answers = [("read", one), ("read", one), ("poll", one), ("read", refused), ("read", other)] * 3
    bodies, kept, left = written(tmp_path / "s", answers)
    assert [(body.route, body.status, content) for body, content in bodies] == [
        ("read", 200, b'{"a": 1}\n'),
        ("poll", 200, b'{"a": 1}\n'),
        ("read", 403, b'{"a": 1}\n'),
    ]
    assert kept == {0: 6, 1: 3, 2: 3}
    assert not left
    assert [body.read() for body, _ in bodies] == [content for _, content in bodies]


def test_half_an_answer_is_an_error_already_and_not_kept(tmp_path):
    bodies, kept, left = written(tmp_path / "s", [("read", Answer(200, b"{", failure="IncompleteRead"))])
    assert (bodies, kept, left) == ([], {}, {})


def test_room_is_bounded_and_a_rare_route_has_its_own(tmp_path):
    many = [("page", Answer(200, b"%06d" % number * 100)) for number in range(5_000)]
    rare = [("rare", Answer(200, b"%06d" % number)) for number in range(5)]
    bodies, kept, left = written(tmp_path / "s", [*many, *rare])
    routes = Counter(body.route for body, _ in bodies)
    assert routes["rare"] == 5
    assert left.keys() == {"page"}
    assert left["page"] + routes["page"] == 5_000
    # 10,000 bytes are 12 bodies with what they cost beside; each halving of the chance adds an eighth of it.
    assert 12 <= routes["page"] < 12 + 3 * 12
    assert kept.total() + left.total() == 5_005


def test_what_is_kept_beyond_the_room_depends_on_the_seed_and_not_only_on_what_came_first(tmp_path):
    many = [("page", Answer(200, b"%06d" % number * 100)) for number in range(5_000)]
    digests = [
        {body.digest for body, _ in written(tmp_path / str(seed), many, seed=seed)[0]} for seed in (1, 1, 2)
    ]
    assert digests[0] == digests[1] != digests[2]
    places = [int(content[:6]) for _, content in read_back(tmp_path / "1")[0]]
    assert max(places) > 100


def test_a_spool_cut_anywhere_gives_what_is_whole(tmp_path):
    whole = tmp_path / "whole"
    bodies, _, _ = written(whole, [("read", Answer(200, b'{"n": %d}' % number)) for number in range(5)])
    text = whole.read_bytes()
    cut = tmp_path / "cut"
    for end in range(len(text)):
        cut.write_bytes(text[:end])
        found = [content for _, content in read_back(cut)[0]]
        assert found == [content for _, content in bodies][: len(found)]


def test_a_token_that_the_application_repeats_is_not_written(tmp_path):
    body = b'{"resourceType": "Basic", "id": "secret-token-1"}'
    ((kept, content),), counts, _ = written(
        tmp_path / "s", [("read", Answer(200, body))] * 2, secrets=(b"secret-token-1",)
    )
    assert b"secret-token-1" not in (tmp_path / "s").read_bytes()
    assert content == body.replace(b"secret-token-1", b"***")
    assert (counts, kept.length) == ({0: 2}, len(content))


def test_a_full_disk_ends_the_run_with_its_sentence():
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    with pytest.raises(LoadError, match=r"cannot be written \(No space left on device\): free some space"):
        Spool(Full(), 1).take("read", "Patient/1", Answer(200, b"{}"))


def test_no_spool_holds_nothing(tmp_path):
    assert list(read_spool(tmp_path / "none")) == []
    assert spool_of(tmp_path / "samples-2.jsonl").name == "samples-2.answers"
