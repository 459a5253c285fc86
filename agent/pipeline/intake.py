"""The one door through which people's cases come in: the hotline, a fax, the web, the API and the mailbox use it."""

from agent.cases.case import Case
from agent.cases.intake import Form
from agent.pipeline.desk import Desk


def open_case(desk: Desk, form: Form) -> Case:
    """The case of that form, as it is stored; the same one whenever a form with the same key comes again.

    Raises CollisionError when another process opened it in this very moment: try again in a new transaction.
    """
    raise NotImplementedError
