from __future__ import annotations

import pytest

from krm_fn.core.structural import TELLS_NULLS, SchemaError, check

DEVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "bus": {"type": "string", "enum": ["virtio", "sata", "scsi"]},
        "bootOrder": {"type": "integer", "minimum": 1, "maximum": 4294967295},
        "size": {
            "x-kubernetes-int-or-string": True,
            "pattern": "^[0-9]+(Mi|Gi)?$",
            "x-expects": "a quantity such as 2Gi",
        },
        "readonly": {"type": "boolean"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "users": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set", "maxItems": 3},
        "ports": {
            "type": "array",
            "items": {"$ref": "#/$defs/port"},
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["number", "protocol"],
        },
        "target": {"oneOf": [{"required": ["disk"]}, {"required": ["lun"]}]},
        "count": {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "object", "required": ["cpu"], "properties": {"cpu": {"type": "integer"}}},
            ]
        },
        "extra": {"type": "object"},
    },
    "$defs": {
        "port": {
            "type": "object",
            "properties": {"number": {"type": "integer"}, "protocol": {"type": "string"}},
            "additionalProperties": False,
        }
    },
}


def found(value: object) -> list[tuple[str, str, str]]:
    return [(problem.rule.name, problem.path, problem.message) for problem in check(value, DEVICE)]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"name": "a"}, id="only what is required"),
        pytest.param({"name": "a", "bus": None}, id="null counts as absent"),
        pytest.param({"name": "a", "size": 5}, id="int-or-string takes an integer"),
        pytest.param({"name": "a", "size": "5Gi"}, id="int-or-string takes a string"),
        pytest.param({"name": "a", "bootOrder": 2.0}, id="2.0 is a whole number"),
        pytest.param({"name": "a", "extra": {"anything": [1, {"x": None}]}}, id="a mapping without properties is open"),
        pytest.param(
            {"name": "a", "ports": [{"number": 1, "protocol": "TCP"}, {"number": 1, "protocol": "UDP"}]},
            id="list keys differ",
        ),
        pytest.param({"name": "a", "target": {"disk": {}}}, id="one of two"),
        pytest.param({"name": "a", "count": {"cpu": 3}}, id="the second alternative"),
    ],
)
def test_accepts(value: object) -> None:
    assert found(value) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({}, ("missing-field", "name", "required field name is missing"), id="missing"),
        pytest.param({"name": None}, ("missing-field", "name", "required field name is missing"), id="null is missing"),
        pytest.param(
            {"name": "a", "bootorder": 1},
            ("unknown-field", "bootorder", 'unknown field "bootorder"; did you mean "bootOrder"?'),
            id="unknown, with the nearest name",
        ),
        pytest.param({"name": 5}, ("type", "name", "must be text, not 5; write it in quotes"), id="number for text"),
        pytest.param({"name": ""}, ("length", "name", "must not be empty"), id="empty"),
        pytest.param(
            {"name": "a", "bus": "sat"},
            ("enum", "bus", 'must be one of virtio, sata or scsi, not "sat"; did you mean "sata"?'),
            id="enum",
        ),
        pytest.param(
            {"name": "a", "bootOrder": "1"},
            ("type", "bootOrder", 'must be a whole number, not "1"; write it without quotes'),
            id="quoted number",
        ),
        pytest.param(
            {"name": "a", "bootOrder": True},
            ("type", "bootOrder", "must be a whole number, not true"),
            id="true is no number",
        ),
        pytest.param(
            {"name": "a", "bootOrder": 1.5}, ("type", "bootOrder", "must be a whole number, not 1.5"), id="fraction"
        ),
        pytest.param(
            {"name": "a", "bootOrder": 0}, ("range", "bootOrder", "must be at least 1, not 0"), id="too small"
        ),
        pytest.param(
            {"name": "a", "bootOrder": 10**5000},
            ("range", "bootOrder", "must be at most 4294967295, not a number of more than 38 digits"),
            id="too large to print",
        ),
        pytest.param(
            {"name": "a", "readonly": "true"},
            ("type", "readonly", 'must be true or false, not "true"; write it without quotes'),
            id="quoted boolean",
        ),
        pytest.param(
            {"name": "a", "size": "5GB"}, ("pattern", "size", 'must be a quantity such as 2Gi, not "5GB"'), id="pattern"
        ),
        pytest.param(
            {"name": "a", "size": "5Gi\n"},
            ("pattern", "size", 'must be a quantity such as 2Gi, not "5Gi\n"'),
            id="pattern ends at the very end",
        ),
        pytest.param(
            {"name": "a", "size": []},
            ("type", "size", "must be a quantity such as 2Gi, not a list"),
            id="neither int nor string",
        ),
        pytest.param(
            {"name": "a", "labels": {"app.kubernetes.io/name": 1}},
            ("type", "labels[app.kubernetes.io/name]", "must be text, not 1; write it in quotes"),
            id="key with dots",
        ),
        pytest.param(
            {"name": "a", "users": ["x", "y", "x"]},
            ("duplicate", "users[2]", '"x" stands here already; each may stand once'),
            id="set",
        ),
        pytest.param(
            {"name": "a", "users": ["a", "b", "c", "d"]},
            ("length", "users", "has 4 entries, at most 3 are allowed"),
            id="too many",
        ),
        pytest.param(
            {"name": "a", "ports": [{"number": 1}, {"number": 1}]},
            ("duplicate", "ports[1]", "the same number and protocol as an earlier entry; each may stand once"),
            id="list keys",
        ),
        pytest.param(
            {"name": "a", "ports": [None]},
            ("type", "ports[0]", "must be a mapping, not null"),
            id="null in a list is no entry",
        ),
        pytest.param(
            {"name": "a", "ports": [{"nmber": 1}]},
            ("unknown-field", "ports[0].nmber", 'unknown field "nmber"; did you mean "number"?'),
            id="unknown below a reference",
        ),
        pytest.param({"name": "a", "target": {}}, ("missing-field", "target", "needs disk or lun"), id="none of two"),
        pytest.param(
            {"name": "a", "target": {"disk": {}, "lun": {}}},
            ("shape", "target", "fits more than one of the shapes that exclude each other; keep one of disk, lun"),
            id="both of two",
        ),
        pytest.param(
            {"name": "a", "count": 0},
            ("range", "count", "must be at least 1, not 0"),
            id="the alternative that was meant",
        ),
        pytest.param(
            {"name": "a", "count": {}},
            ("missing-field", "count.cpu", "required field cpu is missing"),
            id="inside the alternative that was meant",
        ),
        pytest.param(
            {"name": "a", "count": "x"},
            ("type", "count", 'must be a whole number or a mapping, not "x"'),
            id="no alternative of that type",
        ),
        pytest.param([], ("type", "", "must be a mapping, not a list"), id="at the root"),
    ],
)
def test_says_what_is_wrong_and_where(value: object, expected: tuple[str, str, str]) -> None:
    assert found(value) == [expected]


def test_finds_everything_at_once_in_the_order_of_the_value() -> None:
    value = {"bus": "x", "bootOrder": 0, "labels": [], "ports": [{"number": "y"}], "zzz": 1}
    assert [path for _, path, _ in found(value)] == ["bus", "bootOrder", "labels", "ports[0].number", "zzz", "name"]


def test_puts_the_root_before_every_path() -> None:
    assert [problem.path for problem in check({"name": 1}, DEVICE, "spec.devices[0]")] == ["spec.devices[0].name"]
    assert [problem.path for problem in check([], DEVICE, "spec")] == ["spec"]


def test_keeps_scalars_but_no_containers_as_the_current_value() -> None:
    wrong = check({"name": 5, "extra": []}, DEVICE)
    assert wrong[0].current == 5
    assert repr(wrong[1].current) == "NOTHING"


def test_survives_any_type_of_value_anywhere() -> None:
    values = [
        None,
        True,
        1,
        -1,
        10**400,
        1.5,
        float("nan"),
        float("inf"),
        "",
        "x",
        [],
        {},
        [[]],
        [{}],
        {"": 1},
        {"a.b": {}},
    ]
    for value in values:
        check(value, DEVICE)
        check(dict.fromkeys(DEVICE["properties"], value), DEVICE)
        check({name: [value, value] for name in DEVICE["properties"]}, DEVICE)
        check({name: {"cpu": value, "number": value, "x": value} for name in DEVICE["properties"]}, DEVICE)


def test_a_definition_may_hold_lists_of_its_own_kind() -> None:
    tree = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
            }
        },
    }
    assert [problem.path for problem in check({"kids": [{"kids": [{"name": 1}]}]}, tree)] == ["kids[0].kids[0].name"]


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "text"}, id="unknown type"),
        pytest.param({"type": ["object", 1]}, id="type of another type"),
        pytest.param({"type": "object", "properties": []}, id="properties is a list"),
        pytest.param({"type": "object", "properties": {"a": 5}}, id="property is a number"),
        pytest.param({"type": "object", "required": "a"}, id="required is text"),
        pytest.param({"properties": {"a": {"pattern": "("}}}, id="pattern does not compile"),
        pytest.param({"properties": {"a": {"enum": {}}}}, id="enum is a mapping"),
        pytest.param({"properties": {"a": {"maximum": "9"}}}, id="maximum is text"),
        pytest.param({"$ref": "#/$defs/x"}, id="reference to nothing"),
        pytest.param({"$ref": "https://example.com/x"}, id="reference elsewhere"),
        pytest.param({"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}}, id="reference to itself"),
        pytest.param({"anyOf": {}}, id="anyOf is a mapping"),
        pytest.param("object", id="no mapping at all"),
    ],
)
def test_refuses_a_schema_it_can_not_use(schema: object) -> None:
    with pytest.raises(SchemaError):
        check({"a": 1}, schema)


def test_an_unknown_name_is_unknown_whatever_its_value() -> None:
    schema = {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}}
    assert [(each.rule, each.path) for each in check({"b": None}, schema)] == [("schema/unknown-field", "b")]


def test_nulls_are_told_where_the_schema_asks_for_it() -> None:
    properties = {"a": {"type": "string"}, "b": {"type": "object", "nullable": True}, "c": {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": ["c"]}
    value = {"a": None, "b": None, "c": None}
    assert [each.rule for each in check(value, schema)] == ["schema/missing-field"]
    told = check(value, {**schema, TELLS_NULLS: True})
    assert [(each.rule, each.path) for each in told] == [("schema/null", "a"), ("schema/missing-field", "c")]
