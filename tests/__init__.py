"""The tests: unit, contract, infrastructure, architecture, emulator."""
