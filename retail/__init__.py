"""The reference application: five domains of a retailer, told by four systems and the web.

`python -m retail` lives through a day of them; `trivium check retail` says what they declare.
"""

from retail.content import content
from retail.inventory import inventory
from retail.orders import orders
from retail.promotions import promotions
from retail.sales import sales

__all__ = ["content", "inventory", "orders", "promotions", "sales"]
