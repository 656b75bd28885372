"""How a task is learned: fastai's Learner over dict batches. The only place that imports fastai."""
