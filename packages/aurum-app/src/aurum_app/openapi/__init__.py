"""OpenAPI 3.1 documents, one per surface and one of everything, made from the routes on demand."""

from aurum_app.openapi.generator import OpenAPIGenerator, generator_of, render_document

__all__ = ["OpenAPIGenerator", "generator_of", "render_document"]
