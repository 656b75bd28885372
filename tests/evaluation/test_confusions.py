"""Which labels are taken for which."""

from hugline.evaluation.confusions import confusions, heat, heat_map, most_confused


def test_confusions_come_by_count_then_in_the_order_of_the_labels() -> None:
    found = confusions(["a", "b", "c"], [[5, 1, 1], [7, 3, 0], [0, 2, 2]])
    assert [(pair["actual"], pair["predicted"], pair["count"], pair["rows"]) for pair in found] == [
        ("b", "a", 7, 10),
        ("c", "b", 2, 4),
        ("a", "b", 1, 7),
        ("a", "c", 1, 7),
    ]


def test_the_heat_map_keeps_the_labels_of_the_most_frequent_confusions() -> None:
    assert most_confused([[9, 0, 0, 1], [0, 9, 0, 0], [0, 0, 9, 5], [0, 0, 0, 9]], 2) == [2, 3]
    assert most_confused([[9, 0, 0], [0, 9, 0], [0, 0, 9]], 2) == [0, 1]


def test_the_heat_is_the_share_of_the_actual_labels_rows() -> None:
    assert [heat(0, 10, True), heat(1, 20, False), heat(7, 10, False), heat(3, 10, True), heat(10, 10, True)] == ["z", "w1", "w6", "r4", "r7"]


def test_the_heat_map_has_actual_labels_in_rows_and_predicted_ones_in_columns() -> None:
    found = heat_map(["a", "b"], [[5, 1], [0, 4]])
    assert found["lines"] == [("a", [(5, "r7"), (1, "w3")]), ("b", [(0, "z"), (4, "r7")])]
    assert (found["errors"], found["errors_shown"]) == (1, 1)
