"""``convcli doctor``: the versions, the machine and the folders that the command runs on."""

from __future__ import annotations

from convcli.cli.options.common import VoiceOptions
from convcli.cli.options.declared import Json


def doctor(json: Json = False, *, voice: VoiceOptions) -> None:
    """Show versions, processor, compiled code, codecs and the folders of filters: what a report of a bug should hold.

    \b
    convcli doctor
    convcli doctor --json
    """
    del voice  # prints nothing but what these do not change
    from convcli.report import doctor_facts, doctor_lines, json_text, print_text

    facts = doctor_facts()
    print_text(json_text(facts, indent=2) if json else "\n".join(doctor_lines(facts)))
