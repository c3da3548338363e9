"""What makes dbt quick enough for a test suite that runs it a thousand times.

A run of dbt upon a small company spends a fifth of its time in the engine. The rest is dbt's own:
it chooses the nodes three times a build, it looks through all relations for each one, it compiles
the same templates and checks the same descriptions in every run, and a table takes it a dozen
statements, each with a context of a thousand names. Here each of these is done once, or with less.

Nothing of what is tested is replaced: the SQL of a model is what dbt compiled, and it runs in dbt's
order, session and transaction. `by_materializations` says which runs make the tables by dbt's own
materializations, too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, cached_property
from typing import Any


@contextmanager
def quickened(
    project: str | None, command: tuple[str, ...], *, by_materializations: bool
) -> Iterator[None]:
    """Make the runs of dbt in this block quick.

    Args:
        project: what tells the parsed project from others; None if dbt parses it in the run.
        command: dbt's command and its options.
        by_materializations: make tables and views as dbt's materializations do.
    """
    with ExitStack() as stack:
        stack.enter_context(quickly_parsed())
        stack.enter_context(_with_one_empty_table())
        stack.enter_context(_with_relations_by_name())
        if project is not None:
            stack.enter_context(_with_chosen_nodes(project, command))
        if not by_materializations:
            stack.enter_context(_with_tables_in_one_statement())
        yield


@contextmanager
def quickly_parsed() -> Iterator[None]:
    """Make dbt parse a project quickly where this process has parsed one like it."""
    from dbt_common import tests

    # What dbt keeps for its own tests: the syntax trees of texts.
    tests.enable_test_caching()
    with _without_debug_events(), _with_compiled_templates(), _with_one_check_of_descriptions():
        yield


@contextmanager
def _replaced(owner: Any, **attributes: Any) -> Iterator[None]:
    """Replace attributes of a class or module for a while."""
    before = {name: vars(owner).get(name) for name in attributes}
    for name, value in attributes.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


# What runs of this process have worked out, by project, command and what was asked.
_KNOWN: dict[tuple[Any, ...], Any] = {}


@contextmanager
def _with_chosen_nodes(project: str, command: tuple[str, ...]) -> Iterator[None]:
    """Let dbt make the graph of a project, and choose nodes of it, once for all equal commands.

    dbt searches the graph for cycles, and asks of each node whether each word of the selection
    means it, three times a build: with hundreds of words that took longer than the models.
    """
    from dbt.compilation import Compiler
    from dbt.graph.graph import Graph
    from dbt.graph.selector import NodeSelector

    compile_graph, choose, subset = (
        Compiler.compile,
        NodeSelector.get_selected,
        Graph.get_subset_graph,
    )

    def compile_once(compiler: Any, *args: Any, **named: Any) -> Any:
        key = ("graph", project, command[0])
        if key not in _KNOWN:
            _KNOWN[key] = compile_graph(compiler, *args, **named)
        return _KNOWN[key]

    def choose_once(selector: Any, spec: Any, warn_on_no_nodes: bool = True) -> set[str]:
        kinds = tuple(sorted(map(str, getattr(selector, "resource_types", ()))))
        key = ("nodes", project, command, type(selector).__name__, kinds)
        # Nothing found is worth a warning in each run.
        if not _KNOWN.get(key):
            _KNOWN[key] = choose(selector, spec, warn_on_no_nodes)
        return set(_KNOWN[key])

    def subset_once(graph: Any, selected: Any) -> Any:
        key = ("queue", project, command, frozenset(selected))
        if key not in _KNOWN:
            _KNOWN[key] = subset(graph, selected)
        # A queue takes its graph apart.
        return Graph(_KNOWN[key].graph.copy())

    with (
        _replaced(Compiler, compile=compile_once),
        _replaced(NodeSelector, get_selected=choose_once),
        _replaced(Graph, get_subset_graph=subset_once),
    ):
        yield


@contextmanager
def _with_compiled_templates() -> Iterator[None]:
    """Let Jinja compile a text once, and not in every run."""
    from jinja2 import Environment

    compile_text = Environment.compile

    def compile_once(environment: Environment, source: Any, *more: Any, **named: Any) -> Any:
        if more or named or not isinstance(source, str):
            return compile_text(environment, source, *more, **named)
        key = ("template", type(environment), source)
        if key not in _KNOWN:
            _KNOWN[key] = compile_text(environment, source)
        return _KNOWN[key]

    with _replaced(Environment, compile=compile_once):
        yield


@contextmanager
def _with_one_check_of_descriptions() -> Iterator[None]:
    """Let dbt hold what a file says of a node against its JSON schema once, if it is right."""
    from dbt_common.dataclass_schema import dbtClassMixin

    check = dbtClassMixin.validate.__func__

    def check_once(kind: Any, data: Any) -> None:
        key = ("description", kind, repr(data))
        if key not in _KNOWN:
            check(kind, data)
            _KNOWN[key] = True

    with _replaced(dbtClassMixin, validate=classmethod(check_once)):
        yield


@contextmanager
def _with_relations_by_name() -> Iterator[None]:
    """Let dbt find a relation of a schema that it has listed by its name.

    It compares the name with those of all relations, of which this project has hundreds.
    """
    from dbt.adapters.base import BaseAdapter
    from dbt.adapters.reference_keys import _ReferenceKey, lowercase

    find = BaseAdapter.get_relation

    def find_by_name(adapter: Any, database: str, schema: str, identifier: str) -> Any:
        if not adapter._schema_is_cached(database, schema):
            return find(adapter, database, schema, identifier)
        cached = adapter.cache.relations.get(
            _ReferenceKey(lowercase(database), lowercase(schema), lowercase(identifier))
        )
        return cached and cached.inner

    with _replaced(BaseAdapter, get_relation=find_by_name):
        yield


@contextmanager
def _with_tables_in_one_statement() -> Iterator[None]:
    """Let dbt replace tables and views at once, and not by way of names that it gives for a while.

    The columns of a contract are those of the table, with their types and constraints. What has
    hooks or indexes, or is neither table nor view, dbt makes as always. There are no comments.
    """
    from dbt.artifacts.schemas.results import RunStatus
    from dbt.artifacts.schemas.run import RunResult
    from dbt.task.run import ModelRunner

    execute = ModelRunner.execute

    def replace(runner: Any, model: Any, manifest: Any) -> RunResult:
        config, adapter = model.config, runner.adapter
        is_plain = config.materialized in ("table", "view") and not (
            config.pre_hook or config.post_hook or config.get("indexes")
        )
        if not is_plain or model.language != "sql":
            return execute(runner, model, manifest)
        relation = adapter.Relation.create_from(runner.config, model, type=config.materialized)
        before = adapter.get_relation(relation.database, relation.schema, relation.identifier)
        if before is not None:
            cascade = " cascade" if adapter.type() == "postgres" else ""
            adapter.execute(f"drop {before.type} {before}{cascade}", auto_begin=True)
            adapter.cache_dropped(before)
        statement = f"(\n{model.compiled_code}\n)"
        if config.contract.enforced and relation.is_table:
            columns = {name: c.to_dict(omit_none=True) for name, c in model.columns.items()}
            names, rendered = ", ".join(columns), adapter.render_raw_columns_constraints(columns)
            adapter.execute(f"create table {relation} ({', '.join(rendered)})", auto_begin=True)
            statement = f"insert into {relation} ({names}) select {names} from {statement} as built"
        else:
            statement = f"create {relation.type} {relation} as {statement}"
        response, _ = adapter.execute(statement, auto_begin=True)
        adapter.commit_if_has_connection()
        adapter.cache_added(relation.incorporate(dbt_created=True))
        return RunResult(
            node=model,
            status=RunStatus.Success,
            timing=[],
            thread_id=threading.current_thread().name,
            execution_time=0,
            message=str(response),
            adapter_response={},
            failures=None,
            batch_results=None,
        )

    with _replaced(ModelRunner, execute=replace):
        yield


@contextmanager
def _without_debug_events() -> Iterator[None]:
    """Let dbt say nothing at level debug, where nobody listens.

    Of dozens of events a model, dbt makes two protobuf messages each before it asks who wants them.
    """
    from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire = EventManager.fire_event

    def keep(event: BaseEvent, **said: Any) -> None:
        event.__dict__["said"] = said

    def message(event: BaseEvent) -> Any:
        BaseEvent.__init__(event, **event.said)
        return event.__dict__["pb_msg"]

    def fire_above(
        manager: EventManager,
        event: BaseEvent,
        level: EventLevel | None = None,
        *more: Any,
        **named: Any,
    ) -> None:
        if (level or event.level_tag()) not in (EventLevel.DEBUG, EventLevel.TEST):
            fire(manager, event, level, *more, **named)

    lazy = cached_property(message)
    lazy.__set_name__(DebugLevel, "pb_msg")
    DebugLevel.__init__, DebugLevel.pb_msg, EventManager.fire_event = keep, lazy, fire_above
    try:
        yield
    finally:
        del DebugLevel.__init__, DebugLevel.pb_msg
        EventManager.fire_event = fire


@contextmanager
def _with_one_empty_table() -> Iterator[None]:
    """Let dbt return the same empty table for every statement without a result.

    To make one compiles the words for dates of a dozen languages; nothing can be put into it.
    """
    from dbt_common.clients import agate_helper

    make = agate_helper.empty_table
    agate_helper.empty_table = cache(make)
    try:
        yield
    finally:
        agate_helper.empty_table = make
