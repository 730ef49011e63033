"""Templates of a series: no way to a file, an environment variable, the clock, the interpreter, or much time and memory."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml

from security.calls import SERIES

SECRET = "correct-horse-battery-staple"
ATTEMPTS = {
    "a file by include": "{% include '/etc/passwd' %}",
    "a file by import": "{% import '/etc/passwd' as x %}{{ x }}",
    "a file by extends": "{% extends '/etc/passwd' %}",
    "classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "classes by attr": "{{ ''|attr('__class__')|attr('__mro__') }}",
    "classes by format": "{{ '{0.__class__.__mro__}'.format(series) }}",
    "classes by format_map": "{{ '{series.__class__}'.format_map({'series': series}) }}",
    "globals of a helper": "{{ cycler.__init__.__globals__.os.environ }}",
    "globals of lipsum": "{{ lipsum.__globals__['os'].environ['PLANTED'] }}",
    "globals of namespace": "{{ namespace.__init__.__globals__ }}",
    "the template itself": "{{ self._TemplateReference__context }}",
    "the environment by name": "{{ environ['PLANTED'] }}{{ env.PLANTED }}{{ os.environ }}",
    "a call by name": "{{ open('/etc/passwd').read() }}",
    "the clock": "{{ now() }}{{ time }}",
    "chance": "{{ range(100)|random }}",
    "a long loop": "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "a long text": "{{ 'x' * 999999999 }}",
    "a large number": "{{ 9 ** 9 ** 9 }}",
    "a wide field": "{{ '%999999999d' % 1 }}",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
@pytest.mark.parametrize("field", ["description", "nameTemplate"])
def test_a_template_gets_nowhere(command, field, attempt):
    series = yaml.safe_load(SERIES)
    series["spec"][field] = attempt
    document = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": series, "items": []}
    done = subprocess.run(
        [command],
        input=json.dumps(document),
        env={"PLANTED": SECRET, "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout[:1000] + done.stderr[:1000]
    assert f"spec.{field}" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["items"] == []
    for leak in (SECRET, "root:", "<class"):
        assert leak not in done.stdout + done.stderr
