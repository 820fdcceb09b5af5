"""A short draft of our own, written for these tests: three chapters, a scene break, two people and a
narrator who is none of them."""

LAMP = """# Chapter 1

Mara Venn climbed the stairs of the lighthouse before dawn. The lamp had gone out in the night. “Tom,”
she said, “bring the oil.”

Tom Harke came up from the kitchen with a can under his arm. He did not look at her. “There is no more
oil,” said Tom. Mara turned to the window.

***

That evening they sat in the kitchen. Mara said nothing. Tom told her about the ship from Rossby, and
about the three men who had sailed in it from Rossby to the point. He laughed.

# Chapter 2

In the morning Mara walked to the village. She had never liked Rossby. Mrs. Quill stood at the church and
waited. “You let it go out,” said Mrs. Quill. “I know,” Mara said.

# Chapter 3

Tom waited on the pier. At dusk Mara came back from Rossby, and he asked her nothing. Mara gave him the
letter. “Burn it, Tom,” she said.
"""


def longer(scenes: int) -> str:
    """A draft of so many scenes, of which Mara is in the first three and the last."""
    here = "Mara walked to the pier. “No,” said Mara. Mara looked back.\n\n***\n\n"
    away = "Tom waited. “Yes,” said Tom. Tom shook his head at day {}.\n\n***\n\n"
    return here * 3 + "".join(away.format(i) for i in range(scenes - 4)) + here
