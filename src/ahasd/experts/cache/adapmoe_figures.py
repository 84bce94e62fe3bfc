"""Figures of Mixtral 8x7B that come with AdapMoE's public code (arXiv 2408.10284, `src/dp.py`), to six digits."""

#: Times out of 588 that the gate of the layer before foresaw a layer's first expert; the first has no layer before.
_FORESEEN_OF_588 = (
    *(0, 333, 424, 464, 509, 505, 488, 494, 499, 471, 528, 528, 525, 535, 544, 518, 538, 552, 532, 517),
    *(515, 525, 517, 515, 522, 520, 542, 537, 521, 529, 531, 500),
)

#: Share of a layer's first expert that the gate of the layer before foresees.
FORESEEN = tuple(times / 588 for times in _FORESEEN_OF_588)

#: Share of tokens that need one expert only, by layer, at the threshold 0.005.
SINGLE = (
    *(1.90131e-05, 0.0347554, 0.00488413, 0.000939927, 0.000376227, 0.00250743, 0.00788629, 0.034135),
    *(0.0345091, 0.0491339, 0.0129863, 0.0195714, 0.0295815, 0.00548718, 0.0155249, 0.028414, 0.0638877),
    *(0.0709986, 0.140717, 0.280264, 0.298669, 0.365106, 0.414477, 0.355607, 0.495191, 0.520984, 0.547891),
    *(0.618038, 0.779979, 0.883992, 0.975375, 0.857713),
)
