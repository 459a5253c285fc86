"""The pages of the FAQ entries, and the search through them and through the cases."""

from fastapi import APIRouter, HTTPException, Request, Response

from agent.cases import faq_page
from agent.cases.faq import Faq, FaqState
from agent.pipeline import learning
from agent.web.pages import Site, Text

MOST = 200  # entries, or hits, of a page


def pages(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/faq")
    def entries(request: Request, q: Text = "", state: Text = "") -> Response:
        """What means nothing chooses nothing; words look through cases, too."""
        chosen = FaqState(state) if state in set(FaqState) else None
        with site.store.read() as tx:
            hits = learning.search(tx, q)[:MOST] if q.strip() else ()
            found = tx.faqs(chosen, MOST) if not q.strip() else ()
        wanted = {"q": q, "state": state}
        return site.pages.render(request, "faq.html", entries=found, hits=hits, chosen=wanted, states=list(FaqState))

    @routes.get("/faq/{number:int}")
    def entry(request: Request, number: int) -> Response:
        with site.store.read() as tx:
            found = tx.faq(number) if number < 2**31 else None
            revisions = tx.faq_revisions(number) if found else ()
        if found is None:
            raise HTTPException(404)
        return site.pages.render(
            request,
            "faq_entry.html",
            learned=found,
            pieces=_pieces(found),
            revisions=revisions,
            inventory=site.inventory,
        )

    return routes


def _pieces(entry: Faq) -> list[tuple[str, str]]:
    """The parts that are written, each with its heading in the language of the entry."""
    headings = faq_page.HEADINGS[entry.written.language]
    return [(said, text) for part, said in headings.items() if (text := getattr(entry.written, part))]
