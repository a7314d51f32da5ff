// Params: rows of customer, key, text.
UNWIND $rows AS row
CREATE (:LacunaTerm {customerId: row.customer, key: row.key, text: row.text})
