"""Lists of English words that the rules stand on: verbs of speech, titles, kin, what is capitalised and no
name. Our own lists, short on purpose: a rule with a long list is a guess."""

from __future__ import annotations

_SPEECH = """
said says say asked asks replied answered answers cried cries whispered whispers shouted shouts muttered
murmured called exclaimed returned added began continued went told tells demanded insisted declared observed
remarked repeated growled hissed snapped laughed sighed sobbed screamed yelled roared breathed agreed
protested admitted explained promised warned wondered thought mumbled stammered announced urged suggested
interrupted responded retorted bellowed ejaculated sang soliloquized rejoined inquired enquired sagte fragte
rief antwortete flüsterte meinte erwiderte
"""
SPEECH = frozenset(_SPEECH.split())
# What people do, beside speaking: a name before one of these is somebody
_ACTS = """
was is had has did does looked turned walked stood sat ran came went took gave nodded smiled laughed shook
felt knew saw heard thought wanted tried put pulled pushed held opened closed stepped leaned rose fell moved
stared glanced watched waited picked reached stopped started followed left returned entered lifted raised
dropped threw caught kept let made got found lost remembered forgot loved hated feared hoped wished lived
died slept woke ate drank wrote read climbed jumped swam rode drove sailed knelt lay shrugged frowned
grinned winked blushed wept cried slipped pressed touched kissed wiped carried drew set seemed would could
should might must will can never always still only then himself herself
"""
ACTS = frozenset(_ACTS.split())
TITLES = {
    **dict.fromkeys(
        (
            "mr",
            "sir",
            "lord",
            "king",
            "prince",
            "uncle",
            "father",
            "brother",
            "monsieur",
            "herr",
            "don",
            "baron",
            "count",
            "duke",
            "squire",
            "deacon",
        ),
        "he",
    ),
    **dict.fromkeys(
        (
            "mrs",
            "miss",
            "ms",
            "lady",
            "queen",
            "princess",
            "aunt",
            "mother",
            "sister",
            "madame",
            "frau",
            "dame",
            "nurse",
            "countess",
            "duchess",
            "mademoiselle",
        ),
        "she",
    ),
    **dict.fromkeys(
        (
            "dr",
            "captain",
            "capt",
            "colonel",
            "major",
            "general",
            "professor",
            "judge",
            "doctor",
            "inspector",
            "sergeant",
            "lieutenant",
            "commander",
            "reverend",
            "rabbi",
            "bishop",
            "saint",
            "st",
            "cousin",
            "officer",
            "president",
            "senator",
            "chief",
            "detective",
            "old",
            "young",
            "little",
            "poor",
        ),
        "",
    ),
}
_NO_NAMES = """
i i'm i'll i've i'd monday tuesday wednesday thursday friday saturday sunday january february march april
may june july august september october november december christmas easter sabbath god lord heaven hell
christ jesus bible christian christians english french german dutch spanish american americans italian latin
greek roman romans turkish indian indians chinese russian european africans english-man englishman europe mr
mrs miss sir madam ma'am oh ah o yes no well but and the a an he she it they we you his her its their our
your my this that these those there here then now when where why how what who which if so or for in on at by
with from to of as not nor yet though although because while after before until once since all some any many
much more most one two three four five six seven eight nine ten first second third last next nothing nobody
everyone everybody everything someone somebody something anyone anything none both each every either neither
such just only even still again always never ever perhaps maybe please thank thanks good great come go let
look listen wait hush stop aye nay hello hey hi alas whoever whatever however meanwhile inside outside
upstairs downstairs tonight today tomorrow yesterday chapter part book ye thou thee thy tis sea ocean north
south east west northern southern eastern western nor'-west devil nature fate time death life love art
science mum dad mama papa mother father ma pa doctor captain sergeant majesty highness honour honor is was
are were did does do has have had can could will would shall should may might must am be her him them us me
mine yours hers theirs himself herself
"""
NO_NAMES = frozenset(_NO_NAMES.split())
# Before a name: it is likelier a place
_WHERE = "in at from near into towards toward through across outside around beyond leaving via"
WHERE = frozenset(_WHERE.split())
_PLACE_NOUNS = """
kitchen harbour harbor house garden church chapel street room bedroom cellar attic barn field wood woods
forest beach shore pier quay bridge river lake station train hotel inn tavern bar café cafe shop market
square school library hospital office court prison palace castle tower lighthouse cabin deck hold ship boat
cottage farm stable yard road lane path hill mountain valley cave island village town city churchyard
graveyard cemetery hall corridor landing stairs staircase parlour parlor study nursery ward cell workshop
studio mill factory museum theatre theater restaurant pub airport park roof balcony terrace courtyard gate
camp tent trench bank bakery clinic morgue surgery laboratory kiosk boathouse bathroom hallway classroom
desert meadow orchard greenhouse dock wharf alley basement tunnel dining-room forecastle quarter-deck
"""
PLACE_NOUNS = frozenset(_PLACE_NOUNS.split())
_TIMES = """
dawn daybreak sunrise morning forenoon noon midday afternoon dusk twilight sunset evening nightfall night
midnight
"""
TIMES = frozenset(_TIMES.split())
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
SEASONS = {
    "winter": (12, 1, 2),
    "spring": (3, 4, 5),
    "summer": (6, 7, 8),
    "autumn": (9, 10, 11),
    "fall": (9, 10, 11),
}
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS = {word: n for n, word in enumerate(_UNITS.split())}
NUMBERS |= {word: 10 * n for n, word in enumerate(_TENS.split(), 2)}
NUMBERS |= {
    f"{ten}-{unit}": 10 * n + m
    for n, ten in enumerate(_TENS.split(), 2)
    for m, unit in enumerate(_UNITS.split()[1:10], 1)
}
NUMBERS |= {"hundred": 100, "dozen": 12}
ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    "sixtieth": 60,
    "seventieth": 70,
    "eightieth": 80,
    "ninetieth": 90,
}
ORDINALS |= {
    f"{ten}-{unit}": 10 * n + m
    for n, ten in enumerate(_TENS.split(), 2)
    for m, unit in enumerate(list(ORDINALS)[:9], 1)
}


def number(word: str) -> int | None:
    """The number that a word or digits stand for."""
    plain = word.lower().strip()
    if plain.isdigit() and len(plain) < 7:
        return int(plain)
    return NUMBERS.get(plain)
