"""Rows that real shops may send though the files at hand do not: what is legal is taken, what is wrong has a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_real_shops import APP, Shops

pytestmark = pytest.mark.slow

UCI = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
OLIST = (
    "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date"
)
STOCK = "ProductID\tLocationID\tShelf\tBin\tQuantity\trowguid\tModifiedDate"
OFFER = (
    "SpecialOfferID\tDescription\tDiscountPct\tType\tCategory\tStartDate\tEndDate\tMinQty\tMaxQty\trowguid\t"
    "ModifiedDate"
)
GUID = "{0290C4F5-191F-4337-AB6B-0A2DDE03CBF9}"

LEGAL = {
    "uci-daily 2011-08-12.csv": [
        UCI,
        "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom",
        "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom",
        "563187,PADS,PADS TO MATCH ALL CUSHIONS,1,2011-08-12 14:52:00,0.001,17850.0,Unspecified",
        "563187,22423,,-80995,2011-08-12 14:52:00,0.0,,EIRE",
        "563187,22423,,-80995,2011-08-12 14:52:00,0.0,,EIRE",
        'C563188,gift_0001_40,"Voucher £40.00, ""boxed""",-1,2011-08-12 00:00:00,34.04,18269,RSA',
        "563189,M,?,1,2011-08-12 23:59:59,12,12346.0,",
    ],
    "olist-orders orders_2018.csv": [
        OLIST,
        *(
            f"o{status},c1,{status},2018-10-14 00:30:00,,,,2018-11-01 00:00:00"
            for status in ("created", "approved", "invoiced", "processing", "shipped", "unavailable", "canceled")
        ),
        "late,c1,delivered,2018-08-01 10:00:00,2018-08-09 10:00:00,2018-08-03 10:00:00,2018-08-02 10:00:00,",
        "same,c1,delivered,2018-08-01 10:00:00,2018-08-01 10:00:00,2018-08-01 10:00:00,,2018-08-02 00:00:00",
    ],
    "olist-items order_items_2018.csv": [
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
        "o1,1,p1,s1,2020-04-09 22:35:08,0.85,0.0",
        "o1,21,p1,s1,2018-04-09 22:35:08,6735.0,409.68",
    ],
    "olist-payments payments.csv": [
        "order_id,payment_sequential,payment_type,payment_installments,payment_value",
        "o1,1,not_defined,1,0.0",
        "o1,29,voucher,0,13664.08",
        "o2,1,debit_card,24,0.01",
    ],
    "adventureworks-stock ProductInventory_2.csv": [
        STOCK,
        f"1\t1\tN/A\t0\t0\t{GUID}\t2014-08-08 10:01:36.827000000",
        f"1\t50\t\t61\t32767\t{GUID.lower()}\t2008-03-31 00:00:00",
        f"2\t6\tA\t5.0\t-3\t{GUID.strip('{}')}\t2014-08-08 23:59:59.5",
    ],
    "adventureworks-offers offers.csv": [
        OFFER,
        f"1\tNo Discount\t0.0\tNo Discount\tNo Discount\t2011-05-01 00:00:00\t2014-11-30 00:00:00\t0\t\t{GUID}\t"
        "2011-04-01 00:00:00",
        f"2\tAll of it\t1.0\tNew kind\tCustomer\t2011-05-01 00:00:00\t2011-05-01 00:00:00\t11\t14.0\t{GUID}\t"
        "2011-04-01 00:00:00",
    ],
    "dunnhumby-mailer mailer_week_53.csv": [
        "product_id,store_id,display_location,mailer_location,week",
        "1000092,292,0,0,53",
        "25671,3,A,Z,53",
    ],
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_may_legally_appear_is_taken(name: str, tmp_path: Path) -> None:
    source, file = name.split(" ")
    path = tmp_path / file
    path.write_text("\n".join(LEGAL[name]) + "\n", encoding="utf-8")
    (found,) = json.loads(Shops(tmp_path).run("load", APP, source, str(path), "--json", "--dry-run"))["files"]
    assert found["account"]["accepted"] == len(LEGAL[name]) - 1, found["rejects"]


BAD = {
    "uci-daily 2011-08-12.csv": [
        UCI,
        ",22423,no invoice,1,2011-08-12 14:50:00,1.0,,France",
        "1,22423,half a piece,1.5,2011-08-12 14:50:00,1.0,,France",
        "1,22423,no such day,1,2011-02-30 14:50:00,1.0,,France",
        "1,22423,no price,1,2011-08-12 14:50:00,,,France",
        "1,22423,a comma too many,1,2011-08-12 14:50:00,1,50,,France",
    ],
    "olist-orders orders.csv": [
        OLIST,
        "o1,c1,teleported,2018-10-14 10:30:00,,,,",
        "o2,c1,created,,,,,",
        ",c1,created,2018-10-14 10:30:00,,,,",
    ],
    "adventureworks-offers offers.csv": [
        OFFER,
        f"1\tEnds first\t0.1\tx\ty\t2012-05-01 00:00:00\t2011-11-30 00:00:00\t0\t\t{GUID}\t2011-04-01 00:00:00",
        f"2\tHalf\t0.1\tx\ty\t2011-05-01 00:00:00\t2011-11-30 00:00:00\t0\t14.5\t{GUID}\t2011-04-01 00:00:00",
        f"3\tGift\t1.5\tx\ty\t2011-05-01 00:00:00\t2011-11-30 00:00:00\t0\t\t{GUID}\t2011-04-01 00:00:00",
        "4\tNo GUID\t0.1\tx\ty\t2011-05-01 00:00:00\t2011-11-30 00:00:00\t0\t\t{1-2-3}\t2011-04-01 00:00:00",
    ],
    "dunnhumby-mailer mailer_week_54.csv": [
        "product_id,store_id,display_location,mailer_location,week",
        "1000092,292,0,0,54",
        "1000092,292,0,0,0",
        "1000092,292,AA,0,2",
        "1000092,292,0,,2",
    ],
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_rejected_with_a_reason(name: str, tmp_path: Path) -> None:
    source, file = name.split(" ")
    path = tmp_path / file
    path.write_text("\n".join(BAD[name]) + "\n", encoding="utf-8")
    (found,) = json.loads(Shops(tmp_path).run("load", APP, source, str(path), "--json", "--dry-run"))["files"]
    assert found["account"]["rejected"] == len(BAD[name]) - 1
    assert all(reject["reasons"] for reject in found["rejects"])
