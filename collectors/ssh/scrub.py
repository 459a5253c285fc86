"""Strikes secrets out of what devices print, line by line, and counts them.

It errs on the safe side: a word after “password” that is no secret may go with it. A struck secret leaves `<removed>`.
Formats: Cisco IOS, NX-OS, ASA (types 0, 4 to 9), Huawei VRP (cipher, irreversible-cipher, %^%#…%^%#), H3C Comware
(cipher $c$, hash $h$), Junos ($9$, encrypted-password, SECRET-DATA), Arista EOS, Linux (crypt(3), shadow, net-snmp,
FRR), private keys in PEM, and tokens of web services.
"""

import re
from collections.abc import Iterable

REMOVED = "<removed>"

_VALUE = r"""(?!<removed>|[{}](?:\s|$))("[^"]*"?|'[^']*'?|[^\s"'][^\s]*?(?=[;,]?(?:\s|$)))"""
# Words that follow “password” in prose and in logs, where no secret is told.
_PROSE = (
    r"(?!(?:for|from|is|was|were|has|have|of|to|and|or|on|in|by|at|with|the|a|an|not|required|incorrect|invalid|failed|"
    r"fails|failure|changed?|change|expired|expires?|accepted|rejected|authentication|auth|encryption|recovery|policy|prompt|"
    r"control|set|removed|history|length|aging|strength|checking|check|configuration|complexity|min\S*|max\S*|disabled?|"
    r"enabled?|none|type|attempts?|level|cipher|irreversible-cipher|simple|hash|plain-text|mismatch|database|file|key|"
    r"sent|received|error|errors|id|group|name|label)\b[:.,;]?(?:\s|$))"
)
# What may stand between the keyword and the secret. Possessive: once it is passed, it is never taken for the secret.
_KIND = (
    r"(?:(?:[0-9]|1[0-9]|encrypted|cipher|irreversible-cipher|simple|plain|plaintext|hash|hashed|ascii|hex|text|md5|"
    r"sha\d*|sha-\d+|ciphertext|level \d+|role \S+) )*+"
)
_ALGORITHM = (
    r"(?!(?:aes|3des|des|chacha|arcfour|rc4|blowfish|sm4|sha|md5|hmac|none|suite|any|strength)[\w@.-]*(?:\s|,|;|$))"
)


def _rule(needles: str, *parts: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """A pattern, tried only on lines that hold one of the needles (in lower case): most hold none, and are fast."""
    return frozenset(needles.split("|")), re.compile("".join(parts), re.IGNORECASE)


# Each has the part that stays as its first group and the secret as its second.
_RULES = (
    # user and enable passwords, line passwords, neighbour passwords, everywhere
    _rule(
        "password|secret|passwd",
        r"(\b(?:enable|username \S+|user \S+|local-user \S+|neighbor \S+|peer \S+|super|set|ppp \w+|ftp|http client|",
        rf"server) (?:[\w-]+ ){{0,4}}?(?:password|secret|passwd|sshkey-secret) {_KIND}){_VALUE}",
    ),
    _rule(
        "passw|secret",
        rf"(^\s*(?:set authentication |super )?(?:password|passwd|secret) {_KIND}){_PROSE}{_VALUE}",
    ),
    # name: value, name=value
    _rule(
        "passw|passphrase|pwd|secret|token|psk|key",
        r"((?:pass(?:word|wd|phrase)|pwd|secret|token|psk|(?:api|private|shared|access)[_-]?key)[\"']?\s{0,4}[:=]\s{0,4})",
        rf"{_VALUE}",
    ),
    # SNMP communities and v3 keys
    _rule(
        "snmp-server",
        rf"(\bsnmp-server community ){_VALUE}",
    ),
    _rule(
        "snmp-server",
        r"(\bsnmp-server host \S+ (?:(?:(?:use-)?vrf \S+|traps?|informs?|version (?:1|2c|3 \w+)|"
        r"(?:udp-)?port \d+) )*+)",
        rf"{_VALUE}",
    ),
    _rule(
        "snmp-server",
        rf"(\bsnmp-server (?:user|group) .{{0,120}}?\bauth (?:md5|sha\S*) ){_VALUE}",
    ),
    _rule(
        "snmp-server",
        rf"(\bsnmp-server user .{{0,300}}?\bpriv (?:des|3des|aes(?:[ -]?\d+)?)? ?){_VALUE}",
    ),
    _rule(
        "snmp-agent",
        rf"(\bsnmp-agent community (?:complexity-check )?(?:read|write) {_KIND}){_VALUE}",
    ),
    _rule(
        "snmp-agent",
        rf"(\bsnmp-agent (?:target-host|trap) .{{0,200}}?\bsecurityname {_KIND}){_VALUE}",
    ),
    _rule(
        "ion-mode|privacy-mode",
        rf"(\b(?:authentication-mode|privacy-mode) (?:md5|sha\S*|aes\S*|des\S*|3des\S*) {_KIND}){_VALUE}",
    ),
    _rule(
        "set snmp",
        rf"(\bset snmp (?:v3 .{{0,200}}?)?community ){_VALUE}",
    ),
    _rule(
        "community",
        rf"(^\s*community (?=\S+ \{{)){_VALUE}",
    ),
    _rule(
        "authentication-|privacy-",
        rf"(\b(?:authentication|privacy)-(?:key|password) {_KIND}){_VALUE}",
    ),
    _rule(
        "community",
        rf"(^\s*(?:ro|rw|trap)community6? ){_VALUE}",
    ),
    _rule(
        "com2sec",
        rf"(^\s*com2sec6? (?:-Cn \S+ )?\S+ \S+ ){_VALUE}",
    ),
    _rule(
        "createuser",
        rf"(^\s*(?:createUser \S+ (?:\S+ )?(?:MD5|SHA\S*) )){_VALUE}",
    ),
    _rule(
        "createuser",
        rf"(^\s*createUser .{{0,200}}?\b(?:AES|DES)\S* ){_VALUE}",
    ),
    _rule(
        "snmp community",
        rf"(\bSNMP community(?: string| name)?\s{{0,4}}[:=]\s{{0,4}}){_VALUE}",
    ),
    _rule(
        "community",
        rf"(\bcommunity(?: |-)?name\s{{0,8}}[:=]\s{{0,4}}){_VALUE}",
    ),
    # shared keys: TACACS, RADIUS, routing protocols, first-hop redundancy, NTP, IPsec, wireless
    _rule(
        "tacacs|radius|aaa",
        rf"(\b(?:tacacs|radius|hwtacacs|aaa)\S* .{{0,160}}?\b(?:key|shared-key|secret) {_KIND}){_VALUE}",
    ),
    _rule(
        "-server key",
        rf"(\b(?:radius|tacacs)-server key {_KIND}){_VALUE}",
    ),
    _rule(
        "primary|secondary",
        rf"(\b(?:primary|secondary) (?:authentication|accounting|authorization) .{{0,160}}?\bkey {_KIND}){_VALUE}",
    ),
    _rule(
        "server-private|client",
        rf"(\b(?:server-private|client) \S+ .{{0,120}}?\b(?:server-)?key {_KIND}){_VALUE}",
    ),
    _rule(
        " key",
        r"(^\s+key (?!\d+\s*$|(?:chain|id|identifier|authentication|accounting|authorization)\b|\S+ (?:id|name)\b)",
        rf"{_KIND}){_VALUE}",
    ),
    _rule(
        "key a",
        rf"(\bkey (?:authentication|accounting|authorization) {_KIND}){_VALUE}",
    ),
    _rule(
        "key|auth-password|shared-secret|simple-password",
        r"(\b(?:key-string|keystring|auth-key|auth-password|(?<!pre-)shared-key|shared-secret|pac key|",
        rf"config-key password-encrypt|cryptographic-algorithm \S+ key|simple-password) {_KIND}){_VALUE}",
    ),
    _rule(
        "md5|message-digest-key",
        rf"(\b(?:message-digest-key|md5) \d{{1,3}} (?:md5|sha\S*|hmac\S*)? ?{_KIND}(?:key )?){_VALUE}",
    ),
    _rule(
        "ntp authentication-key",
        rf"(\bntp authentication-key \d+ (?:md5|sha\S*|cmac\S*) ?(?:\d )?){_VALUE}",
    ),
    _rule(
        "ntp-service",
        rf"(\bntp-service authentication-keyid \d+ authentication-mode \S+ {_KIND}){_VALUE}",
    ),
    _rule(
        "password|authentication",
        rf"(\b(?:isis|area|domain|circuit|lsp)[ -](?:password|authentication-key|authentication password) {_KIND})",
        rf"{_VALUE}",
    ),
    _rule(
        "authentication-mode",
        rf"(\bauthentication-mode (?:simple|plain|md5 \d+|hmac-\S+ \d+|keychain) {_KIND}){_VALUE}",
    ),
    _rule(
        "authentication",
        rf"(\b(?:standby|vrrp|hsrp|glbp) .{{0,60}}?\bauthentication (?:text |md5 key-string |simple |md5 )?+{_KIND})",
        rf"{_PROSE}{_VALUE}",
    ),
    _rule(
        "isakmp key",
        rf"(\bisakmp key {_KIND}){_VALUE}",
    ),
    _rule(
        "psk|pre-shared-key|sae-password",
        r"(\b(?:pre-shared-key|wpa-psk|psk|sae-password)",
        rf"(?: (?:local|remote|ascii-text|hexadecimal|address \S+(?: key)?|key))?+ {_KIND}){_VALUE}",
    ),
    _rule(
        "cipher",
        rf"(\b(?:irreversible-cipher|cipher|ciphertext) ){_ALGORITHM}{_VALUE}",
    ),
    _rule(
        "-password|secret-key|encryption-key",
        rf"(\b(?:encrypted-password|plain-text-password-value|hashed-password|secret-key|encryption-key) ){_VALUE}",
    ),
    # tokens of web services, and passwords in addresses
    _rule(
        "bearer |basic ",
        rf"(\b(?:authorization:\s{{0,3}})?(?:bearer|basic) )(?=[\w+/.~-]{{8,}}){_VALUE}",
    ),
    _rule(
        "://",
        r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:)(?!<removed>)([^\s@/]{1,256})(?=@)",
    ),
    # whatever follows a word for a secret; last, so that the rules that know more have struck by then
    _rule(
        "passw|passphrase|secret",
        rf"(\b(?:password|passwd|secret|passphrase) {_KIND}(?<=[0-9a-z] )){_PROSE}(?<=\s[0-9] ){_VALUE}",
    ),
    _rule(
        "passw|passphrase|secret|pwd",
        rf"(\b(?:password|passwd|passphrase|secret|pwd) ){_PROSE}{_KIND}{_VALUE}",
    ),
)

_NEEDLES = tuple(sorted({needle for needles, _ in _RULES for needle in needles}))

# Things that are secret wherever they stand, by their shape.
_SHAPES = tuple(
    (needle, re.compile(shape))
    for needle, shape in (
        ("$", r"\$(?:c|h)\$\d{1,2}\$[^\s\"';,]{4,}"),  # H3C
        (
            "$",
            r"\$(?:1|2[abxy]?|5|6|7|8|9|14|apr1|y|gy|argon2\w{0,3}|sha1|sha512|scrypt|pbkdf2\S{0,12})\$[^\s\"';,:]{6,}",
        ),
        ("$1", r"\$1[a-e]\$[^\s\"';,]{4,}"),  # Huawei, new
        ("%^%#", r"%\^%#.{1,512}?%\^%#"),  # Huawei
        ("%", r"%[@#$]%[@#$].{1,512}?%[@#$]%[@#$]"),
        ("$9$", r"(?<=[ \"])\$9\$[A-Za-z0-9./-]{4,}"),  # Junos
        ("eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"),  # JSON web token
        ("gh", r"\b(?:ghp|gho|ghs|ghu)_[A-Za-z0-9_-]{16,}"),
        ("git", r"\bgithub_pat_[A-Za-z0-9_-]{16,}"),
        ("glpat", r"\bglpat-[A-Za-z0-9_-]{16,}"),
        ("xox", r"\bxox[bpars]-[A-Za-z0-9_-]{16,}"),
        ("AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
        ("ASIA", r"\bASIA[0-9A-Z]{16}\b"),
    )
)
_JUNOS_SECRET = re.compile(r"([^\s;]{1,512})(;?\s{0,4}## SECRET-DATA)")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----")
_KEY_LINE = re.compile(r"\s*(?:[A-Za-z0-9+/=]{0,200}|[A-Za-z-]{1,40}: .{0,200}|<removed>)\s*")
_WINDOW = 2048  # characters of a line that are looked at together
_ROUNDS = 20  # a line is gone over until nothing changes, but not for ever


class Scrubber:
    """Remembers that it stands inside a private key. `known` are secrets to strike wherever they stand."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.count = 0
        self._known = sorted({secret for secret in known if len(secret) >= 4}, key=len, reverse=True)
        self._in_key = False

    def line(self, text: str) -> str | None:
        """The line without its secrets; None for a line that is nothing but a part of one."""
        if self._in_key:
            if _END.search(text):
                self._in_key = False
                return text
            if _KEY_LINE.fullmatch(text):
                return None
            self._in_key = False  # the key was cut off: what follows is no part of it
        begin = _BEGIN.search(text) if "-----BEGIN" in text else None
        if begin:
            return self._key(text, begin)
        for secret in self._known:
            if secret in text:
                self.count += text.count(secret)
                text = text.replace(secret, REMOVED)
        if len(text) <= _WINDOW:
            return self._struck(text)
        return "".join(self._struck(part) for part in _windows(text))

    def _key(self, text: str, begin: re.Match[str]) -> str:
        """A key that begins on this line, and may end on it."""
        head, rest = text[: begin.end()], text[begin.end() :]
        end = _END.search(rest)
        body = rest[: end.start()] if end else rest
        self._in_key = end is None
        if body.strip() != REMOVED:
            self.count += 1
        return self._struck(head[: begin.start()]) + begin[0] + REMOVED + (rest[end.start() :] if end else "")

    def _struck(self, text: str) -> str:
        for _ in range(_ROUNDS):
            before = text
            for needle, shape in _SHAPES:
                if needle in text:
                    text = shape.sub(self._whole, text)
            if "SECRET-DATA" in text:
                text = _JUNOS_SECRET.sub(self._first, text)
            lower = text.lower()
            held = [needle for needle in _NEEDLES if needle in lower]
            if held:
                for needles, rule in _RULES:
                    if not needles.isdisjoint(held):
                        text = rule.sub(self._second, text)
            if text == before:
                break
        return text

    def _whole(self, _: re.Match[str]) -> str:
        self.count += 1
        return REMOVED

    def _first(self, match: re.Match[str]) -> str:
        if REMOVED in match[1]:
            return match[0]
        self.count += 1
        return REMOVED + match[2]

    def _second(self, match: re.Match[str]) -> str:
        if REMOVED in match[2]:
            return match[0]
        self.count += 1
        return match[1] + REMOVED


def _windows(text: str) -> Iterable[str]:
    """The line, in pieces where it is very long, cut after a space if there is one: some patterns are not linear."""
    while len(text) > _WINDOW:
        cut = text.rfind(" ", _WINDOW // 2, _WINDOW) + 1 or _WINDOW
        yield text[:cut]
        text = text[cut:]
    yield text


def scrub(text: str, known: Iterable[str] = ()) -> tuple[str, int]:
    """The whole of a text: (without secrets, how many were struck)."""
    scrubber = Scrubber(known)
    lines = (scrubber.line(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line is not None), scrubber.count
