"""Templates that name variables give what Jinja2 gives, without Jinja2; hostile ones end in a message, soon."""

from __future__ import annotations

import subprocess
import sys

import jinja2
import pytest

from krm_fn.series.template import MAX_SOURCE, compile_template, is_template
from krm_fn.series.variables import TemplateError

NAMES = frozenset(["series", "class", "version", "size", "variant", "cpu", "memory", "memory_bytes"])
VALUES = {"series": "cx1", "size": "large", "variant": "", "cpu": 8, "memory": "16Gi", "memory_bytes": 16 << 30}


def render(source, **more):
    return compile_template(source, "spec.x", NAMES).render(VALUES | more)


def mistake(source):
    with pytest.raises(TemplateError) as caught:
        render(source)
    return str(caught.value)


PLAIN = [
    "no template at all",
    "{{ series }}.{{ size }}",
    "{{series}}",
    "a{{ cpu }}b{{size}}c",
    "{{ cpu }}\n",
    " {{ cpu }} ",
    "{{\tcpu\n}}!",
    "{{ cpu }}}",
    "{{ cpu }}{{ memory }}",
    "}} {{ cpu }} #}",
    "{ {{ cpu }} }",
    "{{ variant }}{{ variant }}",
    "line\n{{ size }}\n",
]


@pytest.mark.parametrize("source", PLAIN)
def test_plain_templates_give_what_jinja_gives(source):
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    assert str(render(source)) == environment.from_string(source).render(VALUES)


def test_plain_templates_do_not_import_jinja():
    program = (
        "import sys; from krm_fn.series.template import compile_template as c;"
        "c('{{ series }}.{{ size }}', '', {'series', 'size'}).render({'series': 1, 'size': 2});"
        "print('jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{{ cpu }}", 8),
        ("{{ memory }}", "16Gi"),
        ("{{ cpu * 2 }}", 16),
        ("{{ cpu // 3 }}", 2),
        ("{{ cpu / 2 }}", 4.0),
        ("{{ cpu > 4 }}", True),
        ("{{ none }}", None),
        ("{{ true }}", True),
        ("{{ [cpu, size] }}", [8, "large"]),
        ("{{ {'a': cpu} }}", {"a": 8}),
        ("{{ cpu if cpu > 4 else none }}", 8),
        ("{{ 1 if cpu > 100 }}", None),
        ("{{ '8' }}", "8"),
        ("{{ [3, 1, 2] | sort | list }}", [1, 2, 3]),
        ("{{ [1, 2] | reverse }}", [2, 1]),
    ],
)
def test_a_lone_expression_keeps_its_type(source, value):
    found = render(source)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ cpu }}{{ cpu }}", "88"),
        ("{{ (memory_bytes / 1024**3) | int }}Gi", "16Gi"),
        ("{% if cpu > 4 %}big{% elif cpu > 2 %}middle{% else %}small{% endif %}", "big"),
        ("{{ 'a' ~ cpu ~ 'b' }}", "a8b"),
        ("{{ size + '-' + series }}", "large-cx1"),
        ("{{ size.upper() }}!", "LARGE!"),
        ("{{ size | replace('l', 'L') }}", "Large"),
        ("{{ size.replace('e', '') }}", "larg"),
        ("{{ size[:3] }}{{ size[-1] }}", "lare"),
        ("{{ size.split('r') | join('-') }}", "la-ge"),
        ("{{ memory_bytes | filesizeformat(true) }}", "16.0 GiB"),
        ("{# a comment #}x", "x"),
        ("{% raw %}{{ cpu }}{% endraw %}", "{{ cpu }}"),
        ("{{ version | default('1') }}", "1"),
        ("{{ 'yes' if size.startswith('la') else 'no' }}", "yes"),
        ("{{ [1, 2] | reverse }}.", "[2, 1]."),
        ("a\r\n{{ cpu }}", "a\n8"),
    ],
)
def test_expressions_give_text(source, text):
    assert render(source) == text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ cpus }}", '"cpus" is not a variable of this template; did you mean "cpu"?'),
        ("{{ memoryBytes + 1 }}", '"memoryBytes" is not a variable of this template; did you mean "memory_bytes"?'),
        ("{{ cpu if true else sise }}", '"sise" is not a variable of this template; did you mean "size"?'),
        ("{{ version }}", '"version" has no value here: set it in the series, or use version | default("...")'),
        ("v{{ version }}", '"version" has no value here: set it in the series, or use version | default("...")'),
        ("{{ version ~ 1 }}", '"version" has no value here: set it in the series, or use version | default("...")'),
        ("{{ version + 1 }}", '"version" has no value here: set it in the series, or use version | default("...")'),
        ("{{ cpu", "this is not a Jinja2 template: unexpected end of template, expected 'end of print statement'"),
        ("{{{ cpu }}", "this is not a Jinja2 template: expected token ':', got '}'"),
        ("{{ size | uper }}", '"uper" is not a filter of these templates; did you mean "upper"?'),
        ("{{ cpu is ood }}", '"ood" is not a test of these templates; did you mean "odd"?'),
        ("{{ size + 1 }}", "+ needs two numbers, not text and a number; join text with ~"),
        ("{{ 1 / 0 }}", "the template divides by zero"),
        ("{{ cpu.startswith('1') }}", "startswith() works on text, not on a number: use | string first"),
        ("{{ size['upper'] }}", "'str object' has no attribute 'upper'"),
        ("{{ (-8) ** 0.5 }}", "the template makes a number that is infinite or no number at all"),
    ],
)
def test_mistakes_are_said_in_words(source, message):
    assert message in mistake(source)


HOSTILE = [
    "{{ 'a' * 10**9 }}",
    "{{ [0] * 10**9 }}",
    "{{ 10**10**10 }}",
    "{{ 2.0 ** 5000 }}",
    "{{ 9**64 * 9**64 * 9**64 }}",
    "{{ range(10**9) }}",
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in [1] %}{% for j in [1] %}x{% endfor %}{% endfor %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{% set x = 'a' %}{{ x }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% extends 'base' %}",
    "{% block x %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call f() %}{% endcall %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% autoescape true %}x{% endautoescape %}",
    "{{ ''.__class__.__mro__ }}",
    "{{ ''['__class__'] }}",
    "{{ size | attr('__class__') }}",
    "{{ size | map('upper') }}",
    "{{ size | select('string') }}",
    "{{ [1, 2] | random }}",
    "{{ size | pprint }}",
    "{{ size | urlize }}",
    "{{ size | tojson }}",
    "{{ 'x' | center(10**9) }}",
    "{{ 'x' | indent(10**9) }}",
    "{{ '%99999999d' % 1 }}",
    "{{ '%99999999d' | format(1) }}",
    "{{ '{:>99999999}'.format(1) }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ size.format_map({}) }}",
    "{{ size.encode() }}",
    "{{ size.upper }}",
    "{{ size.join }}",
    "{{ 'x'.join(['a']) }}",
    "{{ cycler('a') }}",
    "{{ joiner(',') }}",
    "{{ lipsum() }}",
    "{{ namespace(x=1) }}",
    "{{ dict(a=1) }}",
    "{{ self }}",
    "{{ self.__init__ }}",
    "{{ caller }}",
    "{{ loop }}",
    "{{ _ }}",
    "{{ 5 | round(10**9) }}",
    "{{ 5 | round(-10**9) }}",
    "{{ 5 | round(10**9, 'ceil') }}",
    (
        "{{ size | replace('', 'x' ~ 'y') | replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') | replace('', 'b' ~ 'bbbb"
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb') }}"
    ),
    "{{ 1e999 }}",
    "{{ 'f' ~ 'f' | int(16) ** 64 }}",
    "{{ " + "9" * 4000 + " }}",
    "{{ " + "(" * 1000 + "1" + ")" * 1000 + " }}",
    "{{ " + "[" * 1000 + "]" * 1000 + " }}",
    "{{ " + "{1:" * 500 + "1" + "}" * 500 + " }}",
    "{{ " + "1+" * 1500 + "1 }}",
    "{{ " + "not " * 900 + "1 }}",
    "{{ " + "-" * 3000 + "1 }}",
    "{{ " + "1 if 1 else " * 300 + "1 }}",
    "{{ size" + "|upper" * 600 + " }}",
    "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "{{ cpu }}" + " " * MAX_SOURCE,
    "{{ x" + "\x00" + " }}",
    "{%",
    "{{",
    "{{ cpu | sum(attribute='__class__') }}",
    "{{ [size] | join(attribute='__class__') }}",
    "{{ [[size]] | sort(attribute='__class__') }}",
    "{{ [size] | min(attribute='__class__') }}",
    "{{ [1] | max(*[1]) }}",
    "{{ [1] | max(**{}) }}",
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_templates_end_in_one_line(source):
    message = mistake(source)
    assert message
    assert "\n" not in message
    assert len(message) < 500


def test_what_a_template_makes_is_bounded():
    digits = "9" * 60
    assert "77 digits" in mistake(f"{{{{ {digits} * {digits} }}}}")
    assert "16384 characters" in mistake("{{ '" + "x" * 2000 + "' | replace('x', 'yyyyyyyyy') }}")
    assert "1000 items" in mistake("{{ '" + "x" * 2000 + "' | list }}")


def test_two_renderings_of_one_template_do_not_touch():
    template = compile_template("{{ [cpu] }}", "", NAMES)
    first = template.render(VALUES)
    first.append(1)
    assert template.render(VALUES) == [8]


@pytest.mark.parametrize(
    ("text", "wanted"), [("a", False), ("{a}", False), ("{{ a }}", True), ("{% a", True), ("{#", True)]
)
def test_only_jinjas_marks_make_a_template(text, wanted):
    assert is_template(text) is wanted
