"""How tokens are proposed and judged, so that the text is the target's own."""
