"""Draft and target by turns."""
