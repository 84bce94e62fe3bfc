"""What became of a piece of work, in colours that all pictures share."""

from ahasd.report.pictures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION

#: Fate -> its colour. Work that brought a token is blue or green, what was for nothing is warm or grey.
FATES = {
    "accepted": BLUE,
    "used": GREEN,
    "rejected": VERMILION,
    "flushed": ORANGE,
    "dropped": PURPLE,
    "in_flight": GREY,
    "work": SKY,
}
