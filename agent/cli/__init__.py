"""The command line: parses and calls. Exit codes: 0 done, 1 done and something is wrong, 2 usage or configuration,
3 what is needed cannot be reached. A person never sees a traceback.
"""

import os
import sys

import typer

from agent.app import compose
from agent.cli import (
    acknowledging,
    acting,
    availability,
    bridges,
    checking,
    contracts,
    customer,
    discovering,
    faq,
    hostkeys,
    looking,
    mailing,
    maintenance,
    notifying,
    oncall,
    probing,
    rma,
    rules,
    running,
    sla,
    spares,
    vendor,
)
from agent.errors import CollisionError, InventoryError, NetcaseError, RefusedError, UnavailableError, UsageError

cli = typer.Typer(
    name="netcase",
    help="Watches a network, proves what broke, and opens the case with the evidence already attached.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
running.add_to(cli)
checking.add_to(cli)
looking.add_to(cli)
availability.add_to(cli)
probing.add_to(cli)
discovering.add_to(cli)
acting.add_to(cli)
acknowledging.add_to(cli)
faq.add_to(cli)
bridges.add_to(cli)
customer.add_to(cli)
maintenance.add_to(cli)
sla.add_to(cli)
oncall.add_to(cli)
notifying.add_to(cli)
mailing.add_to(cli)
contracts.add_to(cli)
hostkeys.add_to(cli)
rules.add_to(cli)
vendor.add_to(cli)
spares.add_to(cli)
rma.add_to(cli)


def main() -> None:
    try:
        compose.own_platforms()
        compose.own_rules()
        cli()
    except InventoryError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' if count != 1 else ''}; nothing was started", file=sys.stderr)
        sys.exit(2)
    except UsageError as error:
        _say(error, 2)
    except (RefusedError, CollisionError) as error:
        _say(error, 1)
    except UnavailableError as error:
        _say(error, 3)
    except NetcaseError as error:
        _say(error, 1)
    except BrokenPipeError:  # `netcase cases | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(error: NetcaseError, code: int) -> None:
    text = str(error)
    print(f"netcase: {text[:1].lower() + text[1:] if not text[:2].isupper() else text}", file=sys.stderr)
    sys.exit(code)
