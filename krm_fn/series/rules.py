"""The rule ids of findings about series and catalogs, with what each means."""

from __future__ import annotations

RULES = {
    "series/unknown-field": "A field that the definition, or the API where a template ends up, doesn't have.",
    "series/missing-field": "A field that has to be there.",
    "series/type": "A value of another type than the field's.",
    "series/enum": "A value that is none of those that the field takes.",
    "series/range": "A number below the least or above the greatest that the field takes.",
    "series/pattern": "A text that is not spelled as the field wants it.",
    "series/length": "A text, list or mapping that is too short or too long.",
    "series/duplicate": "The same entry twice in a list that takes it once.",
    "series/shape": "A value that fits none of the forms that the field takes.",
    "series/size": "vCPUs that no guest can have, or a size and a template that contradict each other.",
    "series/memory": "A size without memory.",
    "series/quantity": "An amount of memory that is no quantity, or none that a guest can have.",
    "series/template": "A Jinja2 template that can't be compiled or rendered, or names an unknown variable.",
    "series/name": "A name that Kubernetes refuses.",
    "series/duplicate-name": "Two objects of one name, or two variants of one suffix.",
    "series/label": "A label that Kubernetes refuses, or that contradicts what it follows from.",
    "series/annotation": "The key of an annotation that Kubernetes refuses.",
    "series/extends": "A member that extends itself, an unknown one, or through too many others.",
    "series/trait": "A trait that neither the series nor krm-fn defines.",
    "series/limit": "More objects, text, nesting, expressions or findings than one definition may have.",
    "instancetype/invalid": "An instancetype that KubeVirt refuses, or whose memory no guest can have.",
    "instancetype/deprecated": "A field of an instancetype that KubeVirt warns about.",
    "preference/invalid": "A preference that KubeVirt refuses.",
    "preference/deprecated": "A spelling in a preference that KubeVirt warns about.",
    "preference/requirement": "A requirement that no VM meets.",
    "catalog/unknown": "A packaged catalog that doesn't exist.",
    "catalog/pattern": "A pattern of include or exclude that matches nothing.",
    "catalog/override": "An override of an object that doesn't exist or is left out.",
}
"""The first nine are `series/` and a kind of problem from the check against a schema."""
