"""Real checkpoints and packages, small enough to be made in seconds: two random layers, a vocabulary of letters."""

import json
import string
from pathlib import Path

from hugline.core.checkpoint import find_checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.store import ONNX, load_model, load_predictor, save_model, write_manifest
from hugline.environment import import_transformers
from hugline.packaging.golden import answer_golden
from hugline.packaging.onnx_export import export_onnx
from hugline.tasks.sequence_classification import SequenceClassification

LABELS = ["delivery", "repairs", "returns"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ["parcel", "shoes", "courier", "label", "the", "is", "my", "where", "return", "a", "it", "to"]
MAX_LENGTH = 32  # tokens


def tiny_checkpoint(folder: Path, architecture: str = "bert", seed: int = 0) -> Path:
    """A folder as the hub has them: config.json, model.safetensors, tokenizer.json, tokenizer_config.json."""
    import torch

    transformers = import_transformers()
    transformers.utils.logging.disable_progress_bar()
    tokenizer = _tokenizer(transformers)
    config = transformers.AutoConfig.for_model(
        architecture,
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=MAX_LENGTH + 8,
        initializer_range=0.2,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=0,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = transformers.AutoModel.from_config(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_package(folder: Path, approved: bool = True, pair: bool = False) -> Path:
    """A package with everything that the package stage writes; its model is random, its golden rows are the task's toy rows."""
    import torch

    transformers = import_transformers()
    checkpoint = find_checkpoint(str(tiny_checkpoint(folder.with_name(f"{folder.name}-checkpoint"))))
    task = SequenceClassification(labels=LABELS, pair=pair)
    encoder = checkpoint_encoder(checkpoint.folder, MAX_LENGTH)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(checkpoint.folder, **task.model_kwargs())
    folder.mkdir(parents=True)
    save_model(folder, task, encoder, model, checkpoint)
    export_onnx(task, encoder, load_model(folder), folder / ONNX)
    golden = answer_golden(load_predictor(folder, backend="onnx"), load_predictor(folder, backend="torch"), task.toy)
    reasons = [] if approved else ["test macro_f1 above the floor: 0.2000 is below 0.6000"]
    rule = {"rule": "test macro_f1 above the floor", "value": 0.9 if approved else 0.2, "threshold": 0.6, "passed": approved}
    reports = {
        "golden": golden,
        "gate": {"approved": approved, "reasons": reasons, "rules": [rule]},
        "metrics": {"rows": 4, "monitor": "macro_f1", "accuracy": rule["value"], "macro_f1": rule["value"], "mcc": 0.5, "loss": 0.3, "baselines": {}},
        "lineage": {"dependencies": {"ingested": "0" * 64}, "params": {"seed": 1}, "checkpoint": {}, "resolved": {}, "versions": {"python": "3"}},
    }
    for name, value in reports.items():
        (folder / f"{name}.json").write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text("# A tiny model\n", encoding="utf-8")
    write_manifest(folder)
    return folder


def _tokenizer(transformers: object) -> "object":
    """A WordPiece tokenizer like BERT's, over letters, digits, marks and a few words."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = [*string.ascii_lowercase, *string.digits, *string.punctuation]
    vocabulary = [*SPECIAL, *pieces, *(f"##{p}" for p in pieces), *(w for w in WORDS if w not in pieces)]
    tokenizer = Tokenizer(models.WordPiece({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=MAX_LENGTH, **names)  # type: ignore[attr-defined]
