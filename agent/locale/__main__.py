"""`python -m agent.locale compile` writes the `.mo` files; `check` prints what Chinese lacks. Needs Babel."""

import sys
from pathlib import Path

from agent.locale import workshop

ROOT = Path(__file__).parents[2]


def main(command: str) -> int:
    if command == "compile":
        for language in workshop.compile_all(ROOT):
            print(f"agent/locale/{language}/netcase.mo")
        return 0
    if command == "check":
        missing = workshop.untranslated(ROOT)
        for text, places in missing.items():
            print(f"#: {' '.join(places)}\n{workshop.stub(text)}\n")
        return 1 if missing else 0
    print("usage: python -m agent.locale compile|check", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
