"""What a message says, in the recipient's language. Device texts stand in it as they came, bounded and on one line."""

from collections.abc import Iterable, Sequence
from html import escape

from agent import locale
from agent.cases import sla
from agent.cases.case import Case, Entry
from agent.faults import flapping
from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import policy
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
_LABEL = "text-align:left;vertical-align:top;padding:4px 16px 4px 0;color:#555;font-weight:600"


def message(
    occasion: Occasion,
    case: Case,
    recipient: Recipient,
    inventory: Inventory,
    faults: Iterable[Fault],
    reasons: Iterable[str],
    log: Sequence[Entry] = (),
) -> Notification:
    """`log` is the case's timeline; one that was just opened needs none."""
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
    closing = locale.words(language)((CLOSINGS_OF_REPORTED if case.title else CLOSINGS)[occasion])
    opening = policy.key(case, Occasion.OPENED, recipient)
    key = policy.key(case, occasion, recipient)
    return Notification(
        key=key,
        channel=recipient.channel,
        to=recipient.to,
        language=language,
        subject=f"[{case.name}] {headline}",
        text=_text(headline, rows, closing),
        html=_html(headline, rows, closing, language),
        answers="" if occasion is Occasion.OPENED else opening,
    )


def of_news(news: News, case: Case, recipient: Recipient) -> Notification:
    """What happened on a case, as its answer to the message that told of the opening."""
    language = recipient.language
    said = {name: line(value) if isinstance(value, str) else value for name, value in news.values.items()}
    headline = locale.say(news.headline, language, name=case.name, severity=case.severity, **said)
    _ = locale.words(language)
    rows = [(_(label), line(text)) for label, text in news.facts]
    rows += [(_(label), address) for label, address in news.links]
    closing = locale.say(news.closing, language, name=case.name, **said) if news.closing else ""
    return Notification(
        key=policy.news_key(case, news, recipient),
        channel=recipient.channel,
        to=recipient.to,
        language=language,
        subject=f"[{case.name}] {headline}",
        text=_text(headline, rows, closing),
        html=_html(headline, rows, closing, language),
        answers=policy.key(case, Occasion.OPENED, recipient),
    )


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
    yield _("Severity"), f"{case.severity} ({'; '.join(line(locale.reword(reason, language)) for reason in reasons)})"
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


def _text(headline: str, rows: Iterable[tuple[str, str]], closing: str) -> str:
    return "\n".join([headline, "", *(f"{label}: {value}" for label, value in rows), "", closing, "", "netcase"])


def _html(headline: str, rows: Iterable[tuple[str, str]], closing: str, language: str) -> str:
    cells = "".join(
        f'<tr><th style="{_LABEL}">{escape(label)}</th><td style="padding:4px 0">{escape(value)}</td></tr>'
        for label, value in rows
    )
    return (
        f'<!doctype html><html lang="{escape(language.replace("_", "-"))}"><body '
        'style="font:15px/1.5 system-ui,sans-serif;color:#1a1a1a;max-width:44em;margin:0 auto;padding:16px">'
        f'<h1 style="font-size:18px">{escape(headline)}</h1><table style="border-collapse:collapse">{cells}</table>'
        f"<p>{escape(closing)}</p><p style='color:#777'>netcase</p></body></html>"
    )
