"""What each form of an expression of HCL results in: names, texts, conditions, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lark import Token

from indexer.pins.hcl import syntax
from indexer.pins.hcl.functions import check_size, text_of_value, truth
from indexer.pins.hcl.syntax import trees, unwrapped
from indexer.pins.variable_expansion import NotSet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lark import Tree

    from indexer.pins.hcl.functions import Value
    from indexer.pins.hcl.values import Scope

MOST_STEPS = 1_000
"""How many names the value of one node may look up."""

LONGEST = 4 * 1024 * 1024
"""The most characters of a text that is put together: those of the largest file that is read."""


def joined(parts: Sequence[str]) -> str:
    """A text that is put together.

    Raises:
        NotSet: it is too long.
    """
    if sum(map(len, parts)) > LONGEST:
        raise NotSet("it is too long")
    return "".join(parts)


def _path(scope: Scope, tree: Tree[Token]) -> list[str]:
    """The name, the attributes and the indexes of `var.images["web"].name`."""
    tree = unwrapped(tree)
    if tree.data == "identifier":
        return [str(tree.children[0])]
    if tree.data not in {"get_attr_expr_term", "index_expr_term"}:
        raise NotSet("cannot tell what it results in")
    holder, last = trees(tree)
    if last.data == "braces_index":
        name = text_of_value(scope.computed(trees(last)[0]))
    else:
        name = str((trees(last)[0] if trees(last) else last).children[-1])
    return [*_path(scope, holder), name]


def _named(scope: Scope, tree: Tree[Token]) -> Value:
    scope.steps += 1
    if scope.steps > MOST_STEPS:
        raise NotSet("it refers to too many other values")
    return scope.look_up(_path(scope, tree))


def _string(scope: Scope, tree: Tree[Token]) -> Value:
    parts: list[str] = []
    for part in trees(tree):
        inner = part.children[0]
        if isinstance(inner, Token):
            is_text = inner.type == "STRING_CHARS"
            parts.append(syntax.unescaped(inner) if is_text else inner[1:])
        elif inner.data == "interpolation":
            value = scope.computed(trees(inner)[0])
            if len(trees(tree)) == 1:
                return value
            parts.append(text_of_value(value))
        else:
            raise NotSet("cannot tell what its template results in")
    return joined(parts)


def _conditional(scope: Scope, tree: Tree[Token]) -> Value:
    condition, yes, no = trees(tree)
    return scope.computed(yes if truth(scope.computed(condition)) else no)


def _binary(scope: Scope, tree: Tree[Token]) -> Value:
    left, term = trees(tree)
    operator, right = trees(term)
    name = str(operator.children[0])
    first = scope.computed(left)
    if name == "&&":
        return truth(first) and truth(scope.computed(right))
    if name == "||":
        return truth(first) or truth(scope.computed(right))
    if name in {"==", "!="}:
        return (first == scope.computed(right)) is (name == "==")
    raise NotSet(f"cannot tell what '{name}' results in")


def _unary(scope: Scope, tree: Tree[Token]) -> Value:
    if str(tree.children[0]) != "!":
        raise NotSet("cannot tell what it results in")
    return not truth(scope.computed(trees(tree)[0]))


def _called(scope: Scope, tree: Tree[Token]) -> Value:
    name = str(trees(tree)[0].children[0])
    if name in _FILES:
        raise NotSet("it is in another file, which is not read")
    arguments = [arg for each in trees(tree) if each.data == "arguments" for arg in trees(each)]
    values = [scope.computed(each) for each in arguments]
    check_size(*values)
    return scope.call(name, values)


_FILES = frozenset({"file", "templatefile"})


def _key(scope: Scope, tree: Tree[Token]) -> str:
    inner = unwrapped(trees(tree)[0]) if trees(tree) else tree
    is_name = inner.data in {"identifier", "keyword"}
    return str(inner.children[0]) if is_name else text_of_value(scope.computed(inner))


FORMS: Mapping[str, Callable[[Scope, Tree[Token]], Value]] = {
    "identifier": _named,
    "get_attr_expr_term": _named,
    "index_expr_term": _named,
    "string": _string,
    "int_lit": lambda _, tree: str(tree.children[0]),
    "float_lit": lambda _, tree: str(tree.children[0]),
    "literal_value": lambda _, tree: {"true": True, "false": False}.get(str(tree.children[0])),
    "tuple": lambda scope, tree: [scope.computed(each) for each in trees(tree)],
    "object": lambda scope, tree: {
        _key(scope, key): scope.computed(value) for key, value in map(trees, trees(tree))
    },
    "conditional": _conditional,
    "binary_op": _binary,
    "unary_op": _unary,
    "function_call": _called,
    "heredoc_template": lambda scope, tree: scope.template(syntax.heredoc(str(tree.children[0]))),
    "heredoc_template_trim": lambda scope, tree: scope.template(
        syntax.heredoc(str(tree.children[0]))
    ),
}
"""By the names of python-hcl2's grammar."""
