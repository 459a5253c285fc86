"""USM against the vectors of RFC 3414 A.3 and RFC 7860, and against itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp import ber, usm
from collectors.snmp.session import Target

ENGINE = bytes.fromhex("000000000000000000000002")
PASSWORD = b"maplesyrup"
USER = Target(address="127.0.0.1", version="v3", user="u", auth_protocol="sha256", auth=b"authsecret")


@pytest.mark.parametrize(
    ("digest", "key", "localized"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha1", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_localised_as_in_rfc_3414(digest: str, key: str, localized: str) -> None:
    assert usm.password_key(PASSWORD, digest).hex() == key
    assert usm.localized_key(PASSWORD, digest, ENGINE).hex() == localized


@pytest.mark.parametrize("cipher", sorted(usm.CIPHERS))
@given(plain=st.binary(min_size=1, max_size=200), salt=st.binary(min_size=8, max_size=8))
def test_every_cipher_opens_what_it_closed(cipher: str, plain: bytes, salt: bytes) -> None:
    key = usm.privacy_key(b"privsecret", "sha1", ENGINE, cipher)
    assert len(key) == usm.CIPHERS[cipher]
    secret = usm.encrypt(cipher, key, salt, 3, 900, plain)
    assert usm.decrypt(cipher, key, salt, 3, 900, secret)[: len(plain)] == plain


@pytest.mark.parametrize("auth", sorted(usm.DIGESTS))
@pytest.mark.parametrize("priv", ["", *sorted(usm.CIPHERS)])
def test_a_packed_message_is_authentic_and_opens_to_its_pdu(auth: str, priv: str) -> None:
    target = Target(
        address="127.0.0.1", version="v3", user="u", auth_protocol=auth, auth=b"authsecret",
        priv_protocol=priv, priv=b"p" * 8,
    )  # fmt: skip
    peer = usm.Peer(ENGINE, 5, 1000, 0.0)
    data = usm.pack(target, peer, 99, ber.pdu(ber.GET, 99, 0, 0, [ber.name((1, 3, 6, 1))]), 10.0)
    message = usm.unpack(data)
    assert (message.id, message.boots, message.time, message.user) == (99, 5, 1010, b"u")
    assert usm.authentic(target, message, data)
    tag, number, answer = ber.response(*usm.scoped_pdu(target, message))
    assert (tag, number, answer.names) == (ber.GET, 99, [ber.name((1, 3, 6, 1))])


@given(at=st.integers(0, 10_000), to=st.integers(1, 255))
def test_a_message_changed_on_the_way_is_not_believed(at: int, to: int) -> None:
    data = bytearray(
        usm.pack(USER, usm.Peer(ENGINE, 5, 1000), 99, ber.pdu(ber.GET, 99, 0, 0, [ber.name((1, 3, 6, 1))]), 10.0)
    )
    data[at % len(data)] ^= to
    try:
        message = usm.unpack(bytes(data))
    except ber.BadMessage:
        return
    assert not usm.authentic(USER, message, bytes(data))


@given(st.binary(max_size=300))
def test_noise_is_no_v3_message(noise: bytes) -> None:
    with pytest.raises(ber.BadMessage):
        usm.unpack(noise)


def test_an_old_answer_is_not_timely() -> None:
    peer = usm.Peer(ENGINE, 5, 1000, 0.0)
    assert peer.timely(5, 1000, 100.0)
    assert not peer.timely(5, 800, 0.0)
    assert not peer.timely(4, 9000, 0.0)
    assert peer.timely(6, 0, 0.0)
