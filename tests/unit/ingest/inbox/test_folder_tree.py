import os
import time

from hypothesis import given
from hypothesis import strategies as st

from ingest.inbox.folder_tree import FolderTree

folders = st.lists(st.sampled_from("abc"), max_size=4).map(lambda parts: "/" + "/".join(["in", *parts]))


@given(st.lists(st.tuples(st.sampled_from(["set", "pop", "pop_all"]), folders)))
def test_it_holds_what_a_search_through_all_folders_would_find(steps: list[tuple[str, str]]) -> None:
    tree: FolderTree[int] = FolderTree()
    model: dict[str, int] = {}
    for number, (step, folder) in enumerate(steps):
        if step == "set":
            tree[folder] = model[folder] = number
        elif step == "pop":
            assert tree.pop(folder) == model.pop(folder, None)
        else:
            gone = [one for one in model if one == folder or one.startswith(folder + os.sep)]
            assert sorted(tree.pop_all(folder)) == sorted(model.pop(one) for one in gone)
        assert len(tree) == len(model)
    assert sorted(tree.pop_all("/in")) == sorted(model.values())


def test_renames_of_four_times_as_many_folders_cost_about_four_times_as_much() -> None:
    def seconds(number: int) -> float:
        tree: FolderTree[int] = FolderTree()
        began = time.process_time()
        for one in range(number):
            tree[f"/in/old-{one}"] = one
        for one in range(number):
            tree.pop_all(f"/in/old-{one}")
            tree[f"/in/new-{one}"] = one
        return time.process_time() - began

    seconds(1000)
    assert seconds(32_000) / seconds(8000) < 8  # a search through all of them made it 16
