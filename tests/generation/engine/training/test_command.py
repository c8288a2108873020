"""Options of the training commands."""

import pytest
from click.testing import CliRunner

from generation.engine.training.command import main


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--crop-px", "36", "not a multiple of 8"),
        ("--crop-px", "16", "not in the range"),
        ("--halo-weight", "nan", "not a number"),
        ("--halo-weight", "-1", "not in the range"),
        ("--rate", "nan", "not a number"),
        ("--rate", "inf", "not a number"),
        ("--leaves", "-1", "not in the range"),
    ],
)
def test_a_value_that_cannot_be_trained_with_is_refused(tmp_path, option, value, said) -> None:
    call = ["compositor", "--work", str(tmp_path), "--vae", str(tmp_path), option, value]
    result = CliRunner().invoke(main, call)
    assert result.exit_code == 2
    assert said in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["vae", "decoder", "polish", "compositor", "recolour"])
def test_every_stage_that_crops_says_that_crops_are_whole_latent_cells(tmp_path, stage) -> None:
    told = " ".join(CliRunner().invoke(main, [stage, "--help"]).output.split())
    assert "Side of a crop, a multiple of 8 px." in told
    call = [stage, "--work", str(tmp_path), "--crop-px"]
    assert "36 is not a multiple of 8" in CliRunner().invoke(main, [*call, "36"]).output
    assert "multiple" not in CliRunner().invoke(main, [*call, "40", "--steps", "0"]).output
