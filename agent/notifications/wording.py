"""What a message says, in the recipient's language. Device texts stand in it as they came, bounded and on one line."""

from collections.abc import Iterable, Sequence

from agent import locale
from agent.cases import sla
from agent.cases.case import Case, Entry, Evidence
from agent.faults import flapping
from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import letter, policy
from agent.notifications.letter import Letter
from agent.notifications.news import News
from agent.notifications.notification import Notification
from agent.notifications.policy import Occasion, Recipient

HEADLINES = {
    Occasion.OPENED: N_("{severity} case {name}: {kind:word}, {subject}"),
    Occasion.RAISED: N_("Raised to {severity}, case {name}: {kind:word}, {subject}"),
    Occasion.REOPENED: N_("Open again, {severity} case {name}: {kind:word}, {subject}"),
    Occasion.RESOLVED: N_("Resolved, case {name}: {kind:word}, {subject}"),
}
REPORTED = {  # of what a person says
    Occasion.OPENED: N_("{severity} case {name}: {title}"),
    Occasion.RAISED: N_("Raised to {severity}, case {name}: {title}"),
    Occasion.REOPENED: N_("Open again, {severity} case {name}: {title}"),
    Occasion.RESOLVED: N_("Resolved, case {name}: {title}"),
}
CLOSINGS_OF_REPORTED = {
    Occasion.OPENED: N_("The engineer on call has been told. Please name the case's number when you write or call."),
    Occasion.RAISED: N_("The consequences have grown; see the case for the record of the decision."),
    Occasion.REOPENED: N_("The case is worked on again."),
    Occasion.RESOLVED: N_("Please confirm that it is as it should be, or tell us that it is not."),
}
CLOSINGS = {
    Occasion.OPENED: N_("Evidence is being collected and will be attached to the case."),
    Occasion.RAISED: N_("The consequences have grown; see the case for the record of the decision."),
    Occasion.REOPENED: N_("The fault came back within the grace period, so the same case is open again."),
    Occasion.RESOLVED: N_(
        "The fault has not come back. Please confirm that the service works, or tell us that it does not."
    ),
}
LONGEST = 300  # characters of a text that came from a device
MOST_SYMPTOMS = 20
MOST_FILES = 40


def message(
    occasion: Occasion,
    case: Case,
    recipient: Recipient,
    inventory: Inventory,
    faults: Iterable[Fault],
    reasons: Iterable[str],
    log: Sequence[Entry] = (),
    evidence: Sequence[Evidence] = (),
    site: str = "",
) -> Notification:
    """`log` is the case's timeline; one that was just opened needs none. `site` is the address under which ours reach
    the pages."""
    language, zone = recipient.language, _zone(case, inventory)
    headline = locale.say(
        (REPORTED if case.title else HEADLINES)[occasion],
        language,
        severity=case.severity,
        name=case.name,
        kind=case.kind,
        subject=line(str(case.subject)),
        title=line(case.title),
    )
    rows = list(_rows(case, inventory, faults, reasons, language, zone))
    if due := sla.restore_by(case, log, inventory, case.updated):
        rows.append((locale.words(language)("Restore by"), locale.moment(due, language, zone)))
    body = Letter(
        headline=headline,
        language=language,
        severity="" if occasion is Occasion.RESOLVED else case.severity,
        rows=rows,
        list_title=locale.words(language)(letter.EVIDENCE),
        items=() if recipient.customer else letter.of_evidence(_collected(evidence), language),
        closing=locale.words(language)((CLOSINGS_OF_REPORTED if case.title else CLOSINGS)[occasion]),
        links=_page(case, recipient, site),
    )
    answers = "" if occasion is Occasion.OPENED else policy.key(case, Occasion.OPENED, recipient)
    return _notification(policy.key(case, occasion, recipient), occasion, case, recipient, body, answers)


def of_news(
    news: News, case: Case, recipient: Recipient, site: str = "", evidence: Sequence[Evidence] = ()
) -> Notification:
    """What happened on a case, as its answer to the message that told of the opening."""
    language = recipient.language
    said = {name: line(value) if isinstance(value, str) else value for name, value in news.values.items()}
    _ = locale.words(language)
    body = Letter(
        headline=locale.say(news.headline, language, name=case.name, severity=case.severity, **said),
        language=language,
        severity=case.severity,
        rows=[(_(label), line(text)) for label, text in news.facts],
        list_title=_(letter.EVIDENCE),
        items=letter.of_evidence(_collected(evidence), language),
        closing=locale.say(news.closing, language, name=case.name, **said) if news.closing else "",
        links=[*((_(label), address) for label, address in news.links), *_page(case, recipient, site)],
    )
    answers = policy.key(case, Occasion.OPENED, recipient)
    return _notification(policy.news_key(case, news, recipient), news.occasion, case, recipient, body, answers)


def _notification(
    key: str, occasion: str, case: Case, recipient: Recipient, body: Letter, answers: str
) -> Notification:
    subject = f"[{case.name}] {body.headline}"
    return Notification(
        key=key,
        channel=recipient.channel,
        to=recipient.to,
        language=recipient.language,
        subject=subject,
        text=letter.text(body),
        html=letter.html(body),
        short=letter.short(subject, body.links),
        answers=answers,
        about=_about(occasion, case, next((address for _, address in body.links), "")),
    )


def _about(occasion: str, case: Case, link: str) -> dict[str, str]:
    """For programs. What there is none of is left out."""
    found = {
        "occasion": str(occasion),
        "case": case.name,
        "severity": str(case.severity),
        "state": str(case.state),
        "kind": str(case.kind),
        "subject": line(str(case.subject)),
        "title": line(case.title),
        "customer": case.customer,
        "site": case.site,
        "contract": case.contract,
        "opened": case.opened.isoformat(),
        "began": case.began.isoformat() if case.began else "",
        "resolved": case.resolved.isoformat() if case.resolved else "",
        "closed": case.closed.isoformat() if case.closed else "",
        "link": link,
    }
    return {name: value for name, value in found.items() if value}


def _page(case: Case, recipient: Recipient, site: str) -> list[tuple[str, str]]:
    """Customers have links of their own."""
    if not site or recipient.customer:
        return []
    return [(locale.words(recipient.language)(letter.THE_CASE), f"{site.rstrip('/')}/cases/{case.number}")]


def _collected(evidence: Iterable[Evidence]) -> list[tuple[str, str, str, int, int]]:
    rows = [(line(e.device), line(e.command), str(e.state), e.bytes, e.secrets_removed) for e in evidence]
    return rows[:MOST_FILES]


def _zone(case: Case, inventory: Inventory) -> str:
    site = inventory.sites.get(case.site)
    return site.timezone if site else "UTC"


def _rows(
    case: Case,
    inventory: Inventory,
    faults: Iterable[Fault],
    reasons: Iterable[str],
    language: str,
    zone: str,
) -> Iterable[tuple[str, str]]:
    _ = locale.words(language)
    customer, site = inventory.customers.get(case.customer), inventory.sites.get(case.site)
    root = next((fault for fault in faults if fault.id == case.root), None)
    why = "; ".join(line(locale.reword(reason, language)) for reason in reasons)
    yield _("Severity"), f"{case.severity} ({why})" if why else str(case.severity)
    if case.kind in set(FaultKind):
        yield _("Root cause"), f"{locale.word(case.kind, language)}, {line(str(case.subject))}"
    yield from _reported(case, language)
    if root:
        yield _("Observed"), line(locale.reword(root.reason, language))
    if flapped := next((text for fault in faults if fault.flapping and (text := flapping.story(fault))), ""):
        yield _("Flapping"), line(locale.reword(flapped, language))
    yield _("Began"), locale.moment(case.began or case.opened, language, zone)
    yield _("Case opened"), locale.moment(case.opened, language, zone)
    if case.recovered:
        yield _("Recovered"), locale.moment(case.recovered, language, zone)
    yield _("Customer"), (customer.title or customer.name) if customer else case.customer or "–"
    if case.site or case.kind in set(FaultKind):
        yield _("Site"), (site.title or site.name) if site else case.site
    yield _("Contract"), f"{case.contract or '–'} ({locale.word(case.contract_status, language)})"
    symptoms = [fault for fault in faults if fault.id != case.root]
    if symptoms:
        named = [
            f"{locale.word(fault.kind, language)}, {line(str(fault.subject))}" for fault in symptoms[:MOST_SYMPTOMS]
        ]
        more = len(symptoms) - len(named)
        yield _("Symptoms"), "; ".join(named) + (locale.say(N_(" and {n} more"), language, n=more) if more else "")


def _reported(case: Case, language: str) -> Iterable[tuple[str, str]]:
    """What a person said, of a case that a person opened."""
    _ = locale.words(language)
    if case.reporter or case.reporter_address:
        yield _("Reported by"), line(", ".join(each for each in (case.reporter, case.reporter_address) if each))
    if case.kind not in set(FaultKind) and case.subject.device:
        yield _("Device"), line(str(case.subject))
    if case.serial:
        yield _("Serial number"), line(case.serial)


def line(text: str) -> str:
    """Hostile text on one bounded line."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
