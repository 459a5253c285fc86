"""Reads one syslog datagram: RFC 5424, and RFC 3164 as the vendors really write it. Pure; never raises.

<189>123: sw1: *Nov 22 01:02:03.456: %LINK-3-UPDOWN: …              Cisco IOS, XE, WLC; host and sequence optional
<187>94307: gw1 LC/0/2/CPU0:Jul  7 20:16:14.834 : ifmgr[214]: %PKT_INFRA-LINK-3-UPDOWN : …           Cisco IOS XR
<190>2018 Apr 20 13:15:38 nexus %ETHPORT-5-IF_UP: …                                                   Cisco NX-OS
<190>Nov 22 2026 01:02:03+08:00 HW %%01IFNET/4/LINK_STATE(l)[0]: …                                     Huawei VRP
<187>Nov 22 01:02:03 2026 H3C %%10IFNET/3/PHY_UPDOWN: …                                               H3C Comware
<28>Jun 21 14:03:12 mx1 rpd[2902]: RPD_BGP_NEIGHBOR_STATE_CHANGED: …                                         Junos
<165>Oct 23 12:22:50 sw1 Rib: %BGP-3-NOTIFICATION: …                                                        Arista
<166>Nov 22 01:02:03 r1 bgpd[7]: [M59KS-A3ZXZ] %ADJCHANGE: neighbor 10.0.0.1(r2) in vrf default Down …         FRR
<189>date=2026-11-22 time=01:02:03 devname="fw1" logid="0101037124" level="error" …                       FortiGate

and the others of `data/dialects.yaml`.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from agent.observation import SyslogSeverity
from collectors import text as texts
from collectors.syslog import clock, dialects

DATAGRAM_LIMIT = 8192  # octets read of a datagram
TEXT_LIMIT = 2048  # characters kept of a message; RFC 5424 §6.1 asks receivers for as many octets
HEADER_LIMIT = 256  # characters in which a vendor's mnemonic must begin
_NAME_LIMIT = 128

_FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
_SEVERITIES = list(SyslogSeverity)
_DEFAULT_PRI = 13  # user.notice, RFC 3164 §4.3.3

_PRI = re.compile(r"<(\d{1,3})>")
_RFC5424 = re.compile(r"[1-9]\d?\d? (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,64})(?: |$)")
_CISCO = re.compile(
    r"[%#](?P<facility>[A-Z][A-Z0-9_]{0,40}(?:-[A-Z][A-Z0-9_]{0,40}){0,4}?)-(?:session-)?(?P<severity>\d)-"
    r"(?P<code>[A-Z0-9][A-Za-z0-9_]{0,80})(?:\s{0,2}:|\s|$)"
)
_MARK = re.compile(r"[%#](?=[A-Z%])")  # AireOS writes # as well
_HUAWEI = re.compile(
    r"%%\d\d(?P<facility>[A-Za-z0-9_]{1,40})/(?P<severity>\d)/(?P<code>[A-Za-z0-9_]{1,80}(?: [A-Z_]{1,40}(?=[(:]))?)"
    r"(?:\([a-zA-Z]{1,8}\))?(?:\[\d{1,10}\])?\s?:?"
)
_TAG = re.compile(r"(?P<app>/?[A-Za-z0-9_][\w./-]{0,63})(?:\[(?P<pid>[\w.-]{1,16})\])?:(?: |$)")
_FRR_CODES = re.compile(r"(?:\[(?:EC \d{1,12}|[A-Z0-9]{5}-[A-Z0-9]{5})\]\s?){1,3}")
_CODE = re.compile(r"%?(?P<code>[A-Z][A-Z0-9]{1,20}(?:_[A-Z0-9]{1,20}){0,8})(?<=[A-Z0-9_]{5}):\s?")
_SEQUENCE = re.compile(r"\d{0,12}:?$|\d{1,3}[ywdhm]\d{1,3}[ywdhm]:?$|\d{1,4}:\d\d:\d\d:?$")  # or a time since start
_LOCATION = re.compile(r"(?:RP|LC|RSP|SC|DRP|SP)?/?[\w-]{1,8}/[\w/-]{1,24}CPU\d", re.ASCII)
_ENGINE = re.compile(r"re[01][.-](?=.)")  # Junos names its routing engine before the host
_HOST = re.compile(r"[A-Za-z0-9_][\w.:%-]{0,127}", re.ASCII)
_PAIR = re.compile(r'(\w{1,32})=("[^"]{0,1024}"|\S{0,1024})')
_TELLING = ("logdesc", "action", "status", "interface", "user", "msg")  # of a FortiGate's pairs
_PAIRS_BEGIN = ("date=", "devname=", "logver=", "timestamp=")
_LEVELS = {s.value: s for s in SyslogSeverity} | {
    "information": SyslogSeverity.INFO,
    "notification": SyslogSeverity.NOTICE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Patterns go by `key`: the mnemonic without its severity (`LINK/UPDOWN`, `RPD_OSPF_NBRDOWN`), else the program.

    They read `about`, which is the text, or of a FortiGate's pairs those that matter.
    """

    severity: SyslogSeverity
    facility: str
    text: str
    host: str = ""
    app: str = ""
    mnemonic: str = ""
    key: str = ""
    about: str = ""
    stamped: datetime | None = None
    priority: int | None = None  # as sent; the severity is the mnemonic's where it holds one


def read(datagram: bytes, now: datetime) -> Message:
    """`now` is when it arrived: it gives the year to a clock that tells none, and the side to an ambiguous zone."""
    line = texts.one_line(texts.decode(datagram[:DATAGRAM_LIMIT]), DATAGRAM_LIMIT)
    priority, rest = _priority(line)
    number = _DEFAULT_PRI if priority is None else priority
    severity, facility = _SEVERITIES[number % 8], _FACILITIES[number // 8]
    reader = _Reader(severity, facility, priority, now)
    return (
        reader.rfc5424(rest)
        or reader.pairs(rest)
        or reader.tagged(rest)
        or reader.dialect(rest, "", "", None)
        or reader.plain(rest)
    )


def _priority(line: str) -> tuple[int | None, str]:
    match = _PRI.match(line)
    if match is None or int(match[1]) > 191:
        return None, line
    return int(match[1]), line[match.end() :].lstrip()


@dataclass(frozen=True, slots=True)
class _Reader:
    severity: SyslogSeverity
    facility: str
    priority: int | None
    now: datetime

    def rfc5424(self, line: str) -> Message | None:
        match = _RFC5424.match(line)
        if match is None:
            return None
        time, host, app, _, msgid = ("" if part == "-" else part for part in match.groups())
        stamp = clock.find(time, self.now)
        if time and stamp is None:
            return None
        rest = line[match.end() :]
        body = (rest[1:] if rest.startswith("-") else _past_structured_data(rest)).lstrip()
        if msgid:
            text = f"{body} {_structured_data(rest)}".strip()
            return self._message(text, host=host, app=app, mnemonic=msgid, stamp=stamp)
        tagged = _tag(body)
        if tagged is not None:
            return self._tagged(tagged, body, host, app, stamp)
        if (found := self.dialect(body, host, app, stamp)) is not None:
            return found
        return self._coded(body, host=host, app=app, stamp=stamp)

    def pairs(self, line: str) -> Message | None:
        if not line.startswith(_PAIRS_BEGIN):
            return None
        pairs = {key: value.strip('"') for key, value in _PAIR.findall(line[:TEXT_LIMIT])}
        stamp = clock.find(f"{pairs.get('date', '')}T{pairs.get('time', '')}{pairs.get('tz', '')}", self.now)
        severity = _LEVELS.get(pairs.get("level", ""), self.severity)
        app, mnemonic = pairs.get("subtype", ""), pairs.get("logid", "")
        return self._message(
            line,
            host=pairs.get("devname", ""),
            app=app,
            mnemonic=mnemonic,
            key=f"FORTIOS/{pairs.get('logdesc', mnemonic)}",
            about=" ".join(f'{key}="{pairs[key]}"' for key in _TELLING if key in pairs),
            stamp=stamp,
            severity=severity,
        )

    def tagged(self, line: str) -> Message | None:
        match = _tag(line)
        if match is None:
            return None
        header = line[: match.start()]
        stamps = clock.find_all(header, self.now)
        host, app = _host_and_app(clock.without(header, stamps))
        return self._tagged(match, line, host, app, stamps[-1] if stamps else None)

    def dialect(self, line: str, host: str, app: str, stamp: clock.Stamp | None) -> Message | None:
        """By `data/dialects.yaml`; `host`, `app` and `stamp` are what an RFC 5424 header told already."""
        for dialect, match in dialects.tags(line):
            header = line[: match.start()]
            stamps = [] if stamp else clock.find_all(header, self.now)
            last = stamps[-1] if stamps else clock.find(match[0], self.now)
            before = clock.without(header, stamps)
            if len(before.split()) > dialect.words:
                continue
            part = match.groupdict("")
            if last is None and "epoch" in part:
                last = clock.since_1970(part["epoch"])
            told = _host_and_app(before) if not host else (host, app)
            sent = None if self.priority is None else self.severity
            return self._message(
                line[match.end() :],
                host=part.get("host") or told[0],
                app=part.get("app") or told[1],
                mnemonic=dialect.mnemonic.format_map(part),
                key=dialect.key.format_map(part),
                stamp=stamp or last,
                severity=dialect.severity_of(part.get("level", ""), sent),
            )
        return None

    def plain(self, line: str) -> Message:
        stamp = clock.find(line[:HEADER_LIMIT], self.now)
        if stamp is None:
            host, body = "", line
        elif line[: stamp.start].strip(" *.:"):  # a relay put the host before the time
            words = [word for word in line[: stamp.start].split() if not _SEQUENCE.match(word)]
            host, body = _host(words[0] if words else ""), line[stamp.end :].lstrip(" :")
        else:
            host, body = _leading_host(line[stamp.end :].lstrip(" :"))
        match = _TAG.match(body)
        app = match["app"] if match else ""
        return self._coded(body[match.end() :] if match else body, host=host, app=app, stamp=stamp)

    def _tagged(self, match: re.Match[str], line: str, host: str, app: str, stamp: clock.Stamp | None) -> Message:
        level = int(match["severity"])
        severity = _SEVERITIES[level] if level < 8 else self.severity
        separator = "/" if match.re is _HUAWEI else "-"
        return self._message(
            line[match.end() :],
            host=host,
            app=app,
            mnemonic=separator.join((match["facility"], match["severity"], match["code"])),
            key=f"{match['facility']}/{match['code']}",
            stamp=stamp,
            severity=severity,
        )

    def _coded(self, body: str, *, host: str, app: str, stamp: clock.Stamp | None) -> Message:
        codes = _FRR_CODES.match(body)
        text = body[codes.end() :] if codes else body
        match = _CODE.match(text)
        mnemonic = match["code"] if match else ""
        return self._message(text[match.end() :] if match else text, host=host, app=app, mnemonic=mnemonic, stamp=stamp)

    def _message(
        self,
        text: str,
        *,
        host: str,
        app: str,
        mnemonic: str,
        stamp: clock.Stamp | None,
        severity: SyslogSeverity | None = None,
        key: str = "",
        about: str = "",
    ) -> Message:
        text = text.strip(" :")[:TEXT_LIMIT]
        return Message(
            severity=severity or self.severity,
            facility=self.facility,
            text=text,
            about=about or text,
            host=_ENGINE.sub("", host)[:_NAME_LIMIT],
            app=app[:_NAME_LIMIT],
            mnemonic=mnemonic[:_NAME_LIMIT],
            key=key or mnemonic or app,
            stamped=stamp.at if stamp else None,
            priority=self.priority,
        )


def _tag(line: str) -> re.Match[str] | None:
    for mark in _MARK.finditer(line, 0, HEADER_LIMIT):
        match = _HUAWEI.match(line, mark.start()) or _CISCO.match(line, mark.start())
        if match:
            return match
    return None


def _host_and_app(header: str) -> tuple[str, str]:
    words = [word for word in header.split() if not _SEQUENCE.match(word) and word.strip("*.:")]
    words = [word for word in words if not _LOCATION.match(word)]
    if not words:
        return "", ""
    if len(words) == 1 and "[" in words[0]:
        return "", words[0].partition("[")[0]
    app = words[-1].strip("*:").partition("[")[0] if len(words) > 1 else ""
    return _host(words[0]), app


def _leading_host(body: str) -> tuple[str, str]:
    """After a time comes a host, unless the first word is a program with its colon."""
    word, _, rest = body.partition(" ")
    if rest.startswith(": "):
        return _host(word), rest[2:]
    if word.endswith(":") and not word.endswith("]:") and _TAG.match(rest):
        return _host(word), rest
    if word.endswith(":") or not rest or not _HOST.fullmatch(word):
        return "", body
    return _host(word), rest.lstrip()


def _host(word: str) -> str:
    match = _HOST.fullmatch(word.rstrip(":"))
    return match[0] if match else ""


def _past_structured_data(rest: str) -> str:
    end = _structured_data_end(rest)
    return rest[end:]


def _structured_data(rest: str) -> str:
    return rest[: _structured_data_end(rest)]


def _structured_data_end(rest: str) -> int:
    """Where the elements `[id name="value" …]…` end (RFC 5424 §6.3); 0: there are none; all of it: cut off."""
    position, quoted, skip, inside = 0, False, False, False
    for position, char in enumerate(rest):
        if skip:
            skip = False
        elif quoted:
            skip, quoted = char == "\\", char != '"'
        elif inside:
            quoted, inside = char == '"', char != "]"
        elif char == "[":
            inside = True
        else:
            return position
    return position + 1 if rest and rest[0] == "[" else 0
