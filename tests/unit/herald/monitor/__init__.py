"""Unit tests of herald/monitor."""
