"""The rules. Each takes a parsed module and its dotted name and yields what it finds."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One broken rule at one line."""

    line: int
    rule: str
    message: str


Rule = Callable[[ast.Module, str], Iterator[Fault]]

SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|MERGE\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s"
    r"|CREATE\s+(OR\s+REPLACE\s+)?(TEMP\w*\s+)?(TABLE|VIEW|SCHEMA|INDEX|ROLE|POLICY)\s)"
)
MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_CALLS = frozenset(
    {
        "list",
        "dict",
        "set",
        "bytearray",
        "defaultdict",
        "deque",
        "Counter",
        "OrderedDict",
        "ChainMap",
    }
    | {"WeakKeyDictionary", "WeakValueDictionary", "WeakSet", "count", "cycle"}
    | {"Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event", "Condition", "Queue", "local"}
)
READ_ONLY = frozenset({"Mapping", "Sequence", "Collection", "Iterable", "Set", "AbstractSet"})
NAIVE_CLOCKS = frozenset({"utcnow", "utcfromtimestamp", "today"})


def last_name(node: ast.expr) -> str:
    """`collections.deque` and `deque` are both `deque`; anything else has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted_name(node: ast.expr) -> str:
    """`os.environ` as written, empty for what is no plain path of names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imported_names(node: ast.AST) -> Iterator[str]:
    """Full names that an import statement makes known."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def mentions(tree: ast.Module, *names: str) -> Iterator[int]:
    """Lines that import or spell one of these dotted names."""
    for node in ast.walk(tree):
        if any(name in names for name in imported_names(node)) or (
            isinstance(node, ast.Attribute) and dotted_name(node) in names
        ):
            yield node.lineno  # type: ignore[attr-defined]


def no_global(tree: ast.Module, module: str) -> Iterator[Fault]:
    """State belongs to an object that somebody owns and closes."""
    del module
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield Fault(node.lineno, "global", "keep the state in an object that is passed in")


def module_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run at import and bind module names, also below `if`, `try` and `with`."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for field in ("body", "orelse", "finalbody"):
                yield from module_statements(getattr(statement, field, []))


def is_read_only(annotation: ast.expr) -> bool:
    """`Mapping[…]` and `Final[Mapping[…]]` are: mypy refuses to change what they name."""
    if not isinstance(annotation, ast.Subscript):
        return last_name(annotation) in READ_ONLY
    if last_name(annotation.value) in {"Final", "ClassVar"}:
        return is_read_only(annotation.slice)
    return last_name(annotation.value) in READ_ONLY


def no_module_state(tree: ast.Module, module: str) -> Iterator[Fault]:
    """A module-level name bound to something mutable is shared by every app in the process."""
    del module
    for statement in module_statements(tree.body):
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets):
            continue
        if isinstance(statement, ast.AnnAssign) and is_read_only(statement.annotation):
            continue
        value = statement.value
        if isinstance(value, MUTABLE_DISPLAYS) or (
            isinstance(value, ast.Call) and last_name(value.func) in MUTABLE_CALLS
        ):
            yield Fault(
                statement.lineno,
                "module-state",
                "bind a tuple, frozenset or MappingProxyType, annotate it as Mapping or Sequence, "
                "or build it where it is owned",
            )


def no_naive_clock(tree: ast.Module, module: str) -> Iterator[Fault]:
    """A time without a zone is wrong twice a year."""
    del module
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, called = last_name(node.func.value), node.func.attr
        bare_now = called == "now" and not node.args and not node.keywords
        if owner in {"datetime", "date"} and (called in NAIVE_CLOCKS or bare_now):
            yield Fault(node.lineno, "naive-clock", "take a Clock, or datetime.now(UTC)")


def no_sql_outside_dao(tree: ast.Module, module: str) -> Iterator[Fault]:
    """A statement above the data access is one nobody binds, keys or cancels."""
    if module.startswith("aurum_dao"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield Fault(node.lineno, "sql-outside-dao", "ask a port of aurum_dao")


def no_silent_except(tree: ast.Module, module: str) -> Iterator[Fault]:
    """An error that is caught and dropped is found by the user."""
    del module
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or last_name(node.type) in {"Exception", "BaseException"}
            if broad and all(isinstance(one, ast.Pass) for one in node.body):
                yield Fault(node.lineno, "silent-except", "name the error, or handle it")


def no_base_http_middleware(tree: ast.Module, module: str) -> Iterator[Fault]:
    """About 200 µs each, and it breaks context variables and streaming."""
    del module
    for line in mentions(
        tree,
        "starlette.middleware.base.BaseHTTPMiddleware",
        "fastapi.middleware.base.BaseHTTPMiddleware",
        "starlette.middleware.base",
    ):
        yield Fault(line, "base-http-middleware", "write pure ASGI: one callable over three")


def no_dynamic_import(tree: ast.Module, module: str) -> Iterator[Fault]:
    """The contracts cannot see an import by name."""
    del module
    for line in mentions(tree, "importlib.import_module"):
        yield Fault(line, "dynamic-import", "write an import statement, inside a function if late")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted_name(node.func) == "__import__":
            yield Fault(node.lineno, "dynamic-import", "write an import statement")


def one_environment_reader(tree: ast.Module, module: str) -> Iterator[Fault]:
    """Settings come from one place, once; tests are their own place."""
    if module == "aurum_core.settings.env" or module.startswith("aurum_testkit"):
        return
    for line in mentions(tree, "os.environ", "os.environb", "os.getenv", "os.putenv"):
        yield Fault(line, "environment", "take a settings section from aurum_core.settings.env")


RULES: tuple[Rule, ...] = (
    no_global,
    no_module_state,
    no_naive_clock,
    no_sql_outside_dao,
    no_silent_except,
    no_base_http_middleware,
    no_dynamic_import,
    one_environment_reader,
)


def check_source(source: str, module: str) -> list[Fault]:
    """Every fault of one module, by line."""
    tree = ast.parse(source)
    return sorted(fault for rule in RULES for fault in rule(tree, module))
