"""DTOs: the shapes of the API as pydantic models, for SDK authors and the OpenAPI documents.

They import with pydantic alone.
"""
