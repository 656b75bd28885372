"""Your own code in the pipeline: a function on every source row, and callbacks on training. Both do nothing as they stand.

What they import is theirs alone; import it inside the function, so that the other stages stay quick. A change here makes
ingest and finetune stale.
"""

from typing import Any

from hugline.params import Params


def prepare(row: dict[str, Any]) -> dict[str, Any] | None:
    """One source row before anything else sees it: its columns in, its columns out; None sets it aside.

    Columns made here count as the source's, so `data.columns` may name them. To join two columns and drop the rows of a
    test account:

        def prepare(row):
            if row["sender"] == "test@example.org":
                return None
            row["message"] = f"{row['subject']}\\n{row['body']}".strip()
            return row

    Ingest reads the first 100 rows twice, to learn which columns come out. An error here names the row and stops it.
    """
    return row


def callbacks(params: Params) -> list[Any]:
    """Further fastai callbacks for training, https://docs.fast.ai/callback.core.html; of the settings read only what finetune depends on in dvc.yaml.

    To look at every hundredth loss:

        def callbacks(params):
            from fastai.callback.core import Callback

            class Look(Callback):
                def after_batch(self):
                    if self.training and self.train_iter % 100 == 0:
                        print(self.train_iter, float(self.loss))

            return [Look()]
    """
    return []
