"""From search parameters to one SQL statement that holds the view in every sub-query."""
