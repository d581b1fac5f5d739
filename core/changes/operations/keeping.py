"""Operations and new records as plans and change sets keep them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgpack

from core.changes.operations.base import Operation
from core.changes.operations.values import Set
from core.secrets import decrypt, encrypt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models.base import Record


def operations_to_json(
    model: type[Record], operations: Mapping[str, Operation]
) -> dict[str, Any]:
    """Field → operation, for a plan to keep; those on secret fields sealed."""
    kept = {}
    for name, operation in operations.items():
        data = operation.to_json()
        is_secret = model.column(name).attname in model.secret_fields
        kept[name] = {"op": operation.name, **_sealed(data)} if is_secret else data
    return kept


def operations_to_payload(operations: Mapping[str, Operation]) -> bytes:
    """What of the operations is too long for JSON."""
    kept = {name: each.payload() for name, each in operations.items()}
    kept = {name: payload for name, payload in kept.items() if payload}
    return bytes(msgpack.packb(kept)) if kept else b""


def operations_from_json(
    data: Mapping[str, Any], payload: bytes = b""
) -> dict[str, Operation]:
    """The operations of a plan."""
    unsealed = {field: unseal(operation) for field, operation in data.items()}
    operations: dict[str, Operation] = {
        field: Operation.registry[operation["op"]].from_json(operation)
        for field, operation in unsealed.items()
    }
    kept = msgpack.unpackb(payload) if payload else {}
    for field, more in kept.items():
        operations[field] = operations[field].with_payload(more)
    return operations


def rows_to_json(model: type[Record], rows: Sequence[Mapping[str, Any]]) -> Any:
    """The values of new records, for a plan to keep; sealed where there are secrets."""
    kept = [{name: Set(value).to_json() for name, value in row.items()} for row in rows]
    return _sealed(kept) if model.secret_fields else kept


def rows_from_json(kept: Any) -> list[dict[str, Any]]:
    """The values of new records."""
    return [
        {name: Set.from_json(data).value for name, data in row.items()}
        for row in unseal(kept)
    ]


def unseal(value: Any) -> Any:
    """What was sealed, or the value itself."""
    if isinstance(value, dict) and "sealed" in value:
        return json.loads(decrypt(value["sealed"]))
    return value


def _sealed(value: Any) -> dict[str, str]:
    return {"sealed": encrypt(json.dumps(value))}
