"""Reasons are kept as English sentences, in the record and in the database; here they are said in other languages.

Each sentence that a decision can utter stands here once, with a place for each value. A sentence is recognised by its
own words, its values are taken out, reworded where they are sentences themselves, and put into the translation. One
that is not recognised stays English.
"""

import re
from functools import cache

from agent.locale.catalogue import N_, match, word, words

SENTENCES = (
    # rules
    N_("answers ({methods})"),
    N_("no answer to {methods}"),
    N_("SNMP answers"),
    N_("{how} answers, SNMP does not ({cause})"),
    N_("oper {oper}, admin up"),
    N_("no longer configured"),
    N_("administratively stopped"),
    N_("up for {now} s, was {before} s"),
    N_("{percent} % {direction} errors ≥ {threshold} % ({count} packets)"),
    N_("{percent} % {direction} discards ≥ {threshold} % ({count} packets)"),
    N_("{direction} {percent} % ≥ {threshold} % of {speed}"),
    N_("{value} ≥ {limit}, the device's own limit"),
    N_("{value} ≤ {limit}, the device's own limit"),
    N_("{value}, was {before}"),
    N_("changed since the poll before"),
    N_("asked for: {line}"),
    N_("no {tier} poll brought anything for {time} s"),
    N_("ends on {day}, in {count} days"),
    N_("ended on {day}"),
    N_("missing"),
    # what history shows
    N_("{value}, where {low} to {high} is usual at this hour of the week ({days} days known)"),
    N_("{value}, where {low} or more is usual at any hour ({days} days known)"),
    N_("{value}, {by} more than {time} before"),
    N_("{value}, {by} less than {time} before"),
    N_("{level} % now, {pace} % a day over {days} days: {limit} % in about {within} days ({earliest} to {latest})"),
    N_("{level} % now, no steady growth over {days} days"),
    N_("not judged before {needs} days are known: {days} so far"),
    N_("what is usual is known of {count} readings, over {days} days"),
    N_("no longer measured"),
    N_("another fault tells of it"),
    # confirmation, flapping, suppression
    N_("flapping, {count} times in {time}"),
    N_("{reason}; {more}"),
    N_("unconfirmed: gone when looked at again"),
    N_("maintenance: {window} until {until}"),
    N_("maintenance {window} takes down more than it names: site {sites}"),
    N_("from now on nothing new is told of it: {reason}"),
    N_("still broken when maintenance {window} ended at {when} UTC"),
    N_("maintenance no longer names it, and it is still broken"),
    N_("did not come back after maintenance {window}: {things}"),
    N_("{name} ({part}) ran at {before}, runs at {after}"),
    N_("{interface} no longer sees {device}"),
    N_("{name} ({part}) was {state}, is {turned}"),
    N_("and {count} more"),
    N_("the device left the inventory"),
    N_("acknowledged: {said}"),
    N_("its rule opens no case"),
    N_("settling: it may be part of something larger"),
    N_("settling: the devices around it are asked"),
    N_("restarting: {device} restarted, what hangs on it comes back"),
    N_("recovering: seen in order again"),
    N_("flapping: back again, and asked until it is believed"),
    N_("unconfirmed: asked until it is believed"),
    N_("over before a case was due"),
    N_("the same of {count} more faults"),
    N_("and {count} more: {command}"),
    N_("the same trouble as {case}, which goes on"),
    N_("{case} turned out to be part of it"),
    # a case among others
    N_("linked to {other}: {reason}"),
    N_("linked to {other}"),
    N_("no part of {other} any more: {reason}"),
    N_("no part of {other} any more"),
    N_("{other} is no part of it any more: {reason}"),
    N_("{other} is no part of it any more"),
    N_("a part of {other} now: {reason}"),
    N_("a part of {other} now"),
    N_("{other} is a part of it now: {reason}"),
    N_("{other} is a part of it now"),
    N_("merged into {other}, which goes on: {reason}"),
    N_("{other} was merged into it: {reason}"),
    N_("split off {other}: {title}"),
    N_("{other} was split off: {title}"),
    N_("{case} was merged: what goes on is {other}"),
    N_("{case} is closed for ever: open a new case and link it to this one"),
    N_("{case} is resolved and cannot become {state}: reopen it first"),
    N_("{case} is {state} and cannot become closed: resolve it first"),
    # correlation
    N_("{near}, the only way to {device}, is down"),
    N_("behind the link {interface} of {device}, which is down"),
    N_("behind {device}, which does not answer"),
    N_("leads to {device}, which does not answer"),
    N_("the other end of the same link"),
    N_("subinterface of {interface}, which is down"),
    N_("{fan} of the same device has failed"),
    N_("the same trouble of the same device"),
    N_("the other end of the same session"),
    N_("another session of {device}"),
    N_("{count} BGP sessions are down, and {device} is an end of each"),
    N_("{interface}, which the session runs over, is down"),
    N_("no path is left between {a} and {b}"),
    N_("OSPF has no path left between {a} and {b}"),
    N_("the {protocol} session between the same two is down"),
    N_("{count} OSPF neighbours are lost, and {device} is an end of each"),
    N_("{count} BFD sessions are down, and {device} is an end of each"),
    N_("went with {member}, of the same aggregate"),
    N_("all members of {aggregate} are down"),
    N_("the other end of the same aggregate"),
    N_("the light on the same link is out of its limits"),
    N_("the speed of the same link changed"),
    N_("the duplex mode of the same link changed"),
    N_("errors on the same link"),
    N_("the same link is full"),
    N_("the same link, which is down"),
    N_("the same trouble of the same link"),
    N_("its light was out of its limits before"),
    N_("its SNMP agent does not answer"),
    N_("another sign of the same trouble"),
    N_("a part of {unit}, which has failed"),
    N_("sits on {module}, which has failed"),
    N_("the device's alarm for {unit}"),
    N_("{device}, which stands in for it, does not answer"),
    N_("{device} tells the same"),
    N_("the CPU of {device} is busy"),
    N_("{device} loses packets, too"),
    N_("{line}, the only way to {device}, is full"),
    N_("{line}, the only way to {device}, has errors"),
    N_("{line}, the only way to {device}, drops packets"),
    N_("{line}, the only way to {device}, has light out of its limits"),
    N_("{line}, the only way to {device}, has another duplex mode"),
    N_("{line}, the only way to {device}, has another speed"),
    N_("behind {device}, which serves poorly itself"),
    N_("the configuration of {device} was changed at {time} UTC"),
    N_("all {count} devices of {site} fell silent at once, and nothing outside explains it"),
    N_("{site} is silent as a whole"),
    N_("all {count} devices are silent: the agent's own connection, or what it enters by"),
    N_("{count} troubles began within minutes, and nothing known explains all of them"),
    N_("one of many troubles at once"),
    N_("began with {part} of the same device"),
    N_("OSPF of {device} has lost its neighbours"),
    N_("{device} restarted"),
    N_("{device} does not answer"),
    N_("both ends of {link} are one link"),
    N_("nothing below the session is broken"),
    N_("nothing else explains it"),
    N_("{count} of its links are down at once, seen by its neighbours: the device, not a cable"),
    N_("a whole path leads to it, and it does not answer"),
    # severity, acknowledgement, flapping
    N_("every device of {customers} is lost: the whole system is paralysed"),
    N_("large parts of the network are down at once"),
    N_("the neighbours of {device} still see it: the way to it is lost, not the device"),
    N_("{lost} of {owned} devices of {customer} are lost"),
    N_("the whole of site {sites} is cut off"),
    N_("{devices} is lost, and so is what stands in for it"),
    N_("{devices} carries others, and nothing stands in for it"),
    N_("{devices} is lost; the system as a whole still works"),
    N_("{devices} is lost outside the hours of its contract"),
    N_("{devices} is lost, a redundant device stands in: redundancy lost"),
    N_("{part}: none of {total} of {device} is left"),
    N_("{part}: {left} of {total} of {device} are left: redundancy lost"),
    N_("a link is down and another way is left: redundancy lost"),
    N_("an interface that carries no link between devices is down"),
    N_("a {role} device restarted"),
    N_("{fault} cuts nothing off; {severity} by kind"),
    N_("{fault} is {severity} by kind"),
    N_("{severity} if all {owned} devices of {customer} were lost (now {lost})"),
    N_("{severity} if all of site {site} were cut off"),
    N_("{severity} if {devices} were lost as well"),
    N_("{severity} if {device} itself were lost"),
    N_("{severity} if no device were lost by it"),
    N_("{severity} if {device} of site {site} still answered"),
    N_("{severity} if {device} of customer {customer} still answered"),
    N_("{severity} if one device of each of {count} sites still answered"),
    N_("{severity} if one device of each of {count} customers still answered"),
    N_("{severity} if no more than {few} of {owned} devices of {customer} were lost"),
    N_("{severity} if a redundant device stood in (`redundant_with` in the inventory)"),
    N_("{severity} if the others of {device} failed, too ({part})"),
    N_("{severity} if another one of {device} were in order ({part})"),
    N_("{severity} if it carried a link between devices"),
    N_("{severity} if it carried no link between devices"),
    N_("{severity} if {devices} had another role: {roles}"),
    N_("{severity} if it were outside the hours of the contract"),
    N_("{severity} if it were within the hours of the contract"),
    N_("its consequences are those of {severity} now: {reasons}"),
    N_("acknowledged until {until} UTC"),
    N_("acknowledged until {until} UTC: {reason}"),
    N_("acknowledged until it is over"),
    N_("acknowledged until it is over: {reason}"),
    N_("told by the device"),
    N_("{subject}: flapping, {count} times down; stays open until it has held still"),
    N_("{subject}: flapped {count} times between {first} UTC and {last} UTC, up since {since} UTC"),
    N_("{subject}: flapped {count} times between {first} UTC and {last} UTC, down since {since} UTC"),
    # readings that were not believed
    N_("{value} is not within {low} to {high}"),
    N_("a 32-bit counter this fast comes round unseen"),
    # the case's log
    N_("{severity}: {reasons}"),
    N_("{kind}: {subject}: {reason}; began {when} UTC"),
    N_("{kind}: {subject}: {reason}"),
    N_("{kind} {subject}: {reason}"),
    N_("recovered at {when} UTC, watched from now on"),
    N_("no relapse for {quiet}: resolved, the customer is asked to confirm"),
    N_("the fault is back"),
    N_("contract {number} is {status}"),
    N_("assigned to {person}"),
    N_("raised from {before} to {after}: {reasons}"),
    N_("{occasion} told to {name} by {channel}"),
    N_("could not tell {name} by {channel}: {cause}"),
    N_("{count} files from {device} ({tier})"),
    N_("no show tech from {device}: it was asked less than {time} ago"),
    N_("no evidence: none of the devices concerned can be read over SSH"),
    N_("root cause is now {kind} {subject}: {because}"),
    # evidence over SSH
    N_("{address} port {port}"),
    N_("It was still printing after {limit} s; what came until then is kept."),
    N_("No prompt came back after {limit} s; what came until then is kept."),
    N_("The connection was lost in the middle; what came until then is kept."),
    N_("It printed more than {size} MB; the rest was left."),
    N_("The connection was lost before this could be asked."),
    N_("The connection was lost before it printed anything."),
    N_("An earlier command would not stop printing."),
    N_("The device refused: {said}"),
    N_("The device refused {count} of {asked} commands: {said}"),
    N_("{device} has no SSH credentials in the inventory."),
    N_("The private key {file} cannot be used: {cause}."),
    N_("The file of known host keys, {file}, is not there."),
    N_("The known host keys cannot be read or written: {cause}."),
    N_("The host key of {where} ({key}) is marked as revoked."),
    N_(
        "The host key of {where} has changed: known is {known}, shown was {key}. Somebody may be in between, or the"
        " device was replaced: check, then run netcase hostkeys accept."
    ),
    N_("The host key of {where} is not known: {key}. Check it, then run netcase hostkeys accept."),
    N_(
        "The host key of {where} is not known: {key}. A certificate authority vouches for it, which is not read here."
        " Check it, then run netcase hostkeys accept."
    ),
    N_("Jump host {name}: {cause}"),
    N_("Jump host {name} does not let us through to {where}."),
    N_("Jump host {name} cannot reach {where}."),
    N_("Jump host {name} did not lead us to {where} in time."),
    N_("{where} did not accept the user name “{user}” with its password."),
    N_("{where} did not accept the user name “{user}” with its key."),
    N_("There is no password and no key to log in to {where} with."),
    N_("{where} and we have no SSH algorithm in common."),
    N_("{where} refused the connection."),
    N_("There is no route to {where}."),
    N_("{where} dropped the connection while we logged in."),
    N_("{where} let us in, but its prompt was not recognised: is its platform {platform}?"),
    N_("{where} cannot be reached."),
    N_("{where} let us in, but did not accept the enable secret."),
    # the read-only guard
    N_("There is no command for “{topic}” on {platform}."),
    N_("{platform} has no command for “{topic}”: {cause}"),
    N_("The device's platform is not known, so no command can be chosen. Name it in the inventory."),
    N_("No commands are known for the platform “{platform}”, only for: {names}."),
    N_("“{topic}” needs to be told: {names}."),
    N_("Commands take no parameter “{name}”."),
    N_("{said} is no interface name that may stand in a command."),
    N_("{said} is no IP address."),
    N_("{said} has a zone, which may not stand in a command."),
    N_("Refused: {said} may not stand in a command that only reads."),
    N_("Refused: “{said}” is not on {platform}'s list of commands that only read."),
    N_("Its optical readings are told per interface, by the topic interface."),
    N_("It does not tell optical readings."),
    N_("Devices of this platform do not stack: what stands in for another is told by the topic redundancy."),
    N_("It keeps no list of alarms: they stand in the log and in the environment."),
    N_("It is told as one piece, by the topic inventory."),
    N_("It tells no reason of a restart but in its log."),
    N_("No command is known that tells its SNMP agent's state without its communities."),
    N_("It saves every change as it is made."),
    N_("It has no command that compares the running with the saved configuration."),
    N_("Who changed it stands in its log."),
    N_("No command is known that tells it."),
    N_("It needs no licence."),
    # what was learned before
    N_("same platform"),
    N_("same kind"),
    N_("same kind and vendor"),
    N_("same kind and platform"),
    N_("same kind, platform and model"),
    N_("same kind, platform, model and message"),
    N_("{found} of {asked} words"),
    N_("{same}, {found} of {asked} words"),
    N_("seen before: {known}"),
    N_("{entry} – {title} [{why}]"),
    N_("{entry} helped: {title}"),
    N_("{entry} was written from it: {title}"),
    N_("nothing is written down of how {kind} is mended: {command}"),
    # what people report, and their contracts
    N_("reported by {who} ({origin}): {title}"),
    N_("nothing else was said"),
    N_("something is asked for, and nothing else was said"),
    N_("{who} says so"),
    N_("contract {contract} covers {what} until {day}"),
    N_("contract {contract} ended on {day}"),
    N_("contract {contract} begins only on {day}"),
    N_("contract {contract} is {owner}'s, not {customer}'s"),
    N_("contract {contract} is not for {device}, which is under {other}"),
    N_("contract {contract} is not for {device} with the serial number {serial}, which is under {other}"),
    N_("nothing under contract {contract} is known with the serial number {serial}"),
    N_("no contract has the number {number}"),
    N_("no contract has the number {number}; {device} is under contract {contract}"),
    N_("no contract has the number {number}: `netcase contracts` lists them"),
    N_("{device} is under no contract"),
    N_("no device and no contract is known with the serial number {serial}"),
    N_("no contract number was given, and no device of the inventory is {device}"),
    N_("no contract number was given, and {customer} has none or several"),
    N_("no contract number, serial number or device was given"),
    N_("the serial number {serial}"),
    N_("contract {contract}"),
    N_("no contract"),
    N_("{case} is open for the same device"),
    N_("{level} by {origin}: {names} on call is paged at once"),
    N_("{level} by {origin}, and nobody is on call: page somebody by telephone"),
    N_("no evidence: {device} cannot be read over SSH"),
    N_("no evidence: {device} does not answer"),
    N_("attached {file} ({count} bytes)"),
    # what cannot be taken as it was written
    N_("say in a few words what is wrong, such as: no telephone in the Shanghai branch"),
    N_(
        "no device is called {name}: write its name or address as the inventory has it, or leave it empty and name it"
        " in the text"
    ),
    N_(
        "no device is called {name} (did you mean {near}?): write its name or address as the inventory has it, or leave"
        " it empty and name it in the text"
    ),
    N_("no customer is called {name}"),
    N_("no customer is called {name} (did you mean {near}?)"),
    N_("write an e-mail address as name@example.net, or a telephone number"),
    N_("is longer than {count} characters: shorten it, or attach it as a file"),
    N_("{file} is empty: attach the file itself"),
    N_("{file} is larger than {count} MiB: pack it, or cut it into parts"),
    N_("{file} is no scan: attach the fax as PDF, TIFF, PNG or JPEG"),
    N_("the case has {count} attachments already: put several files into one archive"),
    N_("{count} files at most: attach the others to the case"),
    N_("write what the note shall say"),
    # mails
    N_("its From names nobody, or several"),
    N_("{count} mails of {address} were acted on within an hour"),
    N_("{count} cases were opened by mail within an hour"),
    N_("it is a mail of our own that came back"),
    N_("a mail server says that a mail did not arrive"),
    N_("Auto-Submitted is {said}"),
    N_("it only says that a mail was read"),
    N_("its header says that a machine wrote it"),
    N_("its subject says that it is an automatic answer"),
    N_("it has no return path"),
    N_("it comes from a mailing list"),
    N_("Precedence is {said}"),
    N_("it answers {case}, and {address} has nothing to do with that case"),
    N_("its subject names {case}, and {address} has nothing to do with that case"),
    N_("its subject names {case}, and our mail server does not believe its sender ({said})"),
    N_("it answers {case}, which is over since {day}"),
    N_("its subject names {case}, which is over since {day}"),
    N_("it answers {case}"),
    N_("its subject names {case}"),
    N_("{address} is no contact of a customer, and only they open cases by mail"),
    N_("{address} is at no domain of a customer, and only they open cases by mail"),
    N_("our mail server does not believe that {address} wrote it ({said})"),
    N_("{address} writes of something new"),
    N_("put onto {case} by {actor}"),
    N_("it cannot be fetched ({said}): {more}"),
    N_("it cannot be decoded"),
    N_("it could not be fetched"),
    N_("it has {count} bytes, more than {limit}"),
    N_("it was larger than what is read"),
    N_("{reason}; only its header was read: {more}"),
    N_("{who} wrote: {said}"),
    N_("nothing but files"),
    N_("a mail that was sent for the case came back: {said}"),
    N_("our mail server does not believe the sender of this mail: it proves nothing"),
    N_("only the header of this mail was read: {more}"),
    N_("{count} more attachments are in the original mail"),
    N_("the customer answered by mail"),
    N_("somebody wrote again after it was over"),
    N_("only in the original mail: {more}"),
    N_("files that end in .{ending} are not taken"),
    N_("{count} bytes, more than {limit}"),
    # clocks
    N_("{clock}: due at {when} UTC, told {people}"),
    N_("{clock}: too late, was due at {when} UTC, told {people}"),
    N_("on site: {reason}"),
    N_("on site"),
    N_("the service works again: {reason}"),
    N_("the service does not work after all: {reason}"),
)
_CODES = frozenset(
    {"clock", "part", "state", "turned", "kind", "fault", "status", "role", "occasion", "channel", "direction", "tier"}
    | {"origin"}
)
_ONE_WORD = frozenset(
    {"device", "interface", "customer", "site", "kind", "severity", "a", "b", "link", "count", "address", "port"}
)
_LONGEST = 2000
LEVEL = "{severity}: {reasons}"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The most telling first: those with most words of their own, after the one whose beginning is unmistakable."""

    def compiled(text: str) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", text)
        return re.compile("".join(_place(part) if i % 2 else re.escape(part) for i, part in enumerate(parts)))

    own_words = {text: len(re.sub(r"\{\w+\}", "", text)) for text in SENTENCES}
    return tuple(
        (text, compiled(text)) for text in sorted(SENTENCES, key=lambda text: (text != LEVEL, -own_words[text]))
    )


def _place(name: str) -> str:
    if name == "severity":
        return r"(?P<severity>P[1-4])"
    return rf"(?P<{name}>\S+?)" if name in _ONE_WORD else f"(?P<{name}>.+?)"


def reword(sentence: str, language: str, depth: int = 0) -> str:
    """An English sentence of ours in `language`; what is not ours comes back as it is."""
    if match(language) == "en" or depth > 3 or len(sentence) > _LONGEST:
        return sentence
    for text, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            said = words(language)(text)
            for name, value in found.groupdict().items():
                said = said.replace(f"{{{name}}}", _value(name, value, language, depth), 1)
            return said
    return sentence


def _value(name: str, value: str, language: str, depth: int) -> str:
    if name in _CODES:
        return word(value.replace(" ", "_"), language)
    parts = value.split("; ")
    said = [reword(part, language, depth + 1) for part in parts]
    if len(parts) > 1 and any(after == before for after, before in zip(said, parts, strict=True)):
        whole = reword(value, language, depth + 1)  # one sentence of ours may have a semicolon of its own
        return whole if whole != value else "; ".join(said)
    return "; ".join(said)
