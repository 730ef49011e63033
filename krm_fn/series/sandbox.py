"""Templates that need Jinja2, in a small and bounded part of its language.

Three fences, one behind the other: only the syntax in `_NODES` is accepted (expressions, filters, tests, if/else; no
loops, macros, assignments, includes or calls other than the string methods in `METHODS`, which become filters); what
remains runs in Jinja2's sandbox with no globals, no attributes and a filter table of our own; and every value on the
way is limited in size. So a template can reach no file, clock, random number or Python object, and can't run long.

Imports Jinja2, so nothing may import this module before a template asks for it.
"""

from __future__ import annotations

import functools
import math
import re

from jinja2 import nodes
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from krm_fn.core import budget
from krm_fn.core.suggest import did_you_mean
from krm_fn.series.variables import TemplateError, check_names, unset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

MAX_TEXT = 16384
MAX_ITEMS = 1000
MAX_BITS = 256
MAX_POWER = 64
MAX_PRECISION = 20
_MAX_DEPTH = 40
_MAX_CHAIN = 20
_COMPILING, _RENDERING = 100, 3
"""What compiling and rendering a template costs for each of its characters, in the steps of the budget."""
_MAX_CACHED = 1000
_UNSET = re.compile(r"'(\w+)' is undefined")

_EXPRESSIONS = (
    nodes.Const, nodes.Name, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg, nodes.Pos, nodes.Not, nodes.And, nodes.Or,
    nodes.Compare, nodes.Operand, nodes.Concat, nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Getitem,
    nodes.Slice, nodes.Keyword,
)  # fmt: skip
_NODES = frozenset((nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, *_EXPRESSIONS))
_REFUSED = {
    nodes.For: "loops are not part of these templates: write the values of each size in its own template",
    nodes.Getattr: "attributes are not part of these templates: use a filter instead",
    nodes.Call: "calls are not part of these templates: use a filter instead",
    nodes.Assign: "assignments are not part of these templates: write the expression where its value is used",
}
METHODS = frozenset((
    "capitalize", "endswith", "lower", "lstrip", "removeprefix", "removesuffix", "replace", "rstrip", "split",
    "startswith", "strip", "title", "upper",
))  # fmt: skip
FILTER_NAMES = (
    "abs", "capitalize", "count", "d", "default", "filesizeformat", "first", "float", "int", "join", "last",
    "length", "list", "lower", "max", "min", "replace", "reverse", "round", "sort", "string", "sum", "title",
    "trim", "unique", "upper",
)  # fmt: skip
_TESTS = (
    "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float", "ge", "greaterthan", "gt", "in",
    "integer", "le", "lessthan", "lower", "lt", "ne", "none", "number", "odd", "string", "true", "undefined",
    "upper",
)  # fmt: skip


def _bounded(value: Any) -> Any:
    """The value itself, unless it has grown beyond what any field of a manifest can need."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise TemplateError(f"the template makes a text of more than {MAX_TEXT} characters")
    elif isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise TemplateError("the template makes a number of more than 77 digits")
    elif isinstance(value, (float, complex)):
        if isinstance(value, complex) or not math.isfinite(value):
            raise TemplateError("the template makes a number that is infinite or no number at all")
    elif isinstance(value, (list, tuple, dict)) and len(value) > MAX_ITEMS:
        raise TemplateError(f"the template makes a list of more than {MAX_ITEMS} items")
    return value


def _weight(value: Any) -> int:
    """What working on a value costs, in characters."""
    if isinstance(value, str):
        return 1 + len(value)
    if isinstance(value, (list, tuple, dict)):
        return 1 + sum(1 + (len(item) if isinstance(item, (str, list, tuple, dict)) else 1) for item in value)
    return 1


def _limited(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        for value in (*arguments, *options.values()):
            budget.spend("templates", _weight(_bounded(value)))
        result = function(*arguments, **options)
        result = _bounded(list(result) if hasattr(result, "__next__") else result)
        budget.spend("templates", _weight(result))
        return result

    return call


def _replace(value: Any, old: Any, new: Any, count: Any = -1) -> str:
    text, old, new = str(value), str(old), str(new)
    if text.count(old) * len(new) > MAX_TEXT:
        raise TemplateError(f"the template makes a text of more than {MAX_TEXT} characters")
    return text.replace(old, new, -1 if count is None else count)


def _round(value: Any, precision: Any = 0, method: str = "common") -> Any:
    if not isinstance(precision, int) or abs(precision) > MAX_PRECISION:
        raise TemplateError(f"round takes a precision from -{MAX_PRECISION} to {MAX_PRECISION}")
    return FILTERS["round"](value, precision, method)


def _method(name: str) -> Callable[..., Any]:
    def call(value: Any, *arguments: Any) -> Any:
        if not isinstance(value, str):
            raise TemplateError(f"{name}() works on text, not on {_kind(value)}: use | string first")
        return getattr(value, name)(*arguments)

    return call


def _tabled() -> dict[str, Callable[..., Any]]:
    table = {name: _method(name) for name in METHODS} | {name: FILTERS[name] for name in FILTER_NAMES}
    table |= {"replace": _replace, "round": _round}
    return {name: _limited(function) for name, function in table.items()}


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, optimized=False, keep_trailing_newline=True, cache_size=0)
        self.globals.clear()
        self.filters = _tabled()
        self.tests = {name: TESTS[name] for name in _TESTS}

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An item of a text, list or mapping: never an attribute, which Jinja2 would try next."""
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers; besides only text + text and list + list: nothing can be multiplied into the sky."""
        for value in (left, right):
            if isinstance(value, Undefined):
                str(value)  # raises what Jinja2 raises for an undefined value
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        alike = type(left) is type(right) and isinstance(left, (str, list))
        if not numbers and not (operator == "+" and alike):
            hint = "; join text with ~" if operator == "+" else ""
            raise TemplateError(f"{operator} needs two numbers, not {_kind(left)} and {_kind(right)}{hint}")
        if operator == "**" and (
            abs(right) > MAX_POWER or (isinstance(left, int) and left.bit_length() * abs(right) > MAX_BITS)
        ):
            raise TemplateError("the template makes a number of more than 77 digits")
        return _bounded(super().call_binop(context, operator, left, right))


_ENVIRONMENT = _Environment()
_cache: dict[tuple[str, frozenset[str]], Callable[[Mapping[str, Any]], Any]] = {}


def _kind(value: Any) -> str:
    kinds = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        type(None): "null",
        dict: "a mapping",
    }
    return kinds.get(type(value), "a list")


def compile_source(source: str, names: Collection[str]) -> Callable[[Mapping[str, Any]], Any]:
    """The render function of a template. Raises TemplateError for syntax and for names outside `names`."""
    key = (source, frozenset(names))
    if key not in _cache:
        budget.spend("templates", len(source) * _COMPILING)
        if len(_cache) >= _MAX_CACHED:
            _cache.clear()
        try:
            _cache[key] = _compile(source, names)
        except TemplateSyntaxError as error:
            raise TemplateError(f"this is not a Jinja2 template: {_said(error)}") from None
        except (RecursionError, SyntaxError, MemoryError, ValueError) as error:
            if isinstance(error, TemplateError):
                raise
            raise TemplateError("the template is nested too deeply or has a number too large to read") from None
    return _cache[key]


def _compile(source: str, names: Collection[str]) -> Callable[[Mapping[str, Any]], Any]:
    tree = _checked(_ENVIRONMENT.parse(source), 0)
    check_names([name.name for name in tree.find_all(nodes.Name)], names)
    lone = _lone_expression(tree)
    cost = len(source) * _RENDERING
    if lone is None:
        render = _ENVIRONMENT.from_string(tree)

        def text(variables: Mapping[str, Any]) -> Any:
            budget.spend("templates", cost)
            return _guarded(lambda: _bounded("".join(render.root_render_func(render.new_context(dict(variables))))))

        return text
    body = nodes.Template([nodes.Assign(nodes.Name("result", "store"), lone, lineno=1)], lineno=1)
    evaluate = _ENVIRONMENT.from_string(body)

    def value(variables: Mapping[str, Any]) -> Any:
        budget.spend("templates", cost)

        def run() -> Any:
            context = evaluate.new_context(dict(variables))
            for _ in evaluate.root_render_func(context):
                pass
            return _plain(context.vars["result"])

        return _guarded(run)

    return value


def _checked(node: Any, depth: int) -> Any:
    """The tree with its string methods turned into filters; TemplateError for any other syntax than ours."""
    if depth > _MAX_DEPTH:
        raise TemplateError("the template is nested too deeply: split it up")
    node = _as_filter(node)
    if type(node) not in _NODES:
        raise TemplateError(
            _REFUSED.get(
                type(node), f"{type(node).__name__.lower()} is not part of these templates: use expressions and if"
            )
        )
    if isinstance(node, nodes.Const):
        _bounded(node.value)
    if isinstance(node, nodes.Compare) and len(node.ops) > _MAX_CHAIN:
        raise TemplateError(f"a chain of {len(node.ops)} comparisons is too long: write at most {_MAX_CHAIN}")
    if isinstance(node, (nodes.Filter, nodes.Test)):
        table, what = (
            (_ENVIRONMENT.filters, "filter") if isinstance(node, nodes.Filter) else (_ENVIRONMENT.tests, "test")
        )
        if node.name not in table or node.node is None or node.dyn_args or node.dyn_kwargs:
            raise TemplateError(f'"{node.name}" is not a {what} of these templates{did_you_mean(node.name, table)}')
        if any(option.key == "attribute" for option in node.kwargs):
            raise TemplateError("attributes are not part of these templates: nothing here has any")
    for field, value in list(node.iter_fields()):
        if isinstance(value, list):
            value[:] = [_checked(child, depth + 1) if isinstance(child, nodes.Node) else child for child in value]
        elif isinstance(value, nodes.Node):
            setattr(node, field, _checked(value, depth + 1))
    return node


def _as_filter(node: Any) -> Any:
    """`size.upper()` as the filter of that name, so that no call and no attribute is left in the tree."""
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Getattr) or node.node.attr not in METHODS:
        return node
    arguments = (node.node.node, node.node.attr, node.args, node.kwargs, node.dyn_args, node.dyn_kwargs)
    return nodes.Filter(*arguments, lineno=node.lineno, environment=node.environment)


def _lone_expression(tree: Any) -> Any:
    """The expression of a template that is nothing but one `{{ ... }}`, else None."""
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output) or len(tree.body[0].nodes) != 1:
        return None
    only = tree.body[0].nodes[0]
    return None if isinstance(only, nodes.TemplateData) else only


def _guarded(run: Callable[[], Any]) -> Any:
    """Run a template; whatever it stumbles over becomes a TemplateError in words."""
    try:
        return run()
    except TemplateError:
        raise
    except UndefinedError as error:
        name = _UNSET.fullmatch(str(error))
        raise (unset(name[1]) if name else TemplateError(_said(error))) from None
    except ZeroDivisionError:
        raise TemplateError("the template divides by zero") from None
    except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, AttributeError) as error:
        raise TemplateError(f"the template can't be rendered: {_said(error)}") from None


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _plain(value: Any, depth: int = 0) -> Any:
    """The value of a lone expression as plain data: what YAML can hold, nothing else."""
    if isinstance(value, Undefined):
        return str(value) or None  # StrictUndefined raises; an `if` without `else` is a plain one: no value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float, complex)):
        return _bounded(value)
    if depth < _MAX_DEPTH and isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in _bounded(value)]
    if depth < _MAX_DEPTH and isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, depth + 1) for key, item in _bounded(value).items()}
    raise TemplateError(
        f"the template makes a {type(value).__name__}, which no manifest can hold: use | list or | string"
    )
