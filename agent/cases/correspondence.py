"""What becomes of a mail: a new case, a line on a case, or nothing that anybody is told of. None is ever thrown away.

A mail proves nothing about who wrote it. So a line is written onto a case only for somebody who has to do with it, and
nothing that a mail says closes, approves or confirms anything.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from agent.cases import recognition, threads
from agent.cases.case import Case, CaseState, Origin
from agent.cases.letter import Letter, Trust, Verdict
from agent.inventory.inventory import Inventory
from agent.inventory.mailbox import Mailbox, Senders

WITHIN = timedelta(hours=1)  # in which the mails of one sender are counted
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:automatic reply|auto(?:matic)?[- ]?reply|out of (?:the )?office|autoreply|自动回复|自动答复|外出自动|"
    r"automatische antwort|abwesenheitsnotiz|réponse automatique)",
    re.IGNORECASE,
)
PUBLIC = frozenset(
    (
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "yahoo.com",
            "icloud.com",
        ),
        *("qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "139.com"),
        *(
            "189.cn",
            "aliyun.com",
            "21cn.com",
            "tom.com",
            "gmx.de",
            "gmx.net",
            "web.de",
            "proton.me",
            "mail.ru",
            "aol.com",
        ),
    )
)
"""Domains at which anybody may have an address: they tell nothing about who somebody is."""
_DAEMONS = frozenset(("mailer-daemon", "postmaster", "mail-daemon", "bounce", "bounces"))
_RESULT = re.compile(r"\s*(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)
_NESTED = 4  # comments in comments
_SAID_BY_OTHERS = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')  # quoted strings and comments repeat what a sender wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who says that he wrote it, as far as we know him."""

    address: str
    name: str
    ours: bool = False
    customer: str = ""
    language: str = ""
    contact: bool = False  # one of the customer's contacts himself, not only somebody at the same domain

    @property
    def title(self) -> str:
        """What he stands as on a timeline: only whom we know by a name alone, for anybody can call himself anything."""
        if self.ours or self.contact or not self.name:
            return self.name or self.address
        return f"{self.name} <{self.address}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of a mail. `case` is the one that it names, `how`: `answer` (to a mail of ours, or to one
    that is on the case) or `tag`; `told` are the addresses that were told of the case; `lately` counts the mails of
    the sender that were acted on within the last hour, `opened` those of anybody that opened a case."""

    case: Case | None = None
    how: str = ""
    told: frozenset[str] = frozenset()
    lately: int = 0
    opened: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """`case` is the one that it is written onto; `follows` the closed one that a new case goes on from."""

    verdict: Verdict
    reason: str
    trust: Trust = Trust.UNKNOWN
    case: Case | None = None
    follows: Case | None = None


def thread(message_id: str) -> str:
    """What a Message-ID is looked up by."""
    return sha256(message_id.encode("utf-8", "replace")).hexdigest() if message_id else ""


def trust(letter: Letter, authserv: str) -> tuple[Trust, str]:
    """What our own receiving server says of the sender: only its header counts, and only its topmost, for that one was
    written last (RFC 8601 §5)."""
    if not authserv:
        return Trust.UNKNOWN, ""
    for header in letter.authentication:
        server, _, results = header.partition(";")
        if server.strip().split(" ")[0].lower() == authserv.lower():
            return _judged(_results(results))
    return Trust.UNKNOWN, f"{authserv} says nothing about it"


def _results(said: str) -> dict[str, str]:
    """By method. Only what begins a result counts: the rest of it repeats what the sender wrote. Of several signatures
    one that is good is enough, of several words on DMARC one that is bad; else the first counts. Where quotes or
    brackets do not close, nothing good is believed.
    """
    found: dict[str, str] = {}
    for _ in range(_NESTED):
        said = _SAID_BY_OTHERS.sub(" ", said)
    if set('"()') & set(said):
        said = re.sub(r"=\s*pass\b", "=none", said, flags=re.IGNORECASE)
    for each in said.split(";"):
        if match := _RESULT.match(each):
            name, result = match[1].lower(), match[2].lower()
            if name not in found or (name, result) == ("dkim", "pass") or (name == "dmarc" and result != "pass"):
                found[name] = result
    return found


def _judged(results: dict[str, str]) -> tuple[Trust, str]:
    told = ", ".join(f"{name}={result}" for name, result in results.items())
    if results.get("dmarc") == "pass":
        return Trust.PROVEN, told
    if results.get("dmarc") == "fail":
        return Trust.FAILED, told
    if results.get("spf") == "fail" and results.get("dkim") != "pass":
        return Trust.FAILED, told
    return Trust.UNKNOWN, told


def sender(letter: Letter, inventory: Inventory, mailbox: Mailbox) -> Sender:
    """A stranger belongs to a customer by his domain only where domains count."""
    address = letter.sender
    for person in inventory.people.values():
        if address and person.email.lower() == address:
            return Sender(address=address, name=person.name, ours=True, language=person.language)
    for customer in inventory.customers.values():
        for contact in customer.contacts:
            if address and contact.email.lower() == address:
                return Sender(
                    address=address, name=contact.name, customer=customer.name, language=contact.language, contact=True
                )
    language = recognition.language(letter.subject, letter.text)
    named = _customer_at(_domain(address), inventory) if mailbox.senders is not Senders.CONTACTS else ""
    return Sender(address=address, name=letter.sender_name, customer=named, language=language)


def _domain(address: str) -> str:
    """Empty for those at which anybody may have an address."""
    domain = address.lower().rpartition("@")[2]
    return "" if domain in PUBLIC else domain


def _customer_at(domain: str, inventory: Inventory) -> str:
    """The only customer whose contacts have addresses there."""
    found = {
        customer.name
        for customer in inventory.customers.values()
        if domain and any(_domain(contact.email) == domain for contact in customer.contacts)
    }
    return found.pop() if len(found) == 1 else ""


def rule(letter: Letter, known: Known, inventory: Inventory, mailbox: Mailbox, now: datetime) -> Ruling:
    found, told = trust(letter, mailbox.trusted_authserv_id)
    if ruling := _machine(letter, inventory, mailbox, known):
        return ruling
    if not letter.sender:
        return Ruling(verdict=Verdict.UNCLEAR, reason="its From names nobody, or several", trust=found)
    who = sender(letter, inventory, mailbox)
    if known.lately >= mailbox.per_sender:
        reason = f"{known.lately} mails of {who.address} were acted on within an hour"
        return Ruling(verdict=Verdict.FLOOD, reason=reason, trust=found, case=known.case)
    if known.case is not None:
        ruling = _onto(known.case, known, who, (found, told), inventory, now)
    else:
        ruling = _new(who, mailbox, inventory, (found, told))
    if ruling.verdict is Verdict.OPENED and known.opened >= mailbox.openings:
        reason = f"{known.opened} cases were opened by mail within an hour"
        return Ruling(verdict=Verdict.FLOOD, reason=reason, trust=found, case=known.case)
    return ruling


def _machine(letter: Letter, inventory: Inventory, mailbox: Mailbox, known: Known) -> Ruling | None:
    """RFC 3834 §2 and what programs do that came before it; the case is told only where it shows nothing else."""
    headers, smtp = letter.headers, inventory.policies.smtp
    own = {mailbox.username.lower(), mailbox.address.lower(), smtp.sender.lower() if smtp else ""}
    if (letter.sender and letter.sender in own) or threads.case_of(letter.message_id):
        return Ruling(verdict=Verdict.LOOP, reason="it is a mail of our own that came back")
    local, kind = letter.sender.partition("@")[0], headers.get("content-type", "").lower()
    if local in _DAEMONS or "delivery-status" in kind:
        ours = known.case if known.how == "answer" else None  # a subject can be written by anybody
        return Ruling(verdict=Verdict.BOUNCE, reason="a mail server says that a mail did not arrive", case=ours)
    if headers.get("auto-submitted", "no").partition(";")[0].strip().lower() not in ("no", ""):
        reason = f"Auto-Submitted is {headers['auto-submitted']}"
    elif "disposition-notification" in kind:
        reason = "it only says that a mail was read"
    elif "x-auto-response-suppress" in headers or {"x-autoreply", "x-autorespond", "x-loop"} & headers.keys():
        reason = "its header says that a machine wrote it"
    elif _AUTOMATIC_SUBJECT.match(letter.subject):
        reason = "its subject says that it is an automatic answer"
    elif headers.get("return-path", "").replace(" ", "") == "<>":
        reason = "it has no return path"
    elif {"list-id", "list-post", "list-unsubscribe"} & headers.keys():
        return Ruling(verdict=Verdict.LIST, reason="it comes from a mailing list")
    elif headers.get("precedence", "").lower() in ("bulk", "junk", "list", "auto_reply"):
        return Ruling(verdict=Verdict.LIST, reason=f"Precedence is {headers['precedence']}")
    else:
        return None
    return Ruling(verdict=Verdict.AUTOMATIC, reason=reason)


def _onto(
    case: Case,
    known: Known,
    who: Sender,
    trusted: tuple[Trust, str],
    inventory: Inventory,
    now: datetime,
) -> Ruling:
    found, told = trusted
    named = f"it answers {case.name}" if known.how == "answer" else f"its subject names {case.name}"
    if not is_party(case, who, known.told):
        reason = f"{named}, and {who.address} has nothing to do with that case"
        return Ruling(verdict=Verdict.UNCLEAR, reason=reason, trust=found, case=case)
    over = case.closed or (case.resolved if not case.live else None)
    past = over is not None and now - over > inventory.policies.grace
    if found is Trust.FAILED and (past or known.how != "answer"):  # who is not believed opens no case
        reason = f"{named}, and our mail server does not believe its sender ({told})"
        return Ruling(verdict=Verdict.UNCLEAR, reason=reason, trust=found, case=case)
    if past and over:
        reason = f"{named}, which is over since {over:%Y-%m-%d}"
        return Ruling(verdict=Verdict.OPENED, reason=reason, trust=found, follows=case)
    return Ruling(verdict=Verdict.REPLY, reason=named, trust=found, case=case)


def is_party(case: Case, who: Sender, told: Iterable[str]) -> bool:
    """One of ours, somebody at the customer, whoever reported it, or somebody whom we told of it."""
    if who.ours or (who.customer and who.customer == case.customer):
        return True
    return who.address == case.reporter_address.lower() or who.address in {each.lower() for each in told}


def _new(who: Sender, mailbox: Mailbox, inventory: Inventory, trusted: tuple[Trust, str]) -> Ruling:
    found, told = trusted
    if mailbox.senders is Senders.CONTACTS and not (who.ours or who.contact):
        reason = f"{who.address} is no contact of a customer, and only they open cases by mail"
        return Ruling(verdict=Verdict.REFUSED, reason=reason, trust=found)
    if mailbox.senders is Senders.KNOWN_DOMAINS and not (who.ours or _is_known(who, inventory)):
        reason = f"{who.address} is at no domain of a customer, and only they open cases by mail"
        return Ruling(verdict=Verdict.REFUSED, reason=reason, trust=found)
    if found is Trust.FAILED:
        reason = f"our mail server does not believe that {who.address} wrote it ({told})"
        return Ruling(verdict=Verdict.UNCLEAR, reason=reason, trust=found)
    return Ruling(verdict=Verdict.OPENED, reason=f"{who.address} writes of something new", trust=found)


def _is_known(who: Sender, inventory: Inventory) -> bool:
    domain = _domain(who.address)
    contacts = (contact.email for customer in inventory.customers.values() for contact in customer.contacts)
    own = (person.email for person in inventory.people.values())
    return who.contact or (bool(domain) and any(_domain(address) == domain for address in (*contacts, *own) if address))


def side(who: Sender, found: Trust) -> str:
    """`ours` is what meets a clock of ours: for that it is not enough that From names one of us."""
    if not who.ours:
        return "theirs"
    return "ours" if found is Trust.PROVEN else "unproven"


def answers_for(case: Case, inventory: Inventory) -> bool:
    """Whether whoever reported it answers for the customer whose case it is: none of ours does, and nobody from
    elsewhere whose mail only names a device of theirs. Whom one of ours wrote down as the reporter is believed."""
    customer, address = inventory.customers.get(case.customer), case.reporter_address.lower()
    if customer is None:
        return True
    if any(address == person.email.lower() for person in inventory.people.values()):
        return any(address == contact.email.lower() for contact in customer.contacts)
    theirs = {contact.email.lower() for contact in customer.contacts if contact.email}
    domains = {_domain(each) for each in theirs} - {""}
    return case.origin is not Origin.EMAIL or address in theirs or _domain(address) in domains


def goes_on(case: Case, who: Sender, found: Trust) -> bool:
    """Whether the case need not wait for the customer any longer. Who is not believed moves nothing."""
    waited = case.state is CaseState.WAITING_FOR_CUSTOMER
    return waited and not who.ours and who.customer == case.customer != "" and found is not Trust.FAILED
