"""Files that are not read in a folder are named, with what they are and what converts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from etude import api
from etude.errors import WorkError
from etude.workspace.passed_over import passed_over


def test_each_type_is_named_with_what_it_is_and_what_to_do(tmp_path: Path) -> None:
    for i in range(5):
        (tmp_path / f"scan-{i}.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "sketch.xcf").write_bytes(b"gimp xcf v011\0")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "odd.qqq").write_bytes(b"?")
    found = {one.suffix: one for one in passed_over(sorted(tmp_path.iterdir()), "text")}
    assert set(found) == {".pdf", ".xcf", ".jpg", ".qqq"}
    assert found[".pdf"].files == 5 and len(found[".pdf"].names) == 3 and "pdftotext" in found[".pdf"].hint
    assert "GIMP" in found[".xcf"].what and "--medium image" in found[".jpg"].hint
    assert found[".qqq"].what == "" and found[".qqq"].names == ("odd.qqq",)


def test_a_folder_of_nothing_that_is_read_says_what_to_do(tmp_path: Path) -> None:
    api.init(tmp_path / "studio")
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "sketch.xcf").write_bytes(b"gimp xcf v011\0")
    with pytest.raises(WorkError, match=r"1 file of other kinds: sketch\.xcf is a GIMP drawing") as caught:
        api.add(api.open_project(tmp_path / "studio"), [tmp_path / "art"])
    assert "In GIMP" in caught.value.hint
