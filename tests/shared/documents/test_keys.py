"""Keys of the office: planned rotation, loss, and keys of others."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.documents.key_files import read_keys, read_private_key, write_keys, write_private_key
from shared.documents.keys import IssuerKeys, Purpose, SigningKey, new_private_key, publish
from tests.shared.documents.parts import AUTHORITY, SIGNED, SINCE, key_of_office

DAY = timedelta(days=1)


def test_the_published_file_says_everything_and_holds_no_secret() -> None:
    keys, _ = key_of_office()
    following = publish(new_private_key(), AUTHORITY, SIGNED)
    keys = keys.added(following).rotated(following.kid, SIGNED + DAY).revoked(keys.keys[0].kid, SIGNED, "介质遗失")
    text = write_keys(keys)
    assert read_keys(text) == keys
    assert not any("d" in key for key in json.loads(text)["keys"])


def test_after_a_change_of_keys_the_old_one_proves_what_it_signed_and_signs_no_more() -> None:
    keys, old = key_of_office()
    private = new_private_key()
    new = publish(private, AUTHORITY, SIGNED)
    keys = keys.added(new).rotated(new.kid, SIGNED + DAY)
    retired = keys.get(old.published.kid)
    assert retired.fault(SIGNED) is None
    assert "retired" in str(retired.fault(SIGNED + DAY))
    assert "signs from" in str(keys.get(new.kid).fault(SIGNED))
    with pytest.raises(ValueError, match="retired"):
        keys.signing(old.private, SIGNED + DAY, development=False)
    assert keys.signing(private, SIGNED + DAY, development=False).published.kid == new.kid


def test_keys_for_documents_and_for_checkpoints_take_no_turns_with_each_other() -> None:
    keys, old = key_of_office()
    private, checkpoints = new_private_key(), new_private_key()
    keys = keys.added(publish(private, AUTHORITY, SIGNED))
    other = publish(checkpoints, AUTHORITY, SINCE, Purpose.CHECKPOINTS)
    keys = read_keys(write_keys(keys.added(other).rotated(kid_of(private), SIGNED)))
    assert keys.get(other.kid).retired_at is None
    assert keys.signing_one([private, checkpoints], SIGNED, development=False).published.kid == kid_of(private)
    found = keys.signing_one([private, checkpoints], SIGNED, Purpose.CHECKPOINTS, development=False)
    assert found.published.kid == other.kid
    with pytest.raises(ValueError, match="signs checkpoints, not documents"):
        keys.signing(checkpoints, SIGNED, development=False)
    with pytest.raises(ValueError, match="retired"):
        keys.signing(old.private, SIGNED, development=False)


def test_a_key_of_before_there_were_two_purposes_is_followed_for_both() -> None:
    private, keys = new_private_key(), key_of_office()[0]
    entry = json.loads(write_keys(keys))["keys"][0]
    del entry["signs"]
    both = read_keys(json.dumps({"keys": [entry]}).encode())
    assert both.keys[0].signs == {Purpose.DOCUMENTS, Purpose.CHECKPOINTS}
    following = both.added(publish(private, AUTHORITY, SIGNED))
    with pytest.raises(ValueError, match="signs checkpoints too: first make another one for that"):
        following.rotated(kid_of(private), SIGNED)
    whole = following.added(publish(new_private_key(), AUTHORITY, SIGNED, Purpose.CHECKPOINTS))
    assert whole.rotated(kid_of(private), SIGNED).keys[0].retired_at == SIGNED


def kid_of(private: ec.EllipticCurvePrivateKey) -> str:
    return publish(private, AUTHORITY, SIGNED).kid


def test_a_lost_key_proves_nothing_whatever_its_signatures_say_of_their_time() -> None:
    keys, key = key_of_office()
    keys = keys.revoked(key.published.kid, SIGNED, "介质遗失")
    assert "介质遗失" in str(keys.get(key.published.kid).fault(SIGNED - DAY))
    with pytest.raises(ValueError, match="already"):
        keys.revoked(key.published.kid, SIGNED, "again")
    earlier = keys.revoked(key.published.kid, SIGNED - DAY, "earlier than thought")
    assert earlier.get(key.published.kid).revoked_from == SIGNED - DAY
    with pytest.raises(ValueError, match="retired or revoked"):
        keys.rotated(key.published.kid, SIGNED)


def test_nothing_signs_with_a_key_that_is_not_published_or_not_for_production() -> None:
    keys, development = key_of_office(development=True)
    with pytest.raises(ValueError, match="not among the published"):
        keys.signing(new_private_key(), SIGNED, development=True)
    with pytest.raises(ValueError, match="development key"):
        keys.signing(development.private, SIGNED, development=False)
    assert keys.signing(development.private, SINCE - 3000 * DAY, development=True)


def test_a_private_key_is_read_as_it_was_written_and_no_other_kind_is() -> None:
    key = new_private_key()
    assert read_private_key(write_private_key(key)).private_numbers() == key.private_numbers()
    for wrong in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(ValueError, match="cannot be read"):
            read_private_key(wrong)


@pytest.mark.parametrize("member", ["kid", "x", "x5c", "not_before", "crv"])
def test_a_file_whose_parts_do_not_belong_together_is_refused(member: str) -> None:
    (entry,) = json.loads(write_keys(key_of_office()[0]))["keys"]
    (other,) = json.loads(write_keys(key_of_office()[0]))["keys"]
    wrong = {**entry, member: other[member] if member in {"kid", "x", "x5c"} else "nonsense"}
    with pytest.raises(ValueError, match="not a file of published keys"):
        read_keys(json.dumps({"keys": [wrong]}).encode())


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": [1]}', b'{"keys": [{}]}', b"\xff"])
def test_what_is_no_file_of_keys_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a file of published keys"):
        read_keys(text)


def with_root() -> tuple[IssuerKeys, SigningKey]:
    """Keys with one that signs them, and that one."""
    private = new_private_key()
    keys = key_of_office()[0].added(publish(private, AUTHORITY, SINCE, Purpose.KEYS))
    return keys, keys.signing(private, SIGNED, Purpose.KEYS, development=False)


def test_what_is_changed_in_the_published_file_does_not_fit_its_signature() -> None:
    keys, root = with_root()
    text = write_keys(keys, root, SIGNED)
    found = read_keys(text)
    assert (found, found.root, found.signed_at) == (keys, root.published, SIGNED)
    with pytest.raises(ValueError, match="--root FILE"):
        write_keys(keys)
    file = json.loads(text)
    stranger = json.loads(write_keys(key_of_office()[0]))["keys"]
    without = {"keys": file["keys"]}
    more = {**file, "keys": [*file["keys"], *stranger]}
    fewer = {**file, "keys": file["keys"][1:]}
    revoked = {**file, "keys": [{**file["keys"][0], "revoked_from": "2014-01-01T00:00:00Z"}, *file["keys"][1:]]}
    other = {**file, "signature": json.loads(write_keys(*with_root(), SIGNED))["signature"]}
    for wrong in (without, more, fewer, revoked, other, {**file, "signature": 1}):
        with pytest.raises(ValueError, match="signed"):
            read_keys(json.dumps(wrong).encode())
    for at in range(0, len(signature := file["signature"]), 10):
        wrong = {**file, "signature": signature[:at] + chr(ord(signature[at]) ^ 1) + signature[at + 1 :]}
        with pytest.raises(ValueError, match="sign"):
            read_keys(json.dumps(wrong).encode())


def test_only_a_key_for_that_signs_the_published_file_and_only_while_it_is_good() -> None:
    keys, root = with_root()
    _, documents = key_of_office()
    with pytest.raises(ValueError, match="signed"):
        read_keys(write_keys(keys.added(documents.published), documents, SIGNED))
    lost = keys.revoked(root.published.kid, SIGNED - DAY, "介质遗失")
    with pytest.raises(ValueError, match="revoked"):
        read_keys(write_keys(lost, root, SIGNED))
    private = new_private_key()
    following = lost.added(publish(private, AUTHORITY, SINCE, Purpose.KEYS))
    signer = following.signing(private, SIGNED, Purpose.KEYS, development=False)
    found = read_keys(write_keys(following, signer, SIGNED))
    assert (found, found.root) == (following, signer.published)


def test_no_key_is_there_twice_or_found_where_it_is_not() -> None:
    keys, key = key_of_office()
    with pytest.raises(ValueError, match="already"):
        keys.added(key.published)
    with pytest.raises(ValueError, match="there is no key"):
        IssuerKeys().get("x")
