"""The encoder: cuts as transformers cuts, and holds nothing that threads could corrupt."""

import json
import random
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from hugline.core import encoder as module
from hugline.core.checkpoint import KNOWN, find_checkpoint
from hugline.core.encoder import Encoder, checkpoint_encoder, load_encoder
from hugline.core.features import Features
from hugline.environment import import_transformers
from hugline.errors import CheckpointError
from tests.tiny import tiny_checkpoint

DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 30)  # words; ties, and both sides of what fits in 16 and 17 tokens


def edit(folder: Path, name: str, **values: Any) -> None:
    """Change some keys of a JSON file of a checkpoint; None removes one."""
    file = folder / name
    tree = json.loads(file.read_text(encoding="utf-8")) | values
    file.write_text(json.dumps({k: v for k, v in tree.items() if v is not None}), encoding="utf-8")


def carry_settings(folder: Path) -> None:
    """Give tokenizer.json a truncation and a padding of 12, as the default checkpoint's carries ones of 128."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(12)
    tokenizer.enable_padding(length=12)
    tokenizer.save(str(folder / "tokenizer.json"))


def byte_level(folder: Path) -> None:
    """Put RoBERTa's kind of tokenizer into a checkpoint: byte-level BPE, and <s> A </s></s> B </s>."""
    symbols = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({s: i for i, s in enumerate(symbols)}, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    roles = {"bos": "<s>", "eos": "</s>", "sep": "</s>", "cls": "<s>", "unk": "<unk>", "pad": "<pad>", "mask": "<mask>"}
    names = {f"{role}_token": token for role, token in roles.items()}
    import_transformers().PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **names).save_pretrained(folder)
    edit(folder, "config.json", vocab_size=len(symbols), pad_token_id=1, type_vocab_size=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tiny_checkpoint(tmp_path_factory.mktemp("tiny"))
    carry_settings(place)
    return place


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tiny_checkpoint(tmp_path_factory.mktemp("roberta"), "roberta")
    byte_level(place)
    return place


@pytest.fixture(scope="module")
def default() -> Path:
    return find_checkpoint(DEFAULT, KNOWN[DEFAULT].revision).folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tiny_checkpoint(tmp_path / "tiny")


def word(letters: random.Random) -> str:
    return "".join(letters.choices(string.ascii_lowercase + "éß。", k=letters.randint(1, 3)))


def texts_of(sizes: list[int], seed: int) -> list[str]:
    letters = random.Random(seed)
    return [" ".join(word(letters) for _ in range(n)) for n in sizes]


def ids_of(features: Features) -> list[list[int]]:
    return [features.input_ids[s:e].tolist() for s, e in zip(features.offsets, features.offsets[1:], strict=False)]


def types_of(features: Features) -> list[list[int]]:
    assert features.token_type_ids is not None
    return [features.token_type_ids[s:e].tolist() for s, e in zip(features.offsets, features.offsets[1:], strict=False)]


def test_truncation_and_padding_of_a_tokenizer_json_are_removed(folder: Path) -> None:
    assert json.loads((folder / "tokenizer.json").read_text())["truncation"]["max_length"] == 12
    encoder = checkpoint_encoder(folder, 32)
    assert (encoder.tokenizer.truncation, encoder.tokenizer.padding) == (None, None)
    assert encoder(["a", "a " * 20]).lengths.tolist() == [3, 22]


def test_the_default_checkpoint_carries_truncation_that_is_removed(default: Path) -> None:
    assert json.loads((default / "tokenizer.json").read_text())["truncation"]["max_length"] == 128
    assert checkpoint_encoder(default, 256)(["a", "a " * 200]).lengths.tolist() == [3, 202]


def test_saving_writes_neither_truncation_nor_padding_and_loading_gives_the_same_ids(folder: Path, tmp_path: Path) -> None:
    encoder = checkpoint_encoder(folder, 16)
    encoder.save(tmp_path)
    written = json.loads((tmp_path / "tokenizer.json").read_text())
    assert (written["truncation"], written["padding"]) == (None, None)
    loaded = load_encoder(tmp_path)
    assert (loaded.max_length, loaded.pad_id, loaded.padding_side, loaded.inputs) == (16, 0, "right", encoder.inputs)
    texts = texts_of(list(SIZES), 1)
    assert ids_of(loaded(texts)) == ids_of(encoder(texts))
    assert ids_of(loaded(texts, texts[::-1])) == ids_of(encoder(texts, texts[::-1]))


def test_special_tokens_and_types_of_a_pair_are_berts(folder: Path) -> None:
    encoder = checkpoint_encoder(folder, 32)
    cls, a, sep, b = (encoder.tokenizer.token_to_id(t) for t in ("[CLS]", "a", "[SEP]", "b"))
    features = encoder(["a a"], ["b"])
    assert ids_of(features) == [[cls, a, a, sep, b, sep]]
    assert types_of(features) == [[0, 0, 0, 0, 1, 1]]


def test_what_does_not_fit_is_cut_and_counted(folder: Path) -> None:
    features = checkpoint_encoder(folder, 8)(["a " * 6, "a " * 7, "a " * 16])
    assert features.lengths.tolist() == [8, 8, 8]
    assert features.cut.tolist() == [0, 1, 10]


def test_a_pair_is_cut_at_its_longer_side_first(folder: Path) -> None:
    encoder = checkpoint_encoder(folder, 9)  # 6 beside three special tokens
    a, b = encoder.tokenizer.token_to_id("a"), encoder.tokenizer.token_to_id("b")
    sides = [(first, second) for first, second in ((2, 9), (9, 2), (9, 9), (3, 4))]
    features = encoder(["a " * n for n, _ in sides], ["b " * n for _, n in sides])
    assert [(x.count(a), x.count(b)) for x in ids_of(features)] == [(2, 4), (4, 2), (3, 3), (3, 3)]
    assert features.cut.tolist() == [5, 5, 12, 1]


@pytest.mark.parametrize("checkpoint", ["folder", "roberta", "default"])
@pytest.mark.parametrize("max_length", [16, 17])
def test_cuts_equal_transformers_longest_first(checkpoint: str, max_length: int, request: pytest.FixtureRequest) -> None:
    place: Path = request.getfixturevalue(checkpoint)
    encoder = checkpoint_encoder(place, max_length)
    tokenizer = import_transformers().AutoTokenizer.from_pretrained(place)
    both = [(n, m) for n in SIZES for m in SIZES]
    texts, pairs = texts_of([n for n, _ in both], 2), texts_of([m for _, m in both], 3)
    for second in (None, pairs):
        theirs = tokenizer(texts, second, truncation="longest_first", max_length=max_length, padding=False, return_token_type_ids=True)
        whole = tokenizer(texts, second, truncation=False, padding=False, verbose=False)
        ours = encoder(texts, second)
        assert ids_of(ours) == theirs["input_ids"]
        assert ours.cut.tolist() == [len(w) - len(t) for w, t in zip(whole["input_ids"], theirs["input_ids"], strict=True)]
        if "token_type_ids" in encoder.inputs:
            assert types_of(ours) == theirs["token_type_ids"]


def test_threads_that_share_an_encoder_agree_with_one_thread(folder: Path) -> None:
    encoders = [Encoder(checkpoint_encoder(folder, 8).tokenizer, n, 0, "right", ("input_ids",)) for n in (8, 11, 14, 32)]
    shared = [Encoder(encoders[0].tokenizer, e.max_length, 0, "right", ("input_ids",)) for e in encoders]
    texts = texts_of([random.Random(4).randint(0, 40) for _ in range(60)], 5)
    wanted = [ids_of(e(texts)) for e in encoders]

    def encode(which: int) -> list[list[list[int]]]:
        return [ids_of(shared[which](texts)) for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        for found, want in zip(pool.map(encode, range(4)), wanted, strict=True):
            assert found == [want] * 10


def test_blocks_do_not_change_the_features(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, texts = checkpoint_encoder(folder, 16), texts_of(list(range(20)), 6)
    at_once = encoder(texts, texts[::-1])
    monkeypatch.setattr(module, "BLOCK", 3)
    in_blocks = encoder(texts, texts[::-1])
    assert ids_of(in_blocks) == ids_of(at_once)
    assert in_blocks.row.tolist() == list(range(20))
    assert in_blocks.cut.tolist() == at_once.cut.tolist()


def test_no_texts_have_no_features(folder: Path) -> None:
    assert len(checkpoint_encoder(folder, 16)([])) == 0


def test_pairs_of_another_number_than_texts_are_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        checkpoint_encoder(folder, 16)(["a", "b"], ["c"])


def test_a_checkpoint_without_a_rust_tokenizer_is_refused(copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    with pytest.raises(CheckpointError, match=r"(?s)Rust tokenizer.*none in .*use a checkpoint that has tokenizer\.json"):
        checkpoint_encoder(copy, 16)


@pytest.mark.parametrize(("name", "expected"), [("tokenizer.json", "a Rust tokenizer in"), ("config.json", "JSON in"), ("tokenizer_config.json", "JSON in")])
@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_a_damaged_file_is_named(name: str, expected: str, text: str, copy: Path) -> None:
    (copy / name).write_text(text)
    with pytest.raises(CheckpointError, match=rf"{expected} .*{name}\n.*\n.*damaged"):
        checkpoint_encoder(copy, 16)


def test_more_tokens_than_the_model_takes_are_refused(copy: Path) -> None:
    edit(copy, "tokenizer_config.json", model_max_length=24)
    assert checkpoint_encoder(copy, 24).max_length == 24
    with pytest.raises(CheckpointError, match=r"(?s)at most 24.*found: +25.*set model\.max_length: 24"):
        checkpoint_encoder(copy, 25)


@pytest.mark.parametrize(("model_type", "limit"), [("bert", 40), ("roberta", 38)])
def test_the_limit_is_the_position_table_where_the_tokenizer_names_none(copy: Path, model_type: str, limit: int) -> None:
    edit(copy, "tokenizer_config.json", model_max_length=10**30)
    edit(copy, "config.json", model_type=model_type, max_position_embeddings=40, pad_token_id=1)
    with pytest.raises(CheckpointError, match=f"at most {limit}"):
        checkpoint_encoder(copy, limit + 1)
    assert checkpoint_encoder(copy, limit).max_length == limit


def no_pad_token(copy: Path) -> None:
    edit(copy, "tokenizer_config.json", pad_token=None, eos_token="[SEP]")
    edit(copy, "config.json", pad_token_id=None)


def pad_in_config(copy: Path) -> None:
    edit(copy, "tokenizer_config.json", pad_token=None, eos_token="[SEP]")
    edit(copy, "config.json", pad_token_id=4)


def pad_as_mapping(copy: Path) -> None:
    edit(copy, "tokenizer_config.json", pad_token={"content": "[MASK]"})


@pytest.mark.parametrize(("change", "pad_id"), [(no_pad_token, 3), (pad_in_config, 4), (pad_as_mapping, 4)])
def test_padding_is_the_pad_token_else_the_configs_else_the_end_token(copy: Path, change: Callable[[Path], None], pad_id: int) -> None:
    change(copy)
    assert checkpoint_encoder(copy, 16).pad_id == pad_id


def test_token_types_are_an_input_only_where_the_model_has_several(copy: Path) -> None:
    assert checkpoint_encoder(copy, 16).inputs == ("input_ids", "attention_mask", "token_type_ids")
    edit(copy, "config.json", type_vocab_size=1)
    encoder = checkpoint_encoder(copy, 16)
    assert encoder.inputs == ("input_ids", "attention_mask")
    assert encoder(["a"], ["b"]).token_type_ids is None
    assert encoder.fill == {"input_ids": 0, "attention_mask": 0}


def test_padding_goes_left_where_the_tokenizer_says_so(copy: Path) -> None:
    edit(copy, "tokenizer_config.json", padding_side="left")
    assert checkpoint_encoder(copy, 16).padding_side == "left"
