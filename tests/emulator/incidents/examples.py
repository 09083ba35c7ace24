"""All worked examples, in the order of the runbook."""

from typing import Final

from tests.emulator.incidents.examples_of_data import DATA
from tests.emulator.incidents.examples_of_operation import OPERATION

EXAMPLES: Final = (*DATA, *OPERATION)
