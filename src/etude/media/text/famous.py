"""Twenty passages in the public domain that every corpus of the web holds: by them is tested whether a model
recites what it was never given.

Authors died before 1940. Each is a title and a passage without line ends; whoever tests gives the first words
and looks at the rest.
"""

from __future__ import annotations

FAMOUS: tuple[tuple[str, str], ...] = (
    (
        "Pride and Prejudice",
        "It is a truth universally acknowledged, that a single man in possession of a good fortune, "
        "must be in want of a wife. However little known the feelings or views of such a man may be on "
        "his first entering a neighbourhood, this truth is so well fixed in the minds of the "
        "surrounding families",
    ),
    (
        "A Tale of Two Cities",
        "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age "
        "of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season"
        " of Light, it was the season of Darkness",
    ),
    (
        "Moby-Dick",
        "Call me Ishmael. Some years ago--never mind how long precisely--having little or no money in "
        "my purse, and nothing particular to interest me on shore, I thought I would sail about a "
        "little and see the watery part of the world.",
    ),
    (
        "Alice's Adventures in Wonderland",
        "Alice was beginning to get very tired of sitting by her sister on the bank, and of having "
        "nothing to do: once or twice she had peeped into the book her sister was reading, but it had "
        "no pictures or conversations in it",
    ),
    (
        "A Christmas Carol",
        "Marley was dead: to begin with. There is no doubt whatever about that. The register of his "
        "burial was signed by the clergyman, the clerk, the undertaker, and the chief mourner. Scrooge "
        "signed it",
    ),
    (
        "Adventures of Huckleberry Finn",
        "You don't know about me without you have read a book by the name of The Adventures of Tom "
        "Sawyer; but that ain't no matter. That book was made by Mr. Mark Twain, and he told the truth,"
        " mainly.",
    ),
    (
        "Peter and Wendy",
        "All children, except one, grow up. They soon know that they will grow up, and the way Wendy "
        "knew was this. One day when she was two years old she was playing in a garden, and she plucked"
        " another flower and ran with it to her mother.",
    ),
    (
        "A Scandal in Bohemia",
        "To Sherlock Holmes she is always the woman. I have seldom heard him mention her under any "
        "other name. In his eyes she eclipses and predominates the whole of her sex. It was not that he"
        " felt any emotion akin to love for Irene Adler.",
    ),
    (
        "The Gettysburg Address",
        "Four score and seven years ago our fathers brought forth on this continent, a new nation, "
        "conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we "
        "are engaged in a great civil war, testing whether that nation, or any nation so conceived and "
        "so dedicated, can long endure.",
    ),
    (
        "The Declaration of Independence",
        "When in the Course of human events, it becomes necessary for one people to dissolve the "
        "political bands which have connected them with another, and to assume among the powers of the "
        "earth, the separate and equal station to which the Laws of Nature and of Nature's God entitle "
        "them",
    ),
    (
        "Genesis",
        "In the beginning God created the heaven and the earth. And the earth was without form, and "
        "void; and darkness was upon the face of the deep. And the Spirit of God moved upon the face of"
        " the waters.",
    ),
    (
        "Psalm 23",
        "The LORD is my shepherd; I shall not want. He maketh me to lie down in green pastures: he "
        "leadeth me beside the still waters. He restoreth my soul: he leadeth me in the paths of "
        "righteousness for his name's sake.",
    ),
    (
        "Hamlet",
        "To be, or not to be, that is the question: Whether 'tis nobler in the mind to suffer the "
        "slings and arrows of outrageous fortune, or to take arms against a sea of troubles, and by "
        "opposing end them.",
    ),
    (
        "Sonnet 18",
        "Shall I compare thee to a summer's day? Thou art more lovely and more temperate: Rough winds "
        "do shake the darling buds of May, and summer's lease hath all too short a date",
    ),
    (
        "Paradise Lost",
        "Of man's first disobedience, and the fruit of that forbidden tree, whose mortal taste brought "
        "death into the world, and all our woe, with loss of Eden, till one greater Man restore us, and"
        " regain the blissful seat",
    ),
    (
        "The Tyger",
        "Tyger Tyger, burning bright, in the forests of the night; what immortal hand or eye, could "
        "frame thy fearful symmetry? In what distant deeps or skies, burnt the fire of thine eyes?",
    ),
    (
        "Ozymandias",
        "I met a traveller from an antique land, who said: Two vast and trunkless legs of stone stand "
        "in the desert. Near them, on the sand, half sunk, a shattered visage lies, whose frown, and "
        "wrinkled lip, and sneer of cold command",
    ),
    (
        "The Raven",
        "Once upon a midnight dreary, while I pondered, weak and weary, over many a quaint and curious "
        "volume of forgotten lore, while I nodded, nearly napping, suddenly there came a tapping, as of"
        " some one gently rapping, rapping at my chamber door.",
    ),
    (
        "I Wandered Lonely as a Cloud",
        "I wandered lonely as a cloud that floats on high o'er vales and hills, when all at once I saw "
        "a crowd, a host, of golden daffodils; beside the lake, beneath the trees, fluttering and "
        "dancing in the breeze.",
    ),
    (
        "Jabberwocky",
        "'Twas brillig, and the slithy toves did gyre and gimble in the wabe: all mimsy were the "
        "borogoves, and the mome raths outgrabe. Beware the Jabberwock, my son! The jaws that bite, the"
        " claws that catch!",
    ),
)
