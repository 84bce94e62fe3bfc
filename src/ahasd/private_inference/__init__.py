"""Private inference by two parties: what each layer sends, which widths send least, a real run that is counted."""
