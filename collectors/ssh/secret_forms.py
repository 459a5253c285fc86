"""How secrets are written: by keyword, by shape, and by the section that they stand in. Read by `scrub`.

Formats from the vendors' manuals: Cisco IOS, XR, NX-OS, ASA (types 0, 4 to 10), Huawei VRP (cipher, %^%#…%^%#,
irreversible-cipher), H3C Comware (cipher $c$, hash $h$), Junos ($9$, SECRET-DATA), Arista EOS, Nokia SR OS (hash,
hash2), FortiOS (ENC …), PAN-OS (phash, -AQ==…), RouterOS (password=…), RGOS, ZXROS, Linux (crypt(3), net-snmp, FRR,
WireGuard, wpa_supplicant), private keys in PEM, and tokens of web services.

A line may be long and hostile: what repeats is bounded, or takes all it can in one go.
"""

import re
from dataclasses import dataclass

REMOVED = "<removed>"

# What a secret may look like: not what was struck already, not what the device itself masked, no brace, no address.
_VALUE = (
    r"""(?!<removed>|\*{3,}|""(?:\W|$)|''(?:\W|$)|/\*|[{}](?:\s|$)|"""
    r"\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?(?:\s|$))"
    r"""("[^"]*+"?|'[^']*+'?|(?!["'])(?:[^\s;,]++|[;,](?!\s|$))++)"""  # always to its end, in one go
)
# Words that follow “password” in prose, in logs and in commands, where no secret is told.
_PROSE = (
    r"(?!(?:for|from|is|was|were|has|have|of|to|and|or|on|in|by|at|with|the|a|an|not|required|incorrect|invalid|failed|"
    r"fails|failure|changed?|change|expired|expires?|accepted|rejected|authentication|auth|encryption|recovery|policy|prompt|"
    r"control|set|removed|history|length|aging|strength|checking|check|configuration|complexity|min\S{0,20}|max\S{0,20}|"
    r"disabled?|enabled?|none|type|attempts?|level|cipher|irreversible-cipher|simple|hash|plain-text|mismatch|database|file|"
    r"key|sent|received|error|errors|id|group|name|label|lifetime|mode|method|server|servers|security)"
    r"\b[:.,;]?(?:\s|$)|(?:encrypted|clear)[.,]?\s{0,8}$)"
)
# What may stand between the keyword and the secret. Possessive: once it is passed, it is never taken for the secret.
_KIND = (
    r"(?:(?:[0-9]|1[0-9]|encrypted|clear|cipher|irreversible-cipher|simple|plain|plaintext|hash|hashed|ascii|hex|text|md5|"
    r"sha\d{0,3}|sha-\d{1,3}|hmac-[\w-]{1,12}|ciphertext|ENC|string|password|level \d{1,2}|role \S{1,64}) ){0,4}+"
)
_ALGORITHM = (
    r"(?!(?:aes|3des|des|chacha|arcfour|rc4|blowfish|sm4|sha|md5|hmac|none|suite|any|strength|authentication-mode|"
    r"privacy-mode)[\w@.-]{0,60}(?:\s|,|;|$))"
)
_NOTHING = (
    r"(?![\"']?(?:none|null|not|no|yes|true|false|disabled|enabled|unknown|unset|undefined|required|n/a)\b[\"']?"
    r"(?:[\s,;.]|$))"
)
A_PERSONS_WORDS = re.compile(
    r"\s{0,80}(?:description|alias|remark)\b", re.IGNORECASE
)  # such a line is no configuration


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` has what stays as its first group and the secret as its second.

    It is tried only on lines that hold one of each of `needles`, in lower case: most hold none, and are fast.
    """

    needles: tuple[frozenset[str], ...]
    pattern: re.Pattern[str]
    spares_words: bool = False  # not tried on what a person wrote


def _rule(needles: str, *parts: str, spares_words: bool = False) -> Rule:
    """Needles are written `a|b & c`: a or b, and c."""
    groups = tuple(frozenset(group.split("|")) for group in needles.split(" & "))
    return Rule(groups, re.compile("".join(parts), re.IGNORECASE), spares_words)


# The rules that know more come first.
RULES = (
    # user and enable passwords, line passwords, neighbour passwords, everywhere
    _rule("md5-password", rf"(\bmd5-password (?:cipher|plain) \S{{1,64}} ){_VALUE}"),
    _rule(
        "password|secret|passwd & enable|user|neighbor|peer|super|set|ppp|ftp|http|server",
        r"(\b(?:enable|username \S{1,64}|user \S{1,64}|local-user \S{1,64}|neighbor \S{1,64}|peer \S{1,64}|super|set|",
        r"ppp \w{1,12}|ftp|http client|server) (?:[\w-]{1,40} ){0,4}?",
        rf"(?:password|secret|passwd|sshkey-secret) {_KIND}){_PROSE}{_VALUE}",
    ),
    _rule(
        "passw|secret",
        rf"(^\s{{0,80}}(?:set authentication |super )?(?:password|passwd|secret) {_KIND}){_PROSE}{_VALUE}",
    ),
    _rule("passphrase", rf"(\bset passphrase {_KIND}){_VALUE}"),
    # <name>value</name>, name: value, name=value
    _rule(
        "passw|secret|key|phash|community|pwd & </",
        r"(<(?:[\w-]{0,40}password|phash|key|secret|private-key|snmp-community-string|community|authpwd|privpwd|passwd)>)",
        r"(?!<removed>|\*{3,})([^<>\n]{1,8000})(?=</)",
    ),
    _rule(
        "passw|passphrase|pwd|secret|token|psk|key & :|=",
        r"((?:pass(?:word|wd|phrase)|pwd|secret|token|psk|",
        r"(?:api|private|pre-?shared|shared|access|auth|authentication|md5)[_-]?key)[\"']?\s{0,4}[:=]\s{0,4})",
        rf"(?:ENC )?{_NOTHING}{_VALUE}",
    ),
    # SNMP communities and v3 keys
    _rule("snmp-server community", rf"(\bsnmp-server community (?:(?:[0-9]|encrypted|clear) (?=\S))?+){_VALUE}"),
    _rule(
        "snmp-server host",
        r"(\bsnmp-server host (?:\S{1,64} (?=\d[\d.:a-f]{2,45} ))?\S{1,64} ",
        r"(?:(?:(?:use-)?vrf \S{1,64}|traps?|informs?|version (?:1|2c)|(?:udp-)?port \d{1,5}|",
        r"community|encrypted|clear|\d) )*+)",
        rf"(?!(?:use-)?vrf |version 3 |udp-port |poll\b|trap\b|source-interface|filter-vrf){_VALUE}",
    ),
    _rule(
        "snmp-server user|snmp-server group & auth ",
        rf"(\bsnmp-server (?:user|group) .{{0,160}}?\bauth (?:md5|sha\S{{0,8}}) {_KIND}){_VALUE}",
    ),
    _rule(
        "snmp-server user & priv ",
        r"(\bsnmp-server user .{0,400}?\bpriv (?:(?:des|3des|aes)(?:[ -]?\d{1,3})? )?+",
        rf"(?:(?:encrypted|clear|7) )?+){_VALUE}",
    ),
    _rule(
        "snmp-agent",
        rf"(\bsnmp-agent community (?:complexity-check )?(?:read|write) {_KIND}){_VALUE}",
    ),
    _rule("securityname", rf"(\bsnmp-agent (?:target-host|trap) .{{0,200}}?\bsecurityname {_KIND}){_VALUE}"),
    _rule(
        "ion-mode|privacy-mode",
        r"(\b(?:authentication-mode|privacy-mode) (?:md5|sha\S{0,8}|aes\S{0,8}|des\S{0,8}|3des\S{0,8}) (?!\d{1,3} )",
        rf"{_KIND}){_VALUE}",
    ),
    _rule("set snmp & community ", rf"(\bset snmp (?:v3 .{{0,200}}? )?community ){_VALUE}"),
    _rule("community-name|community-string", rf"(\bcommunity-(?:name|string) ){_VALUE}"),
    _rule("community & {", rf'(^\s{{0,80}}community (?=(?:"[^"]{{0,200}}"|\S{{1,200}}) \{{)){_VALUE}'),
    _rule("rocommunity|rwcommunity|trapcommunity", rf"(^\s{{0,80}}(?:ro|rw|trap)community6? ){_VALUE}"),
    _rule("trap-community", rf"(\btrap-community[=:]\s{{0,4}}){_VALUE}"),
    _rule("community-map", rf"(\bcommunity-map ){_VALUE}"),
    _rule("com2sec", rf"(^\s{{0,80}}com2sec6? (?:-Cn \S{{1,64}} )?\S{{1,64}} \S{{1,64}} ){_VALUE}"),
    _rule("createuser", rf"(^\s{{0,80}}(?:createUser \S{{1,64}} (?:\S{{1,64}} )?(?:MD5|SHA\S{{0,8}}) )){_VALUE}"),
    _rule("createuser", rf"(^\s{{0,80}}createUser .{{0,200}}?\b(?:AES|DES)\S{{0,8}} ){_VALUE}"),
    _rule("snmp community", rf"(\bSNMP community(?: string| name)?\s{{0,4}}[:=]\s{{0,4}}){_VALUE}"),
    _rule("community & name", rf"(\bcommunity(?: |-)?(?:name|securityname)\s{{0,8}}[:=]\s{{0,4}}){_VALUE}"),
    # IOS makes a group of every community, of the same name
    _rule("groupname", rf"(\bgroupname:\s{{1,4}}(?=\S{{1,64}}\s{{1,60}}security model:\s?v(?:1|2c)\b)){_VALUE}"),
    # SR OS: the value, then hash or hash2
    _rule(" hash", r'(\s)(?!<removed>)("[^"]{1,4000}"(?= hash2?(?:\s|$))|[^\s"]{4,4000}(?= hash2(?:\s|$)))'),
    _rule("authentication hash", rf"(\bauthentication hash (?:md5|sha\S{{0,8}}) ){_VALUE}"),
    _rule("privacy ", rf"(\bprivacy (?:des-key|aes-128-cfb-key|des|aes\S{{0,12}}) ){_VALUE}"),
    # shared keys: TACACS, RADIUS, routing protocols, first-hop redundancy, NTP, IPsec, wireless
    _rule(
        "tacacs|radius & key|secret",
        r"(\b(?:tacacs|radius|hwtacacs)\S{0,40} (?!.{0,160}\bkey(?:-string)? not )",
        rf".{{0,160}}?\b(?:key|shared-key|secret) {_KIND}){_PROSE}{_VALUE}",
    ),
    _rule(
        "primary|secondary & key",
        r"(\b(?:primary|secondary) (?:authentication|accounting|authorization) .{0,160}?\bkey ",
        rf"{_KIND}){_VALUE}",
    ),
    _rule(
        "server-private|client & key",
        rf"(\b(?:server-private|client) \S{{1,64}} .{{0,120}}?\b(?:server-)?key {_KIND}){_VALUE}",
    ),
    _rule("failover key", rf"(\bfailover (?:ipsec pre-shared-)?key (?:hex )?{_KIND}){_VALUE}"),
    _rule("entry ", rf"(\bentry \d{{1,3}} key {_KIND}){_VALUE}"),
    _rule(
        " key",
        r"(^\s{1,80}key (?!\d{1,10}\s*$|",
        r"(?:chain|id|identifier|authentication|accounting|authorization|generate|config-key|is|type|name|data|label|size|",
        r"length|usage|exchange|pair|lifetime|version|index|age|used|method|management|algorithm|server|ring)\b|\S{1,40}:\s|",
        rf"\S{{1,64}} (?:id|name)\b){_KIND}){_PROSE}{_VALUE}",
    ),
    _rule("set key|authentication key|set-key", rf"(\b(?:set key|authentication key|set-key) {_KIND}){_PROSE}{_VALUE}"),
    _rule("key a", rf"(\bkey (?:authentication|accounting|authorization) {_KIND}){_VALUE}"),
    _rule(
        "key-string|keystring|auth-key|auth-password|auth_pass|shared-key|shared-secret|pac key|password-encrypt|"
        "cryptographic-algorithm|simple-password|authentication-key|authentication-password|privacy-key|privacy-password",
        r"(\b(?:key-string|keystring|auth-key|auth-password|auth_pass|(?<!pre-)shared-key|shared-secret|pac key|",
        r"config-key password-encrypt|cryptographic-algorithm \S{1,20} key|simple-password|",
        r"(?:authentication|privacy)-(?:key|password)) (?!\d{1,3} (?:type|value|key|md5|sha\S{0,6})\b)",
        rf"{_KIND}){_VALUE}",
    ),
    _rule(
        "authentication-key",
        r"(\bauthentication-key \d{1,5} (?:key |value |type \S{1,12} value |(?:md5|sha\S{0,6}|cmac\S{0,12}) ",
        rf"(?:(?:\d|encrypted|clear) )?+)){_VALUE}",
    ),
    _rule(
        "message-digest-key|md5 |md5-key",
        rf"(\b(?:message-digest-key|md5|md5-key) \d{{1,3}} (?:key |(?:md5|sha\S{{0,6}}) )?+{_KIND}){_PROSE}{_VALUE}",
    ),
    _rule(
        "authentication-keyid", rf"(\bauthentication-keyid \d{{1,10}} authentication-mode \S{{1,20}} {_KIND}){_VALUE}"
    ),
    _rule(
        "password|authentication & isis|area|domain|circuit|lsp|hello",
        r"(\b(?:isis|area|domain|circuit|lsp|hello)[ -](?:password|authentication-key|authentication password) ",
        rf"{_KIND}){_PROSE}{_VALUE}",
    ),
    _rule(
        "authentication-mode",
        rf"(\bauthentication-mode (?:simple|plain|md5 \d{{1,3}}|hmac-\S{{1,20}} \d{{1,3}}) {_KIND}){_VALUE}",
    ),
    _rule(
        "authentication & standby|vrrp|hsrp|glbp",
        r"(\b(?:standby|vrrp|hsrp|glbp) .{0,60}?\bauthentication (?!(?:md5|ietf-md5) key-chain|mode\b)",
        rf"(?:text |(?:ietf-)?md5 key-string |simple |md5 )?+{_KIND}){_PROSE}{_VALUE}",
    ),
    _rule(
        "  authentication",
        r"(^\s{2,80}authentication (?!mode\b|md5 key-chain|key-chain|message-digest|null|keychain|(?:md5|text)\s*$)",
        rf"(?=text |md5 key-string |\S{{1,64}}\s*$)(?:text |md5 key-string )?+{_KIND}){_PROSE}{_VALUE}",
    ),
    _rule("nhrp authentication", rf"(\bnhrp authentication {_KIND}){_VALUE}"),
    _rule("authentication mode hmac", rf"(\bauthentication mode hmac-sha-256 (?:\d )?+){_VALUE}"),
    _rule("sshpass", rf"(\bsshpass -p ?){_VALUE}"),
    _rule("authentication string", rf"(\bauthentication string {_KIND}){_VALUE}"),
    _rule("isakmp key", rf"(\bisakmp key {_KIND}){_VALUE}"),
    _rule(
        "psk|shared-key|sae-password|pass-phrase",
        r"(\b(?:pre-?shared-key|wpa-psk|(?<![=,-])psk|sae-password|psksecret)",
        r"(?: (?:local|remote|ascii-text|hexadecimal|address \S{1,64}(?: \d\S{1,45})?(?: key)?|key|pass-phrase|",
        r"set-key))?+ ",
        rf"(?!pass-phrase |set-key ){_KIND}){_VALUE}",
    ),
    _rule("cipher", rf"(\b(?:irreversible-cipher|cipher|ciphertext) ){_ALGORITHM}{_VALUE}"),
    _rule(
        "-password|secret-key|encryption-key|phash|pwd|client-password",
        r"(\b(?:encrypted-password|plain-text-password-value|hashed-password|admin-password|client-password|secret-key|",
        rf"encryption-key|phash|auth-?pwd|priv-?pwd) {_KIND}){_VALUE}",
    ),
    _rule("enc ", r"(\bENC )(?!<removed>)([A-Za-z0-9+/=]{8,4000})"),
    # tokens of web services, and passwords in addresses
    _rule("authorization", rf"(\bauthorization:\s{{0,3}}\w{{1,20}} )(?=[\w+/.~-]{{8,}}){_VALUE}"),
    _rule("bearer", rf"(\bbearer )(?=[\w+/.~-]{{8,}})(?=\S*\d){_VALUE}"),
    _rule("://", r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,64}:)(?!<removed>|\*{3,})([^\s@/]{1,256})(?=@)"),
    # whatever follows a word for a secret; last, so that the rules that know more have struck by then
    _rule(
        "passw|passphrase|secret|pwd",
        rf"(\b(?:password|passwd|passphrase|secret|pwd) {_PROSE}{_KIND}){_PROSE}{_VALUE}",
        spares_words=True,
    ),
)

# Secret wherever they stand, by their shape. The needle is a literal part of it.
SHAPES = tuple(
    (needle, re.compile(shape))
    for needle, shape in (
        ("$", r"\$(?:c|h)\$\d{1,2}\$[^\s\"';,]{4,}"),  # H3C
        (
            "$",
            r"\$(?:1|2[abxy]?|5|6|7|8|9|14|apr1|y|gy|argon2\w{0,3}|sha1|sha512|scrypt|pbkdf2\S{0,12})\$[^\s\"';,:<>]{6,}",
        ),
        ("$1", r"\$1[a-e]\$[^\s\"';,]{4,}"),  # Huawei, new
        ("%^%#", r"%\^%#.{1,512}?%\^%#"),  # Huawei
        ("%", r"%[@#$]%[@#$].{1,512}?%[@#$]%[@#$]"),
        ("$9$", r"(?<=[ \"])\$9\$[A-Za-z0-9./-]{4,}"),  # Junos
        ("-AQ==", r"-AQ==[A-Za-z0-9+/=]{8,}"),  # PAN-OS
        ("eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"),  # JSON web token
        ("gh", r"\bgh[pousr]_[A-Za-z0-9_-]{16,}"),
        ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_-]{16,}"),
        ("glpat", r"\bglpat-[A-Za-z0-9_-]{16,}"),
        ("xox", r"\bxox[abprs]-[A-Za-z0-9_-]{16,}"),
        ("AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
        ("ASIA", r"\bASIA[0-9A-Z]{16}\b"),
    )
)
# A word is looked at from its beginning only: from each of its letters, a line of one endless word would take seconds.
JUNOS_SECRET = re.compile(
    r'(?!/\*)("[^"\n]{1,8000}+"|(?<![^\s;"/*])[^\s;"/*]++)(;?\s{0,4}## SECRET-DATA)',
)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines between `opens` and `closes` in which `rule` holds: there, a mere name is a secret."""

    opens: re.Pattern[str]
    closes: re.Pattern[str]
    rule: re.Pattern[str]


SECTIONS = (
    Section(  # FortiOS; the outer end stands at the left, those of inner tables are indented
        re.compile(r"^config system snmp community\s*$"),
        re.compile(r"^(?:end|config .*)\s*$"),
        re.compile(rf"(^\s{{1,80}}set name ){_VALUE}"),
    ),
    Section(  # RouterOS
        re.compile(r"^/snmp community\s*$"),
        re.compile(r"^/"),
        re.compile(rf"(\bname=){_VALUE}"),
    ),
    Section(  # NX-OS, show snmp
        re.compile(r"^Community\s{2,80}Group / Access"),
        re.compile(r"^\s*$"),
        re.compile(r"^()(?!-|<removed>)(\S{1,256})(?=\s|$)"),
    ),
)

BEGIN_KEY = re.compile(r"-----BEGIN [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY|Static key)[A-Za-z0-9 ]{0,10}-----")
END_KEY = re.compile(r"-----END [A-Za-z0-9 ]{0,40}(?:PRIVATE KEY|Static key)[A-Za-z0-9 ]{0,10}-----")
KEY_LINE = re.compile(r"[\s\"'|>#]{0,80}(?:[A-Za-z0-9+/=\\]{0,65536}|[A-Za-z-]{1,40}: .{0,200}|<removed>)[\s\"']{0,80}")

# The numbers of the rules that a needle calls for; the other groups of a rule's needles are looked at after that.
BY_NEEDLE = tuple(
    (needle, tuple(number for number, rule in enumerate(RULES) if needle in rule.needles[0]))
    for needle in sorted({needle for rule in RULES for needle in rule.needles[0]})
)

# A line without any of these, in lower case, holds no secret that we know.
LITERALS = (
    "pass", "psk", "pwd", "community", "cipher", "com2sec", "createuser", "cret", "key", "ken", "snmp", "auth", "akia",
    "asia", "groupname", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "github_pat_", "xox", "eyj", "bearer", "$",
    "@", "^", "%#", "-aq==",
)  # fmt: skip
