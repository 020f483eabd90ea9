"""The store's tables, revision by revision (`versions/`). A revision that was released is never changed."""
