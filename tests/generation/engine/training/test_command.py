"""Options of the training commands."""

import pytest
from click.testing import CliRunner

from generation.engine.training.command import main


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--crop-px", "33", "not a multiple of 16"),
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
