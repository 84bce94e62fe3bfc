"""The prompts: chat, code, prose and maths, from templates and by hand, for training and for measuring."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from smollm2_draft import topics

Task = Literal["chat", "code", "prose", "maths"]
TASKS: tuple[Task, ...] = ("chat", "code", "prose", "maths")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question in the chat format of the model, or a raw beginning that it goes on with."""

    task: Task
    text: str
    raw: bool = False


_CHAT = (
    "What is {}?",
    "Explain {} in simple terms.",
    "Give me five facts about {}.",
    "Write a short introduction to {} for a school newspaper.",
    "What are the main advantages and disadvantages of {}?",
    "How would you explain {} to a ten-year-old?",
    "List three common mistakes that people make about {}.",
    "Why does {} matter today?",
    "Give me some tips about {}.",
    "Summarise what is known about {} in one paragraph.",
    "Write an email to a friend in which you recommend reading about {}.",
    "Make a plan for a ten-minute talk about {}.",
)

_PROSE_ASKED = (
    "Write a short story about {}.",
    "Write a descriptive paragraph about {}.",
    "Write the beginning of a novel in which {} plays a part.",
)

_CODE_ASKED = (
    "Write a Python function {} that {}.",
    "Write a Python function {} that {}. Add a docstring and an example.",
    "Explain step by step how to write {}, which {}, in Python.",
    "Write a unit test for a Python function {} that {}.",
)

_CODE_BEGUN = (
    'def {name}:\n    """{What}."""\n',
    "# {What}.\ndef {name}:\n",
    '```python\ndef {name}:\n    """{What}.\n\n    Examples\n    --------\n',
)

_WORDS = (
    "A {person} buys {a} {thing} for {b} dollars each and pays with {c} dollars. How much change is there?",
    "If a train travels {a} kilometres in {b} hours, how far does it travel in {c} hours?",
    "A recipe for {a} people needs {b} eggs. How many eggs are needed for {c} people?",
    "There are {c} {thing} in {b} boxes, the same number in each. How many are in {a} boxes?",
    "A {person} reads {a} pages a day. How many days does it take to read {c} pages?",
    "What is {a} times {b} plus {c}? Show your work.",
    "Solve for x: {a}x + {b} = {c}. Explain each step.",
    "A rectangle is {a} metres wide and {b} metres long. What are its area and perimeter?",
    "The price of {thing} rose from {b} dollars to {c} dollars. By how many percent did it rise?",
    "A {person} saves {a} dollars every week and already has {b} dollars. When will it be {c} dollars?",
)

_PERSONS = ("teacher", "farmer", "student", "baker", "nurse", "gardener")
_THINGS = ("apples", "pencils", "books", "tickets", "bottles", "chairs")

_BY_HAND: tuple[tuple[Task, str], ...] = (
    ("chat", "I cannot sleep at night. What can I do?"),
    ("chat", "My plants keep dying. What am I doing wrong?"),
    ("chat", "Suggest a name for a small bakery and say why it fits."),
    ("chat", "What should I cook tonight with eggs, potatoes and spinach?"),
    ("chat", "Translate 'good morning, how are you?' into French and German."),
    ("chat", "What is the difference between weather and climate?"),
    ("chat", "Rewrite this sentence politely: Send me the report now."),
    ("chat", "Give me a packing list for a week in the mountains."),
    ("chat", "Who was Marie Curie and what did she discover?"),
    ("chat", "Hello! What can you help me with?"),
    ("code", "Write an SQL query that lists the ten customers with the most orders."),
    ("code", "What does this code do? for i in range(10): print(i ** 2)"),
    ("code", "Write a JavaScript function that removes all spaces from a string."),
    ("code", "Write a Python class for a bank account with deposit and withdraw methods."),
    ("code", "How do I open and read a text file in Python?"),
    ("code", "Write a bash script that renames all .txt files in a folder to .md."),
    ("prose", "Write a poem about the sea in autumn."),
    ("prose", "Describe a busy market in the morning."),
    ("prose", "Write a letter from a soldier to his family."),
    ("prose", "Write a dialogue between a cat and an old dog."),
    ("maths", "What is the sum of the first ten odd numbers?"),
    ("maths", "Explain the Pythagorean theorem with an example."),
    ("maths", "How do you add two fractions with different denominators?"),
    ("maths", "What is the probability of rolling two sixes with two dice?"),
)

_BY_HAND_HELD_OUT: tuple[tuple[Task, str], ...] = (
    ("chat", "My neighbour plays loud music at night. How should I talk to him?"),
    ("chat", "What is a good present for someone who likes to cook?"),
    ("chat", "Explain the difference between a virus and a bacterium."),
    ("chat", "How can I remember people's names better?"),
    ("code", "Write a Python class for a stack with push and pop methods."),
    ("code", "Write an HTML page with a heading, a paragraph and a list of three links."),
    ("prose", "Write a poem about the first snow."),
    ("prose", "Describe an abandoned railway station."),
    ("maths", "What is the area of a circle with a radius of 7 centimetres?"),
    ("maths", "How do you compute the average of five numbers? Give an example."),
)


def training_prompts(seed: int) -> list[Prompt]:
    """Give all prompts of the training topics, in an order that the seed draws."""
    return _shuffled(
        [
            *_templated(
                topics.TRAINED, topics.TRAINED_FUNCTIONS, topics.TRAINED_OPENINGS, random.Random(seed)
            ),
            *(Prompt(task, text) for task, text in _BY_HAND),
        ],
        seed,
    )


def held_out_prompts(seed: int) -> list[Prompt]:
    """Give all prompts of the topics that are not trained on; the words of the templates are the same."""
    return _shuffled(
        [
            *_templated(
                topics.HELD_OUT, topics.HELD_OUT_FUNCTIONS, topics.HELD_OUT_OPENINGS, random.Random(seed + 1)
            ),
            *(Prompt(task, text) for task, text in _BY_HAND_HELD_OUT),
        ],
        seed,
    )


def measured_prompts(task: Task, seed: int) -> list[Prompt]:
    """Give all different prompts of a task that the held-out topics make, in an order that the seed draws."""
    chosen = {
        "chat": [template.format(topic) for topic in topics.HELD_OUT for template in _CHAT],
        "prose": [template.format(topic) for topic in topics.HELD_OUT for template in _PROSE_ASKED],
    }.get(task, [])
    found = [
        *(Prompt(task, text) for text in chosen),
        *(prompt for prompt in held_out_prompts(seed) if prompt.task == task),
    ]
    return _shuffled(list(dict.fromkeys(found)), seed)


def _templated(
    subjects: tuple[str, ...], functions: dict[str, str], openings: tuple[str, ...], rng: random.Random
) -> Iterator[Prompt]:
    for subject in subjects:
        for template in rng.sample(_CHAT, 6):
            yield Prompt("chat", template.format(subject))
        yield Prompt("prose", rng.choice(_PROSE_ASKED).format(subject))
        yield Prompt("maths", _word_problem(rng))
        yield Prompt("maths", _word_problem(rng))
    for name, what in functions.items():
        for template in _CODE_ASKED:
            yield Prompt("code", template.format(name, what))
        for template in _CODE_BEGUN:
            yield Prompt("code", template.format(name=name, What=what[0].upper() + what[1:]), raw=True)
    for opening in openings:
        for _ in range(4):  # raw text has the widest choice of continuations
            yield Prompt("prose", opening, raw=True)


def _word_problem(rng: random.Random) -> str:
    a, b = rng.randint(2, 12), rng.randint(2, 20)
    return rng.choice(_WORDS).format(
        a=a, b=b, c=a * b + rng.randint(1, 60), person=rng.choice(_PERSONS), thing=rng.choice(_THINGS)
    )


def _shuffled(prompts: list[Prompt], seed: int) -> list[Prompt]:
    random.Random(seed).shuffle(prompts)
    return prompts
