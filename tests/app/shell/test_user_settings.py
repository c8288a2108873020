"""The user's settings: one file, checked, and never the reason that the program does not start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core import user_settings
from app.core.options import OPTIONS, pages
from app.core.recent import MOST, RecentMaps
from app.core.user_files import config_folder
from app.core.user_settings import UserSettings
from tests.support.qt import small_project
from zones.errors import InputError


def written(path: Path, **values: object) -> Path:
    path.write_text(json.dumps({"schema_version": 1, "values": values}), encoding="utf-8")
    return path


def test_every_default_is_a_value_that_the_option_accepts() -> None:
    assert [option.key for option in OPTIONS if not option.accepts(option.default)] == []


def test_every_shown_option_has_a_page_a_label_and_a_sentence() -> None:
    shown = [option for option in OPTIONS if not option.hidden]
    assert all(option.page in pages() and option.label for option in shown)
    assert all(option.help.endswith(".") for option in shown)


def test_a_value_is_there_again_after_a_restart(tmp_path: Path) -> None:
    UserSettings(tmp_path / "s.json").set("look.theme", "dark")
    assert UserSettings(tmp_path / "s.json").get("look.theme") == "dark"


def test_only_what_differs_from_the_default_is_written(tmp_path: Path) -> None:
    settings = UserSettings(tmp_path / "s.json")
    settings.set("look.theme", "dark")
    settings.set("look.text_size", 2)
    settings.set("look.theme", "system")
    kept = json.loads((tmp_path / "s.json").read_text())
    assert kept == {"schema_version": 1, "values": {"look.text_size": 2}}


@pytest.mark.parametrize("bad", ["pink", 7, None, ["dark"], True])
def test_a_bad_value_becomes_the_default_of_its_own_key_with_a_warning(
    tmp_path: Path, bad: object
) -> None:
    path = written(tmp_path / "s.json", **{"look.theme": bad, "look.text_size": 3})
    settings = UserSettings(path)
    assert settings.get("look.theme") == "system"
    assert settings.get("look.text_size") == 3
    assert [("look.theme" in warning) for warning in settings.warnings] == [True]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"values": 3}', "\x00", '{"a":' * 90])
def test_a_broken_file_gives_defaults_and_one_warning(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(text)
    settings = UserSettings(path)
    assert settings.get("look.theme") == "system"
    assert len(settings.warnings) == 1


def test_a_value_out_of_range_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    settings = UserSettings(tmp_path / "s.json")
    with pytest.raises(InputError, match="from -3 to 8"):
        settings.set("look.text_size", 99)
    assert settings.get("look.text_size") == 0


def test_keys_of_other_versions_stay_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", **{"future.key": 1})
    UserSettings(path).set("look.theme", "dark")
    assert json.loads(path.read_text())["values"] == {"future.key": 1, "look.theme": "dark"}


def test_a_file_of_a_newer_version_is_read_and_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    text = json.dumps({"schema_version": 99, "values": {"look.theme": "dark"}})
    path.write_text(text)
    settings = UserSettings(path)
    settings.set("look.text_size", 2)
    assert settings.get("look.theme") == "dark"
    assert path.read_text() == text


def test_a_file_of_an_older_version_is_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"schema_version": 0, "dark": True}))

    def from_0(old: dict[str, object]) -> dict[str, object]:
        theme = "dark" if old["dark"] else "light"
        return {"schema_version": 1, "values": {"look.theme": theme}}

    monkeypatch.setattr(user_settings, "MIGRATIONS", {0: from_0})
    assert UserSettings(path).get("look.theme") == "dark"


def test_listeners_hear_of_a_change_until_they_stop(tmp_path: Path) -> None:
    settings, heard = UserSettings(tmp_path / "s.json"), list[str]()
    stop = settings.listen(heard.append)
    settings.set("look.theme", "dark")
    settings.set("look.theme", "dark")
    stop()
    settings.set("look.theme", "light")
    assert heard == ["look.theme"]


def test_tests_never_reach_the_users_own_folder(own_settings: Path) -> None:
    assert config_folder() == own_settings
    assert UserSettings().path.parent == own_settings


def test_recent_maps_come_newest_first_and_each_once(tmp_path: Path) -> None:
    one, two = small_project(tmp_path / "one"), small_project(tmp_path / "two")
    recent = RecentMaps(tmp_path / "recent.json")
    for folder in (one, two, one):
        recent.add(folder)
    assert RecentMaps(tmp_path / "recent.json").folders() == (one, two)


def test_a_map_that_is_gone_is_not_offered(tmp_path: Path) -> None:
    recent = RecentMaps(tmp_path / "recent.json")
    recent.add(tmp_path / "gone")
    assert recent.folders() == ()


def test_the_list_of_recent_maps_has_an_end(tmp_path: Path) -> None:
    recent = RecentMaps(tmp_path / "recent.json")
    for number in range(MOST + 5):
        recent.add(tmp_path / str(number))
    assert len(json.loads((tmp_path / "recent.json").read_text())["folders"]) == MOST


def test_a_broken_list_of_recent_maps_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "recent.json").write_text('{"folders": "x"}')
    assert RecentMaps(tmp_path / "recent.json").folders() == ()
