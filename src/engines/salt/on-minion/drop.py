# Removes what executions left that are over.


def drop_all(order):
    drop(order["ids"])
    return {"dropped": True}


OPERATIONS["drop"] = drop_all
