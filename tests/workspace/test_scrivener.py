"""A Scrivener project in a folder: the texts of its draft are works, with their titles, and nothing else."""

from __future__ import annotations

from pathlib import Path

from etude.workspace.gather import About, gather
from etude.workspace.scrivener import texts

BINDER = """<?xml version="1.0" encoding="UTF-8"?>
<ScrivenerProject Version="2.0"><Binder>
<BinderItem UUID="D-0" Type="DraftFolder"><Title>Draft</Title><Children>
  <BinderItem UUID="B-2" Type="Text"><Title>The  Well</Title></BinderItem>
  <BinderItem UUID="C-3" Type="Folder"><Title>Part</Title><Children>
    <BinderItem UUID="A-1" Type="Text"><Title>The Gate</Title></BinderItem>
    <BinderItem UUID="../../secret" Type="Text"><Title>Elsewhere</Title></BinderItem>
  </Children></BinderItem></Children></BinderItem>
<BinderItem UUID="R-9" Type="ResearchFolder"><Children>
  <BinderItem UUID="E-5" Type="Text"><Title>Notes</Title></BinderItem></Children></BinderItem>
</Binder></ScrivenerProject>"""


def project(folder: Path, binder: str = BINDER) -> Path:
    home = folder / "Novel.scriv"
    for name in ("A-1", "B-2", "E-5"):
        (home / "Files" / "Data" / name).mkdir(parents=True)
        (home / "Files" / "Data" / name / "content.rtf").write_text(r"{\rtf1 words\par}")
        (home / "Files" / "Data" / name / "notes.rtf").write_text(r"{\rtf1 a note\par}")
        (home / "Files" / "Data" / name / "synopsis.txt").write_text("what happens")
    (home / "Novel.scrivx").write_text(binder)
    return home


def test_the_draft_is_read_in_the_binders_order(tmp_path: Path) -> None:
    home = project(tmp_path)
    found, skipped, other = gather([tmp_path], About(maker="Ada"), None, (".rtf", ".txt"))
    assert [(c.about.title, c.about.maker) for c in found] == [("The Well", "Ada"), ("The Gate", "Ada")]
    assert not skipped and not other and all(c.path.name == "content.rtf" for c in found)
    assert [c.path for c in gather([home], About(), None, (".rtf",))[0]] == [c.path for c in found]


def test_without_a_binder_every_text_is_taken(tmp_path: Path) -> None:
    home = project(tmp_path, "not XML")
    assert [path.parent.name for path, title in texts(home) if not title] == ["A-1", "B-2", "E-5"]
