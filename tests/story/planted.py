"""Contradictions planted in a draft of our own, and pairs of sentences that only look like ones.

Every sentence was written for these tests. Kinds and subtypes follow ConStory-Bench (arXiv 2603.05890):
five kinds with 19 subtypes, of which rules reach those that stand in two sentences. The set was written
before the rules, by the same hand: what it says of other people's drafts is only that no kind is forgotten.
At the first run, before anything was mended, rules found 55 of 68, and 27 of the 34 of even number.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """Two passages of one draft. `simple`: of names, numbers, colour of eyes or hair, or who is dead."""

    kind: str
    subtype: str
    first: str
    second: str
    simple: bool = False


DETAIL = (
    (
        "appearance",
        "Mara's eyes were green, like the sea in May.",
        "He looked into Mara's brown eyes and said nothing.",
        True,
    ),
    (
        "appearance",
        "Tom had blue eyes and a patient mouth.",
        "“You have your father's look,” she said, and Tom lowered his dark brown eyes.",
        True,
    ),
    (
        "appearance",
        "Ilse Brandt was a grey-eyed woman who seldom spoke.",
        "Ilse's eyes were black in the lamplight.",
        True,
    ),
    ("appearance", "Anton's red hair was wet with rain.", "Anton ran a hand through his black hair.", True),
    (
        "appearance",
        "Mrs. Quill had white hair, pinned high.",
        "The wind pulled at Mrs. Quill's brown hair.",
        True,
    ),
    (
        "appearance",
        "Tom was bald, and had been since the war.",
        "Tom pushed his fair hair out of his face.",
        True,
    ),
    (
        "appearance",
        "Anton had a scar on his left cheek.",
        "She touched the scar on Anton's right cheek.",
        False,
    ),
    (
        "nomenclature",
        "Doctor Ashcroft came at nine. “Good morning,” said Ashcroft.",
        "Nobody had told Doctor Ashcraft. “Too late,” said Ashcraft.",
        True,
    ),
    (
        "nomenclature",
        "Katherine Bell kept the post office. “Two letters,” said Katherine.",
        "“None today,” said Katharine. Katharine Bell shut the hatch.",
        True,
    ),
    (
        "nomenclature",
        "Mr. Pellworth owned the mill. Old Pellworth slept badly.",
        "In the mill Mr. Pelworth counted sacks. “Forty,” said Pelworth.",
        True,
    ),
    (
        "quantity",
        "Mara had two brothers, and neither wrote.",
        "All of Mara's three brothers stood on the pier.",
        True,
    ),
    (
        "quantity",
        "The house had five rooms and one stove.",
        "There were seven rooms in the house, and Tom had slept in each.",
        True,
    ),
    ("quantity", "Ilse had four children.", "Ilse's six children ran ahead of the cart.", True),
    (
        "quantity",
        "It was twelve miles from Rossby to Harrow.",
        "From Rossby to Harrow it was thirty miles, and there was no train.",
        True,
    ),
    (
        "quantity",
        "The tower had ninety steps.",
        "Tom climbed the sixty steps of the tower without a stop.",
        True,
    ),
    ("quantity", "Mara was thirty-four years old that winter.", "“Mara is twenty-six,” said Ilse.", True),
)
TIMELINE = (
    (
        "the dead act",
        "Anton died in the night, before the boat could reach him.",
        "“Hold the rope,” said Anton, and threw it.",
        True,
    ),
    ("the dead act", "They buried Ilse Brandt on Thursday.", "Ilse laughed and closed the window.", True),
    (
        "the dead act",
        "Tom was killed at the quarry when the cable broke.",
        "Tom walked up the path with his hands in his pockets.",
        True,
    ),
    (
        "the dead act",
        "Mrs. Quill drowned off the point.",
        "Mrs. Quill poured the tea. “Sugar?” asked Mrs. Quill.",
        True,
    ),
    (
        "the dead act",
        "“Anton is dead,” said Tom, and took off his cap.",
        "In the morning Anton opened the shop as always.",
        True,
    ),
    (
        "absolute time",
        "It was Monday when the letter came.",
        "The next day, a Friday, she answered it.",
        False,
    ),
    (
        "absolute time",
        "The ferry sank in 1911.",
        "Everybody remembered 1914, the year in which the ferry sank.",
        False,
    ),
    ("absolute time", "Mara was born in 1880.", "Mara, who was born in 1892, had seen none of it.", False),
    (
        "absolute time",
        "The date at the top was Tuesday, 5 March 1990, in blue ink.",
        "He read it once and folded it.",
        False,
    ),
    ("duration", "Tom had left Harrow ten years ago.", "“I left Harrow six years ago,” said Tom.", False),
    ("duration", "Anton was sixty that spring.", "Anton, a man of forty, lifted the crate alone.", False),
    (
        "season",
        "It was the first week of January.",
        "It was still January, and the summer heat lay on the road.",
        False,
    ),
    (
        "objects",
        "Mara burned the letter in the stove.",
        "Mara took the letter from her pocket and read it again.",
        False,
    ),
    ("objects", "Tom sold the boat to a man from Harrow.", "That evening Tom rowed out in the boat.", False),
)
CHARACTER = (
    ("skill", "Tom could not swim.", "Tom swam out to the buoy and back.", False),
    ("skill", "Mara had never learned to drive.", "Mara drove to Harrow before breakfast.", False),
    ("skill", "Ilse couldn't read.", "Ilse read the notice twice.", False),
    ("skill", "Anton was deaf.", "Anton heard the bell and turned.", False),
    ("skill", "Mrs. Quill was blind.", "Mrs. Quill saw the smoke first.", False),
    ("skill", "Tom was left-handed.", "Tom, who was right-handed, gave the pen back.", False),
    ("habit", "Anton never drank.", "Anton drank the whisky and asked for more.", False),
    ("habit", "Ilse did not eat meat.", "Ilse ate the meat that was left.", False),
    ("knowledge", "Mara had never been to Harrow.", "Mara had lived in Harrow as a child.", False),
    ("knowledge", "Tom met Ilse at the dance in June.", "Tom had never met Ilse.", False),
    ("kinship", "Mara was an only child.", "Mara's sister waited in the cart.", False),
    (
        "kinship",
        "Tom's mother, Ilse, kept the shop.",
        "Tom's mother was Mrs. Quill, whatever people said.",
        False,
    ),
    ("kinship", "Anton was Mara's brother.", "Anton was Mara's cousin.", False),
    ("kinship", "Ilse had no children.", "Ilse's son came up the stairs.", False),
)
WORLD = (
    ("rules", "No one could cross the marsh at night.", "At midnight Tom crossed the marsh.", False),
    ("rules", "Nobody was allowed to enter the tower.", "Ilse entered the tower and lit a candle.", False),
    ("rules", "Women never sailed on the ferry.", "Mara sailed on the ferry every week.", False),
    ("rules", "It never snowed in Rossby.", "Snow fell in Rossby for three days.", False),
    ("rules", "There were no trees on the island.", "Anton leaned against a tree on the island.", False),
    ("rules", "There was no telephone in the house.", "The telephone in the house rang twice.", False),
    ("rules", "There were no dogs in Harrow.", "A dog barked in Harrow all night.", False),
    (
        "geography",
        "Harrow lay north of Rossby.",
        "They took the road to Harrow, which lay south of Rossby.",
        False,
    ),
    ("geography", "Rossby was an island.", "They came to Rossby overland, forty miles from the sea.", False),
    ("geography", "The window faced east.", "The window faced west, and the evening came in.", False),
    (
        "geography",
        "Mara lived on the third floor.",
        "Mara lived on the first floor and heard every cart.",
        False,
    ),
    ("geography", "The church stood on the hill.", "The church stood by the river.", False),
)
# Of these the second passage is a scene of its own, in a book told in the past about others
TELLING = (
    ("perspective", "", "I opened the door. I did not know the man. My hands shook, and I said so.", False),
    ("perspective", "", "I went down to the boats because I wanted to see them. I counted nine.", False),
    ("perspective", "", "We had no bread. I asked the neighbour, and I was ashamed.", False),
    ("perspective", "", "My brother lay ill, so I rowed alone. I was afraid of the current.", False),
    (
        "tense",
        "",
        "Tom opens the door and goes out. He looks at the sky, takes his cap and walks to the"
        " pier. Nobody is there. He waits.",
        False,
    ),
    (
        "tense",
        "",
        "Ilse stands at the stove. She stirs the soup and says nothing, and she thinks of the"
        " boat. Outside it is dark.",
        False,
    ),
    (
        "tense",
        "",
        "Mara runs. She knows the way, she has it in her feet, and she does not look back."
        " The rain falls harder.",
        False,
    ),
    (
        "tense",
        "",
        "The shop is closed. Anton sits on the step, eats an apple and waits. A cart comes"
        " by, and the driver nods.",
        False,
    ),
    ("style", "The colour of the water changed.", "The color of the sky was that of slate.", False),
    ("style", "A grey cat sat on the wall.", "The gray cat had gone.", False),
    ("style", "Tom did not realise what he had done.", "Mara began to realize it.", False),
    ("style", "The neighbour had seen it all.", "Her neighbor shut the door.", False),
)
CASES = tuple(
    Case(kind, *rest)
    for kind, cases in (
        ("detail", DETAIL),
        ("timeline", TIMELINE),
        ("character", CHARACTER),
        ("world", WORLD),
        ("telling", TELLING),
    )
    for rest in cases
)

# What looks like a contradiction and is none: of each a rule could easily say too much
DECOYS = (
    ("Mara's eyes were green.", "Tom's eyes were brown."),
    ("Mara's green eyes were on the door.", "Her eyes were wide, and green as glass."),
    ("Ilse had dark eyes.", "Ilse's brown eyes were wet."),
    ("Anton had red hair.", "He thought of Anton's red beard, and of the black cap on his hair."),
    ("Tom had a scar on his left cheek.", "Tom raised his right hand to his right ear."),
    ("Mara had two brothers.", "Two of Ilse's three brothers were dead."),
    ("The house had five rooms.", "Two rooms of the house were never heated."),
    ("Mara was thirty-four years old.", "Ten years later Mara was forty-four."),
    ("Mara was thirty-four.", "Mara was three minutes late."),
    ("Anton nearly died that winter.", "Anton opened the shop."),
    ("“If Tom had died, I would know,” said Mara.", "Tom came up the path."),
    ("Ilse died in March.", "Years earlier, Ilse had laughed at such things."),
    ("Ilse died in March.", "In the dream Ilse opened the door and spoke."),
    ("Ilse died in March.", "Mara remembered what Ilse said at the pier."),
    ("“Anton is not dead,” said Mara.", "Anton sat up."),
    ("Tom could not swim.", "Mara swam out to the buoy."),
    ("Tom could not swim.", "Tom learned to swim that summer. Tom swam out to the buoy."),
    ("Tom could not read the letter without his glasses.", "Tom read the newspaper."),
    ("Mara burned the letter.", "Mara took another letter from her pocket."),
    ("Mara lost the key.", "Mara found the key under the mat. Mara took the key from her pocket."),
    ("Tom sold the boat.", "Mara rowed out in the boat."),
    ("It was Monday when the letter came.", "The next day, a Tuesday, she answered it."),
    ("It was Monday when the letter came.", "On Friday she answered it."),
    ("The date was Monday, 5 March 1984.", "He folded the letter."),
    ("The ferry sank in 1911.", "The mill burned in 1914."),
    ("Mara had never been to Harrow.", "Mara went to Harrow for the first time in May."),
    ("Tom had never met Ilse.", "Tom met Ilse at the dance."),
    ("Mara was an only child.", "Ilse's sister waited in the cart."),
    ("Tom's mother kept the shop.", "Tom's aunt, Mrs. Quill, kept the mill."),
    ("Anton was Mara's brother.", "Anton was Ilse's cousin."),
    ("No one could cross the marsh at night.", "Nobody crossed the marsh that winter."),
    ("There were no trees on the island.", "Anton leaned against a tree in Harrow."),
    ("It never snowed in Rossby.", "Snow fell in Harrow."),
    ("Harrow lay north of Rossby.", "Rossby lay south of Harrow."),
    ("The window faced east.", "The door faced west."),
    ("Mara lived on the third floor.", "Ilse lived on the first floor."),
    (
        "“I was there,” said Tom. “I saw it, and I went home.”",
        "“I am tired,” said Mara. “I know what I saw.”",
    ),
    (
        "“He is late,” said Mara. “He comes when he wants and goes when he likes.”",
        "“It is what it is,” said Tom.",
    ),
    ("Ilse Brandt had a daughter, Elsa. “Mother,” said Elsa.", "“Come in,” said Ilse. Elsa came in."),
    ("Anton never drank before noon.", "In the evening Anton drank a glass of wine."),
)
assert len(CASES) >= 60

_OPENING = """# Chapter 1

Mara Venn lived by the pier with Tom Harke, and neither spoke of it. “Come in,” said Mara. “I will,”
said Tom. Mara shut her book. Tom took off his cap and hung it up. Mrs. Quill came late. “I am
late,” said Mrs. Quill, and shook out her coat. Anton Reiss stood behind her with his pipe. “Good
evening,” said Anton. Ilse Brandt sat at the window with her work in her lap. “Shut the door,” said
Ilse. They talked of Rossby and of the road to Harrow. Tom had walked to Rossby that week, and Ilse
had come from Harrow. {first}

# Chapter 2

Rain came over the roofs. The boats lay still, and the men talked of the price of rope. Mara walked
to the pier and looked at the water. “It will turn,” said Tom. Ilse mended a sail. In Rossby the
bells rang, and the road to Harrow was empty. Anton smoked. Mrs. Quill counted her hens.

# Chapter 3

The men stood about the harbour and waited. Somebody sang. {same}
{again}
# Chapter 4

The week went by, and the boats went out and came in. There was little talk. The nets hung on the
wall."""


def draft(first: str, second: str, *, apart: bool = False) -> str:
    """A draft with the two passages, two chapters from one another; `apart`: the second is a scene
    alone."""
    again = f"\n***\n\n{second} {second}\n\n" if apart else ""
    return _OPENING.format(first=first, same="" if apart else second, again=again)
