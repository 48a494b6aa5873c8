"""The documents of the house: OpenAPI, the interactive reference, the pages that errors link to."""

from aurum_app.documents.router import build_documents

__all__ = ["build_documents"]
