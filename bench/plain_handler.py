"""A handler as one writes it first: each request checked, inserted and committed by itself, in DuckDB.

`python -m bench.plain_handler PORT FILE`. No history, no account, no idempotency; the last one wins.
"""

from __future__ import annotations

import sys
import threading
from datetime import date, datetime
from decimal import Decimal

import duckdb
import uvicorn
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.domains import Payment


class Sale(BaseModel):
    """A line of a receipt."""

    business_date: date
    store_id: str
    receipt: str
    line: int
    product_id: str
    quantity: int
    unit_price: Decimal = Field(max_digits=10, decimal_places=2)
    total: Decimal = Field(max_digits=12, decimal_places=2)
    currency: str
    payment: Payment
    sold_at: datetime


class Handler:
    """One connection, used by one request at a time: DuckDB orders its commits anyway."""

    def __init__(self, file: str) -> None:
        self._connection = duckdb.connect(file)
        self._lock = threading.Lock()
        self._connection.execute(
            "CREATE TABLE sale (business_date DATE, store_id TEXT, receipt TEXT, line BIGINT, product_id TEXT, "
            "quantity BIGINT, unit_price DECIMAL(10, 2), total DECIMAL(12, 2), currency TEXT, payment TEXT, "
            "sold_at TIMESTAMPTZ, PRIMARY KEY (business_date, store_id, receipt, line))"
        )

    async def post(self, request: Request) -> JSONResponse:
        """One sale."""
        try:
            sale = Sale.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse(error.errors(include_url=False, include_context=False), 422)
        await run_in_threadpool(self._keep, sale)
        return JSONResponse({"accepted": 1})

    def _keep(self, sale: Sale) -> None:
        values = list(sale.model_dump().values())
        with self._lock:
            self._connection.execute(f"INSERT OR REPLACE INTO sale VALUES ({', '.join('?' * len(values))})", values)


if __name__ == "__main__":
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # DuckDB looks for it at every value; as we do
    handler = Handler(sys.argv[2])
    app = Starlette(routes=[Route("/", handler.post, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
