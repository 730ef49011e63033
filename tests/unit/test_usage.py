"""Mistakes on the command line: one line, with the nearest right name."""

from __future__ import annotations

import pytest

from krm_fn.main import main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("rendr vm.yaml", 'there is no command krm-fn rendr; did you mean "render"?'),
        ("xyz", "there is no command krm-fn xyz; krm-fn --help lists them"),
        ("catalog lst", 'there is no command krm-fn catalog lst; did you mean "list"?'),
        ("render --catlog aws vm.yaml", 'there is no option --catlog here; did you mean "--catalog"?'),
        ("catalog list --catlog=aws", 'there is no option --catlog here; did you mean "--catalog"?'),
        ("--versoin", 'there is no option --versoin here; did you mean "--version"?'),
        ("render vm.yaml -z", "there is no option -z here; add --help to see what there is"),
        ("render --mode expnad vm.yaml", '--mode expnad: write one of expand, pin, check; did you mean "expand"?'),
        ("validate --kub 1.8 vm.yaml", "there is no option --kub here"),
        ("import awz x", 'source awz: write one of aws, gcp, azure, openstack, flavor, objects; did you mean "aws"?'),
        ("render", "the following arguments are required: FILE|DIR|-; see krm-fn render --help"),
        ("convert x --kubevirt", "argument --kubevirt: expected one argument; see krm-fn convert --help"),
    ],
)
def test_a_mistake_is_one_line_with_the_nearest_name(capsys, arguments, message):
    assert main(arguments.split()) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"error: {message}")
    assert captured.err.count("\n") == 1
