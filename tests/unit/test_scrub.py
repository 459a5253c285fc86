# ruff: noqa: E501
"""Secrets of every vendor are struck out; what is evidence stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ssh.scrub import REMOVED, Scrubber, scrub

PEM = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9\nabcd/+==\n-----END RSA PRIVATE KEY-----"

# (line, the secret in it)
SECRETS = [
    # Cisco
    ("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "hx5rVt7rPNoS4wqbXKX7m0"),
    ("enable secret 8 $8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs", "dVc7UY9zrJDWRVqncHub1PE9UlMQFs"),
    ("enable secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM", "HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM"),
    ("enable secret 4 tnhtc92DXBhelxjYk8LWJrPV36S2i4ntXrpb4RFmfqY", "tnhtc92DXBhelxjYk8LWJrPV36S2i4ntXrpb4RFmfqY"),
    ("enable password hunter2", "hunter2"),
    ("enable password level 7 7 0822455D0A16", "0822455D0A16"),
    ("username admin privilege 15 secret 0 Sup3rS3cret", "Sup3rS3cret"),
    ("username admin password 7 0822455D0A16", "0822455D0A16"),
    ("username admin privilege 15 secret sha512 $6$abc$defghijklmnop", "defghijklmnop"),
    (" password 7 14141B180F0B", "14141B180F0B"),
    (" password plain1", "plain1"),
    ("snmp-server community s3cr3tRO RO 99", "s3cr3tRO"),
    ("snmp-server host 10.0.0.1 version 2c trapsecret", "trapsecret"),
    ("snmp-server host 10.0.0.1 traps version 2c trapsecret udp-port 1162", "trapsecret"),
    ("snmp-server host 10.0.0.1 trapsecret", "trapsecret"),
    ("snmp-server user monitor ops v3 auth sha authKey99 priv aes 128 privKey99", "authKey99"),
    ("snmp-server user monitor ops v3 auth sha authKey99 priv aes 128 privKey99", "privKey99"),
    ("tacacs-server host 10.0.0.5 key 7 070C285F4D06", "070C285F4D06"),
    ("tacacs-server key t4c4cs", "t4c4cs"),
    ("radius-server host 10.0.0.6 auth-port 1812 acct-port 1813 key r4dius", "r4dius"),
    (" key 7 060506324F41", "060506324F41"),
    (" key tacKey", "tacKey"),
    ("  key-string 7 1511021F0725", "1511021F0725"),
    (" neighbor 10.0.0.2 password 7 13061E010803", "13061E010803"),
    (" ip ospf message-digest-key 1 md5 7 094F471A1A0A", "094F471A1A0A"),
    (" ip ospf authentication-key 7 094F471A1A0B", "094F471A1A0B"),
    (" isis password isisPw level-2", "isisPw"),
    (" area-password areaPw", "areaPw"),
    (" standby 1 authentication md5 key-string 7 0307580507", "0307580507"),
    (" standby 1 authentication hsrpPw", "hsrpPw"),
    (" vrrp 1 authentication text vrrpPw", "vrrpPw"),
    ("crypto isakmp key vpnPsk address 0.0.0.0", "vpnPsk"),
    (" pre-shared-key local vpnPsk2", "vpnPsk2"),
    (" ikev1 pre-shared-key asaPsk", "asaPsk"),
    ("ntp authentication-key 1 md5 0822455D0A16 7", "0822455D0A16"),
    (" wpa-psk ascii 0 wifiPassw0rd", "wifiPassw0rd"),
    (" ppp chap password 0 chapPw", "chapPw"),
    ("passwd 2KFQnbNIdI.2KYOU encrypted", "2KFQnbNIdI.2KYOU"),
    # Huawei
    (" local-user admin password irreversible-cipher $1a$abc$defghij$", "defghij"),
    (" local-user admin password cipher %^%#abc d!ef%^%#", "ef%^%#"),
    (" set authentication password cipher %@%@abcdef%@%@", "abcdef"),
    (" super password level 3 cipher Zx9!Kp", "Zx9!Kp"),
    ("snmp-agent community read cipher %^%#3k4j5h%^%#", "3k4j5h"),
    ("snmp-agent community read publicRO", "publicRO"),
    ("snmp-agent target-host trap address udp-domain 10.0.0.1 params securityname trapPub v2c", "trapPub"),
    ("snmp-agent usm-user v3 mon ops authentication-mode sha 3F2A99 privacy-mode aes128 77BBCC", "3F2A99"),
    ("snmp-agent usm-user v3 mon ops authentication-mode sha 3F2A99 privacy-mode aes128 77BBCC", "77BBCC"),
    (" radius-server shared-key cipher Rk#99", "Rk#99"),
    (" peer 10.1.1.2 password cipher Bgp!77", "Bgp!77"),
    (" ospf authentication-mode md5 1 cipher Osp!77", "Osp!77"),
    (" ospf authentication-mode simple plain OspPlain", "OspPlain"),
    (" pre-shared-key cipher Psk!77", "Psk!77"),
    # H3C
    (" password hash $h$6$iJ8k$longhash==", "longhash"),
    (" password simple H3cPlain", "H3cPlain"),
    (" primary authentication 10.0.0.9 key cipher $c$3$AbCdEf==", "AbCdEf"),
    (" key authentication simple RadKey1", "RadKey1"),
    ("snmp-agent usm-user v3 u g cipher authentication-mode sha $c$3$Auth== privacy-mode aes128 $c$3$Priv==", "Priv"),
    # Junos
    ('    encrypted-password "$6$abcdefgh$zyxwvuts"; ## SECRET-DATA', "zyxwvuts"),
    ('    authentication-key "$9$Hk5FCA0IEy"; ## SECRET-DATA', "Hk5FCA0IEy"),
    ('set system root-authentication encrypted-password "$1$abc$def123"', "def123"),
    ('    secret "$9$Ab1cD2eF3gH4"; ## SECRET-DATA', "Ab1cD2eF3gH4"),
    ("set snmp community j4nR0 authorization read-only", "j4nR0"),
    ("    community j4nR0 {", "j4nR0"),
    ("        pre-shared-key ascii-text \"$9$zzzzYYYY\"; ## SECRET-DATA", "zzzzYYYY"),
    # Arista
    ("username admin role network-admin secret sha512 $6$aaaa$bbbbccccdddd", "bbbbccccdddd"),
    ("   neighbor 10.0.0.1 password 7 3eiJ7wNvTO4=", "3eiJ7wNvTO4="),
    # Linux
    ("root:$6$rounds=5000$saltsalt$hashhashhash:19000:0:99999:7:::", "hashhashhash"),
    ("netops:$y$j9T$abcdefgh$ijklmnop:19000:0:99999:7:::", "ijklmnop"),
    ("rocommunity n3tsnmp 10.0.0.0/8", "n3tsnmp"),
    ("com2sec readonly default n3tsnmp2", "n3tsnmp2"),
    ('createUser monitor SHA "authpass99" AES "privpass99"', "authpass99"),
    ('createUser monitor SHA "authpass99" AES "privpass99"', "privpass99"),
    # anywhere
    ("Password: letmein", "letmein"),
    ("db_password=letmein", "letmein"),
    ('{"password": "letmein", "user": "x"}', "letmein"),
    ("api_key: 0123456789abcdef", "0123456789abcdef"),
    ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
    ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij", "eyJzdWIiOiIxMjM0In0"),
    ("fetch https://user:urlPass@host/x", "urlPass"),
    ("copy ftp://backup:ftpPass@10.0.0.1/x", "ftpPass"),
    ("aws AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
]  # fmt: skip

EVIDENCE = [
    "GigabitEthernet0/1 is up, line protocol is up",
    "service password-encryption",
    "Failed password for root from 10.0.0.9 port 22 ssh2",
    "%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: bob] [Source: 10.0.0.9]",
    " key chain OSPF",
    " key 1",
    "ip community-list standard BLUE permit 65000:1",
    " set community 65000:100 additive",
    " send-community both",
    "ssh server cipher aes256_ctr aes128_ctr",
    "  BGP community: 65000:1",
    "  neighbor 10.0.0.1 remote-as 65001",
    "aaa authentication login default group tacacs+ local",
    "ip ospf authentication message-digest",
    "crypto key generate rsa",
    "Password encryption is on",
    "  5 minute input rate 1000 bits/sec, 3 packets/sec",
    "System returned to ROM by reload at 01:02:03 CST Sun Nov 22 2026",
    "root     1234  0.0  0.1 /usr/sbin/sshd -D",
    "Cost is $5 and 50% of %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
    "-----BEGIN CERTIFICATE-----",
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_every_vendors_secret_is_struck_out(line, secret):
    text, count = scrub(line)
    assert secret not in text and REMOVED in text and count >= 1


@pytest.mark.parametrize("line", EVIDENCE)
def test_what_is_no_secret_stays(line):
    assert scrub(line) == (line, 0)


@pytest.mark.parametrize("line", [line for line, _ in SECRETS])
def test_scrubbing_twice_changes_and_counts_nothing(line):
    once, _ = scrub(line)
    assert scrub(once) == (once, 0)


def test_the_words_around_a_secret_stay():
    assert scrub("username admin privilege 15 secret 0 Sup3r")[0] == f"username admin privilege 15 secret 0 {REMOVED}"
    assert scrub('x { password "a b"; }')[0] == f"x {{ password {REMOVED}; }}"
    assert scrub("    community my-secret {") == (f"    community {REMOVED} {{", 1)
    assert scrub("snmp-server community my-secret RO") == (f"snmp-server community {REMOVED} RO", 1)
    assert scrub(" password hash $h$6$abc$def==") == (f" password hash {REMOVED}", 1)
    assert scrub("snmp-server community abc RO 99") == (f"snmp-server community {REMOVED} RO 99", 1)


def test_a_private_key_goes_whole_and_counts_once():
    text, count = scrub(f"before\n{PEM}\nafter")
    assert count == 1 and "MIIE" not in text and "abcd/+" not in text and "Proc-Type" not in text
    assert text.startswith("before\n-----BEGIN RSA PRIVATE KEY-----") and text.endswith(
        "-----END RSA PRIVATE KEY-----\nafter"
    )
    assert scrub(text) == (text, 0)


def test_a_private_key_that_is_cut_off_does_not_swallow_what_follows():
    text, _ = scrub("-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKC\nsw1#show version, please\nCisco IOS Software, x")
    assert text.endswith("Cisco IOS Software, x") and "MIIE" not in text


def test_the_credentials_it_was_given_are_struck_wherever_they_stand():
    scrubber = Scrubber(["n0tAWord", ""])
    assert scrubber.line("echo n0tAWord said n0tAWord") == f"echo {REMOVED} said {REMOVED}" and scrubber.count == 2


@given(st.text(max_size=300))
def test_no_text_breaks_it_and_twice_is_once(text):
    once, _ = scrub(text)
    assert scrub(once) == (once, 0)


WORDS = ["password", "secret", "key", "7", "cipher", "community", "snmp-server", "auth", "md5", "authentication-mode", "x1y2", ":", "=", '"', ";", "enable", "username", "for", "$9$abcdefgh", "user", "simple", REMOVED, "pre-shared-key"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_no_heap_of_keywords_breaks_it_and_twice_is_once(text):
    once, _ = scrub(text)
    assert scrub(once) == (once, 0)


def test_a_hostile_line_costs_little():
    for line in (
        "password " * 7000,
        "a" * 65_000 + " key",
        "snmp-server user " * 3000,
        "%^%#" * 16_000,
        "://a:" * 12_000,
    ):
        scrub(line)
