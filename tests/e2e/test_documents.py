"""Every block of commands in the documents, run as its reader would; see doc_stage.py. tests/integration/docs sees to it
that each block has a scene, or a reason why not."""

import pytest

pytest.register_assert_rewrite("doc_scenes", "doc_scenes_ci", "doc_scenes_install", "doc_scenes_manuals", "doc_scenes_start", "doc_stage")
import doc_scenes  # noqa: F401  (fills the table, as the next)
import doc_scenes_ci  # noqa: F401
import doc_scenes_install  # noqa: F401
import doc_scenes_manuals  # noqa: F401
import doc_scenes_start  # noqa: F401
import doc_pages
from doc_stage import SCENES, DocumentRegistries, Stage, perform

BLOCKS = {block.key: block for block in doc_pages.all_blocks()}


@pytest.fixture(scope="session")
def document_registries(session, running_world):
    registries = DocumentRegistries(session / "document-registries", running_world.authority)
    yield registries
    registries.stop()


@pytest.mark.parametrize("key", [key for key in SCENES if key in BLOCKS])
def test_the_block_does_what_its_page_says(request, document_registries, world, aws, home, folder, key):
    stage = Stage(BLOCKS[key], world, aws, home, folder, lambda: request.getfixturevalue("engine"))
    perform(stage, SCENES[key])
