"""The pages and files that the service serves itself, without services behind it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from aurum_app.documents.explanations import TEXTS, explanations
from aurum_app.factory import create_app
from aurum_core.settings import ApiSettings, AurumSettings

PAGES = ("/docs", "/docs?surface=v1", "/docs/errors", "/docs/migration")


def client_of(**api: object) -> TestClient:
    return TestClient(create_app(AurumSettings(api=ApiSettings.model_validate(api))))


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of()


class Links(HTMLParser):
    """Collects what a page loads and links to, and whatever script or style is written inline."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.addresses |= {v for k, v in attrs if k in {"src", "href"} and v}
        if tag == "style" or "style" in values or (tag == "script" and "src" not in values):
            self.inline.append(tag)
        self.inline += [name for name in values if name.startswith("on")]


def links_of(page: str) -> Links:
    links = Links()
    links.feed(page)
    return links


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    links = links_of(answer.text)
    assert links.inline == []
    assert links.addresses
    for address in links.addresses:
        assert address.startswith(("/", "#")), address
        if address.startswith("/"):
            assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("path", PAGES)
def test_page_has_a_strict_policy(client: TestClient, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


def test_reference_switches_between_surfaces(client: TestClient) -> None:
    assert 'data-document="/v2/openapi.json"' in client.get("/docs").text
    page = client.get("/docs?surface=v1").text
    assert 'data-document="/v1/openapi.json"' in page
    assert 'href="/docs?surface=v2"' in page
    assert 'data-document="/v2/openapi.json"' in client.get("/docs?surface=<script>").text


@pytest.mark.parametrize("path", ["/openapi.json", "/v1/openapi.json", "/v2/openapi.json"])
def test_document_is_served_and_revalidated(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["openapi"].startswith("3.1")
    again = client.get(path, headers={"If-None-Match": f'W/"x", {answer.headers["etag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_has_the_headers_and_no_body(client: TestClient) -> None:
    answer = client.head("/docs/errors")
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["etag"] == client.get("/docs/errors").headers["etag"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("mark.svg", "image/svg+xml"),
    ],
)
def test_asset_has_its_type(client: TestClient, name: str, media_type: str) -> None:
    answer = client.get(f"/docs/assets/{name}")
    assert answer.headers["content-type"] == media_type
    assert len(answer.content) > 100


@pytest.mark.parametrize("name", ["reference.html", "..%2frouter.py", "none.js"])
def test_other_files_are_not_assets(client: TestClient, name: str) -> None:
    assert client.get(f"/docs/assets/{name}").status_code == 404


def test_every_error_has_a_section_with_its_slug(client: TestClient) -> None:
    page = client.get("/docs/errors").text
    anchors = re.findall(r'<section id="([^"]+)">', page)
    assert anchors == [row.slug for row in explanations()]
    assert set(anchors) == set(TEXTS)


def test_problem_type_leads_to_its_section(client: TestClient) -> None:
    problem = client.get("/v2/nothing-here").json()
    page, _, slug = problem["type"].partition("#")
    assert f'<section id="{slug}">' in client.get(page).text


def test_documents_can_be_switched_off() -> None:
    client = client_of(docs_enabled=False)
    for path in ("/docs", "/openapi.json", "/v1/openapi.json", "/v2/openapi.json"):
        assert client.get(path).status_code == 404, path
    assert client.get("/docs/errors").status_code == 200


def test_v1_that_is_off_is_not_offered() -> None:
    client = client_of(enable_v1=False)
    assert "/v1" not in client.get("/docs").text
    assert client.get("/v2/openapi.json").status_code == 200


@pytest.fixture(autouse=True)
def quiet(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    capsys.readouterr()
