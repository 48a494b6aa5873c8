"""From a handler's answer to the bytes of a reply: tags, freshness, codings, the cache, streams."""
