"""The importer: a CSV ledger of any shape, read through a column map, into the books.

`column_map` says what the columns mean, `read` judges every row, `store` writes the good ones.
Of what is stored, a row may change little: a settlement (`settlements`), contacts (`corrections`).
"""
